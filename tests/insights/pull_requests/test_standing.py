"""Where open pull requests stand."""

from datetime import timedelta
from math import inf

import pytest

from insights.clock.look import look
from insights.pull_requests.pace import UNKNOWN, Pace, Yardstick
from insights.pull_requests.stages import Stage
from insights.pull_requests.standing import standings
from insights.pull_requests.turn import TurnKind
from tests.insights.lives import CONTEXT, HOUR, SETTINGS, approved, at, commented, pull_request, pushed

NOW = look(SETTINGS, now=at("Wed 09:00"))
USUAL = {Stage.PICKUP: Yardstick(n=30, p50=6 * HOUR, p85=24 * HOUR)}


def stand(*facts, usual=USUAL):
    return standings(facts, NOW, CONTEXT, usual=usual)


def test_the_wait_is_that_of_the_turn_measured_by_the_stage():
    (found,) = stand(pull_request(opened="Mon 21:00"))

    # Mon 21:00 to Wed 09:00: 36 hours; one and a half times the usual 24.
    assert (found.turn.kind, found.stage, found.waited) == (TurnKind.REVIEWER, Stage.PICKUP, 36 * HOUR)
    assert (found.pace, found.ratio) == (Pace.OVERDUE, 1.5)


def test_a_stage_without_a_yardstick_has_no_pace_and_no_ratio():
    (found,) = stand(pull_request(commented("Mon 10:00"), pushed("Mon 11:00"), opened="Mon 09:00"))

    assert (found.stage, found.yardstick, found.pace, found.ratio) == (Stage.REVIEW, UNKNOWN, None, None)
    assert found.waited == 46 * HOUR


def test_they_stand_in_the_order_of_their_ids():
    found = stand(*(pull_request(opened="Mon 09:00", number=number) for number in (3, 1, 2)))

    assert [standing.id for standing in found] == [1, 2, 3]


@pytest.mark.parametrize(("opened", "ratio"), [("Wed 09:00", 0.0), ("Wed 08:00", inf)])
def test_where_the_usual_is_no_time_any_wait_is_beyond_it(opened, ratio):
    (found,) = stand(
        pull_request(opened=opened), usual={Stage.PICKUP: Yardstick(n=20, p50=timedelta(0), p85=timedelta(0))}
    )

    assert found.ratio == ratio


def test_an_approved_one_waits_for_its_merge():
    (found,) = stand(pull_request(approved("Tue 09:00"), opened="Mon 09:00"))

    assert (found.turn.kind, found.stage, found.waited) == (TurnKind.READY_TO_MERGE, Stage.MERGE_WAIT, 24 * HOUR)
