"""The yardstick is the repository itself."""

from datetime import timedelta

import pytest

from insights.pull_requests.cohorts import merged_in
from insights.pull_requests.pace import UNKNOWN, Pace, Yardstick, pace_of, yardsticks
from insights.pull_requests.stages import Stage
from insights.result import Window
from insights.settings import ClockKind
from tests.insights.lives import HOUR, approved, at, commented, measured, merged_after, pull_request, readied

USUAL = Yardstick(n=20, p50=3 * HOUR, p85=8 * HOUR)
MONTH = Window(at("Mon 00:00"), at("5 Mon 00:00"))


@pytest.mark.parametrize(
    ("hours", "pace"),
    [
        (0, Pace.ON_PACE),
        (3, Pace.ON_PACE),
        (3.01, Pace.SLOWER_THAN_USUAL),
        (8, Pace.SLOWER_THAN_USUAL),
        (8.01, Pace.OVERDUE),
    ],
)
def test_up_to_the_median_on_pace_up_to_the_85th_percentile_slower_above_overdue(hours, pace):
    assert pace_of(hours * HOUR, USUAL) is pace


@pytest.mark.parametrize("yardstick", [UNKNOWN, Yardstick(n=19, p50=3 * HOUR)])
def test_with_fewer_than_twenty_nothing_is_said(yardstick):
    assert pace_of(99 * HOUR, yardstick) is None


def test_each_stage_has_its_own_yardstick():
    rows = [merged_after(number * HOUR, 2 * HOUR, HOUR, number=number, coding=HOUR) for number in range(1, 21)]
    usual = yardsticks(merged_in(rows, MONTH), ClockKind.WORK)

    assert usual[Stage.PICKUP] == Yardstick(n=20, p50=10.5 * HOUR, p85=17.15 * HOUR)
    assert usual[Stage.REVIEW] == Yardstick(n=20, p50=2 * HOUR, p85=2 * HOUR)
    assert usual[Stage.MERGE_WAIT].p50 == HOUR
    assert usual[Stage.DRAFT] == Yardstick(n=0)
    # Every life began an hour before Monday 00:00, on a Sunday: at work that hour does not count.
    assert usual[Stage.CODING].p50 == timedelta(0)
    assert yardsticks(merged_in(rows, MONTH), ClockKind.WALL)[Stage.CODING].p50 == HOUR


def test_only_those_that_went_through_a_stage_measure_it():
    unanswered = pull_request(opened="Mon 09:00", merged="Mon 12:00", number=1)
    never_approved = pull_request(commented("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00", number=2)
    whole = pull_request(
        readied("Mon 09:30"),
        commented("Mon 10:00"),
        approved("Mon 11:00"),
        opened="Mon 09:00",
        merged="Mon 12:00",
        number=3,
    )
    unread = pull_request(
        approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00", number=4, is_activity_known=False
    )
    undated = pull_request(
        approved("Mon 10:00"), opened="Mon 09:00", merged="Mon 12:00", number=5, first_commit_at=None
    )
    rows = [measured(facts) for facts in (unanswered, never_approved, whole, unread, undated)]

    usual = yardsticks(merged_in(rows, MONTH), ClockKind.WORK)
    assert {stage: usual[stage].n for stage in Stage} == {
        Stage.CODING: 4,  # all but the one whose first commit is not known
        Stage.DRAFT: 1,
        Stage.PICKUP: 3,  # not the unanswered one, nor the one whose log is not read
        Stage.REVIEW: 3,
        Stage.MERGE_WAIT: 3,  # those that were approved
    }
