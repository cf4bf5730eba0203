"""Pickup: answered, still waiting, declined, unreviewed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

from insights.clock.look import look
from insights.pulse.pickup import Estimate, pickup, pickup_cohort, pickup_waits
from insights.result import Exclusion, WhyNot
from insights.settings import ClockKind
from tests.insights.lives import (
    DAY,
    HOUR,
    SETTINGS,
    at,
    commented,
    drafted,
    measured,
    merged_after,
    pull_request,
    readied,
)
from tests.insights.pull_requests.strategies import START, lives

NOW = look(SETTINGS, now=at("3 Mon 00:00"))


def test_it_has_an_85th_percentile_with_twenty():
    twenty = [merged_after(number * HOUR, number=number) for number in range(1, 21)]

    # 20 ended waits of 1 to 20 hours: half are over with the 10th, 85 of 100 with the 17th.
    assert pickup(twenty, NOW).value.p50 == Estimate(10 * HOUR)
    assert pickup(twenty, NOW).value.p85 == Estimate(17 * HOUR)
    assert pickup(twenty[:19], NOW).value.p85 is None


def test_fewer_than_five_are_too_few():
    answer = pickup([merged_after(HOUR, number=number) for number in range(1, 5)], NOW)

    assert (answer.value, answer.why_not, answer.members) == (None, WhyNot.TOO_FEW, (1, 2, 3, 4))


def test_the_window_holds_those_that_became_ready_in_it():
    early = merged_after(HOUR, number=1, ready=at("Mon 00:00") - 28 * DAY)
    was_draft = measured(
        pull_request(
            readied("2 Tue 09:00"), opened=at("Mon 00:00") - 28 * DAY, first=at("Mon 00:00") - 28 * DAY, number=2
        )
    )

    assert pickup([early, was_draft], NOW).members == (2,)


def test_time_as_a_draft_does_not_count_as_waiting():
    back_and_forth = pull_request(
        drafted("Mon 10:00"), readied("Mon 15:00"), commented("Mon 16:00"), opened="Mon 09:00"
    )
    cohort = pickup_cohort([measured(back_and_forth)], NOW.last_days(28))

    # 9 - 10 and 15 - 16: two hours.
    assert [wait.duration for wait in pickup_waits(cohort, NOW)] == [2 * HOUR]


def test_those_whose_log_is_not_read_are_left_out():
    rows = [measured(pull_request(opened="Mon 09:00", number=1, is_activity_known=False))]

    assert pickup(rows, NOW).exclusions == {Exclusion.ACTIVITY_UNKNOWN: 1}


@given(facts=st.lists(lives(), min_size=5, max_size=25))
def test_it_agrees_with_lifelines_on_any_repository(facts):
    rows = [measured(one) for one in facts]
    now = look(SETTINGS, now=START + timedelta(days=70), kind=ClockKind.WALL)
    window = now.last_days(80)
    answer = pickup(rows, now, window=window)
    waits = pickup_waits(pickup_cohort(rows, window), now)
    if answer.value is None:
        assert len(waits) < 5
        return
    fit = KaplanMeierFitter().fit([wait.duration / HOUR for wait in waits], [wait.is_over for wait in waits])
    if answer.value.p50.is_lower_bound:
        assert answer.value.p50.time == max(wait.duration for wait in waits)
        assert fit.survival_function_["KM_estimate"].iloc[-1] > 0.5 - 1e-9
    else:
        assert answer.value.p50.time / HOUR == pytest.approx(fit.median_survival_time_) or any(
            abs(still - 0.5) < 1e-9 for still in fit.survival_function_["KM_estimate"]
        )
