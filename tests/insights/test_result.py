"""A result has a value or a reason, and can be written as JSON."""

import msgspec
import pytest

from insights.result import DefinitionId, Exclusion, Result, WhyNot, Window
from tests.insights.lives import HOUR, at

SOME = DefinitionId("pickup", 1)


def test_it_has_a_value_or_a_reason_and_never_both_or_neither():
    with pytest.raises(ValueError, match="not both"):
        Result(definition=SOME, n=1)
    with pytest.raises(ValueError, match="not both"):
        Result(definition=SOME, n=1, value=3, why_not=WhyNot.TOO_FEW)


def test_zero_is_a_value():
    assert Result(definition=SOME, n=0, value=0).value == 0


def test_it_cannot_rest_on_fewer_than_no_facts():
    with pytest.raises(ValueError, match="cannot be -1"):
        Result(definition=SOME, n=-1, value=0)


def test_two_results_share_no_mapping():
    one, other = Result(definition=SOME, n=0, value=0), Result(definition=SOME, n=0, value=0)

    assert one.exclusions is not other.exclusions


def test_it_is_written_as_json_with_its_definition_version():
    window = Window(at("Mon 00:00"), at("Tue 00:00"))
    result = Result(definition=SOME, n=3, value=HOUR, window=window, exclusions={Exclusion.SYNC: 2}, members=(7, 8, 9))

    assert msgspec.json.decode(msgspec.json.encode(result)) == {
        "definition": {"name": "pickup", "version": 1},
        "n": 3,
        "value": "PT3600S",
        "why_not": None,
        "window": {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"},
        "exclusions": {"sync": 2},
        "flags": {},
        "members": [7, 8, 9],
    }
