"""Ageing work in progress."""

from insights.clock.look import look
from insights.flow.ageing import Ageing, ageing
from insights.pull_requests.stages import Stage
from insights.result import WhyNot
from tests.insights.lives import (
    DAY,
    HOUR,
    SETTINGS,
    approved,
    at,
    commented,
    measured,
    merged_after,
    pull_request,
    readied,
)

NOW = look(SETTINGS, now=at("2 Wed 09:00"))
PAST = [merged_after(number * HOUR, 2 * HOUR, 3 * HOUR, number=100 + number) for number in range(1, 6)]


def test_open_ones_stand_by_stage_and_working_age_the_oldest_first():
    rows = [
        measured(pull_request(opened="2 Tue 09:00", number=1)),
        measured(pull_request(commented("Fri 10:00"), opened="Fri 09:00", number=2)),
        measured(pull_request(approved("2 Mon 10:00"), opened="2 Mon 09:00", number=3)),
        measured(pull_request(opened="2 Wed 08:00", number=4, is_draft=True)),
    ]
    answer = ageing([*rows, *PAST], NOW)

    # Fri 09 - Wed 09 at work: 15 + 24 + 24 + 9 = 72 hours.
    assert answer.value.items == (
        Ageing(2, Stage.REVIEW, 72 * HOUR),
        Ageing(3, Stage.MERGE_WAIT, 48 * HOUR),
        Ageing(1, Stage.PICKUP, 24 * HOUR),
        Ageing(4, Stage.DRAFT, HOUR),
    )
    assert (answer.n, answer.members) == (4, (1, 2, 3, 4))


def test_the_bands_say_at_which_age_past_ones_left_each_stage():
    answer = ageing([measured(pull_request(opened="2 Tue 09:00", number=1)), *PAST], NOW)
    bands = answer.value.bands

    # They left pickup at 1 to 5 hours, review two later, the merge wait three after that. None was a draft.
    assert [bands[stage].p50 for stage in (Stage.PICKUP, Stage.REVIEW, Stage.MERGE_WAIT)] == [
        3 * HOUR,
        5 * HOUR,
        8 * HOUR,
    ]
    assert bands[Stage.DRAFT] is None
    assert bands[Stage.PICKUP].p85 is None


def test_a_stage_that_was_not_gone_through_leaves_no_age():
    drafts = [
        measured(
            pull_request(readied("Mon 12:00"), commented("Mon 13:00"), opened="Mon 09:00", merged="Mon 18:00", number=n)
        )
        for n in range(10, 15)
    ]
    bands = ageing([measured(pull_request(opened="2 Tue 09:00", number=1)), *drafts], NOW).value.bands

    # Ready after 3 hours, answered after 4, never approved: in review until the merge after 9.
    assert [band and band.p50 for band in bands.values()] == [3 * HOUR, 4 * HOUR, 9 * HOUR, None]


def test_one_merged_more_than_90_days_ago_is_no_measure():
    old = [merged_after(HOUR, number=200 + n, ready=at("Mon 00:00") - 100 * DAY) for n in range(5)]
    answer = ageing([measured(pull_request(opened="2 Tue 09:00", number=1)), *old], NOW)

    assert answer.value.bands[Stage.PICKUP] is None


def test_where_nothing_is_open_there_is_nothing_to_see():
    assert ageing(PAST, NOW).why_not is WhyNot.NO_DATA
