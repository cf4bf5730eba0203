"""Settings that no figure can be worked out with are refused, every problem at once."""

from datetime import timedelta

import pytest

from insights.errors import InsightError, SettingsInvalid
from insights.settings import Target, WorkspaceSettings


def test_the_defaults_are_those_of_the_definitions():
    settings = WorkspaceSettings()

    assert (settings.time_zone, settings.weekend, settings.required_approvals) == ("UTC", {5, 6}, 1)
    assert (settings.size_limits, settings.stale_days, settings.are_names_shown) == ((10, 50, 200, 500), 90, False)


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("time_zone", "Mars/Olympus", "no time zone 'Mars/Olympus'"),
        ("time_zone", "../etc/passwd", "no time zone"),
        ("time_zone", "Europe", "no time zone"),
        ("weekend", frozenset({7}), "numbered 0"),
        ("weekend", frozenset(range(7)), "at least one working day"),
        ("week_starts_on", 7, "A week starts"),
        ("required_approvals", -1, "required approvals"),
        ("size_limits", (10, 50, 50, 500), "larger than the one before"),
        ("size_limits", (50, 10, 200, 500), "larger than the one before"),
        ("stale_days", 30, "in this order"),
        ("active_days", 0, "in this order"),
        ("pickup_target", Target(share=1.2, within=timedelta(hours=4)), "share"),
        ("pickup_target", Target(share=0.8, within=timedelta(0)), "positive"),
    ],
)
def test_each_problem_has_a_sentence(field, value, why):
    with pytest.raises(SettingsInvalid, match=why) as caught:
        WorkspaceSettings(**{field: value})

    assert len(caught.value.problems) == 1
    assert isinstance(caught.value, InsightError)


def test_all_problems_are_told_at_once():
    with pytest.raises(SettingsInvalid) as caught:
        WorkspaceSettings(time_zone="Nowhere", required_approvals=-1, bots=frozenset("x"), humans=frozenset("x"))

    assert len(caught.value.problems) == 3
