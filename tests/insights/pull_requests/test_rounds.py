"""Rounds of review and answer."""

import pytest

from tests.insights.lives import (
    ALICE,
    CARLA,
    RABBIT,
    approved,
    asked_for_changes,
    commented,
    force_pushed,
    measured,
    pull_request,
    pushed,
    readied,
)


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([], 0),
        ([pushed("Mon 10:00")], 0),  # a push before any answer answers nothing
        ([commented("Mon 10:00")], 0),  # an answer without a push is half a round
        ([commented("Mon 10:00"), pushed("Mon 11:00")], 1),
        ([commented("Mon 10:00"), commented("Mon 10:05"), pushed("Mon 11:00"), pushed("Mon 12:00")], 1),
        ([commented("Mon 10:00"), pushed("Mon 11:00"), asked_for_changes("Mon 12:00"), pushed("Mon 13:00")], 2),
        ([commented("Mon 10:00"), force_pushed("Mon 11:00")], 1),
        ([commented("Mon 10:00"), pushed("Mon 11:00", by=None)], 1),  # nobody named: the author's
        ([commented("Mon 10:00"), pushed("Mon 11:00", by=CARLA)], 0),  # somebody else's push
        ([commented("Mon 10:00", by=RABBIT), pushed("Mon 11:00")], 0),
        ([commented("Mon 10:00", by=ALICE), pushed("Mon 11:00")], 0),
        # After the approval nothing is a round any more: the push of 13:00 is not counted.
        ([commented("Mon 10:00"), pushed("Mon 11:00"), approved("Mon 12:00"), pushed("Mon 13:00")], 1),
        # To the draft: before the first answer that counts.
        ([commented("Mon 10:00"), pushed("Mon 11:00"), readied("Mon 12:00"), commented("Mon 13:00")], 0),
    ],
)
def test_a_round_is_an_answer_and_then_a_push(events, count):
    assert measured(pull_request(*events, opened="Mon 09:00", merged="Tue 09:00")).rounds == count
