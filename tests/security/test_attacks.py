"""Every entry of an attack file against the running service: refused as listed, and nothing else happened.

pytest tests/security --attacks FILE [--attack-ids REGEX] [--database URL]; `make attacks` runs ours, on both databases.
"""

from __future__ import annotations

from tests.security import scoreboard
from tests.security.effects import check_effect
from tests.security.expectations import check_answer, check_reason
from tests.security.invariants import check_invariants
from tests.security.performance import perform
from tests.security.states import prepare_state


def test_the_service_withstands_it(case, stage, record_property):
    if case.problem is not None:
        raise case.problem
    laboratory = stage.laboratory
    finish_state = prepare_state(case.entry, laboratory)
    outcome = perform(case.entry, laboratory)
    record_property(scoreboard.PROPERTY, scoreboard.counts_of(outcome))
    check_answer(outcome)
    check_reason(outcome)
    finish_state()
    for effect in case.entry["expect"]["effects"]:
        check_effect(effect, outcome)
    check_invariants(outcome)
