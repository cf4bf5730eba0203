"""Shares of the stages."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.flow.where_time_goes import stage_shares, where_time_goes
from insights.pull_requests.stages import Stage, StageTimes
from insights.result import Exclusion, WhyNot
from tests.insights.lives import DAY, HOUR, SETTINGS, at, measured, merged_after, pull_request


def life(coding=0, draft=0, pickup=0, review=0, merge_wait=0):
    return StageTimes(*(number * HOUR for number in (coding, draft, pickup, review, merge_wait)))


def test_shares_are_sums_over_the_sum_of_all():
    # 4 + 2 of coding, 4 + 2 of pickup, 0 + 4 of review, of 16 hours in all. Both lives take 8 hours: nothing is capped.
    shares = stage_shares([life(coding=4, pickup=4), life(coding=2, pickup=2, review=4)])

    assert [shares[stage] for stage in Stage] == pytest.approx([6 / 16, 0, 6 / 16, 4 / 16, 0])


def test_one_that_lay_for_months_counts_no_more_than_the_95th_percentile():
    # Twenty of 10 hours in review and one of 1,000 in pickup. The 95th percentile of 21 is the 20th, at place 19: 10 hours.
    # The long one counts 10 of 210 hours, with its own proportions: all pickup.
    shares = stage_shares([life(review=10)] * 20 + [life(pickup=1_000)])

    assert (shares[Stage.PICKUP], shares[Stage.REVIEW]) == pytest.approx((10 / 210, 200 / 210))


def test_a_capped_life_keeps_the_proportions_of_its_stages():
    shares = stage_shares([life(review=10)] * 20 + [life(pickup=300, merge_wait=100)])

    assert shares[Stage.PICKUP] == pytest.approx(3 * shares[Stage.MERGE_WAIT])


def test_nothing_or_no_time_at_all_has_no_shares():
    assert stage_shares([]) is None
    assert stage_shares([life()]) is None


@given(
    times=st.lists(
        st.builds(
            StageTimes,
            *[st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds)) for _ in Stage],
        ),
        min_size=1,
        max_size=30,
    ),
    data=st.data(),
)
def test_shares_add_up_to_one_in_any_order(times, data):
    shares = stage_shares(times)
    if shares is None:
        assert not any(life_.cycle for life_ in times)
        return

    assert sum(shares.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in shares.values())
    again = stage_shares(data.draw(st.permutations(times)))
    assert list(again.values()) == pytest.approx(list(shares.values()))


def test_each_week_has_its_bar_and_the_unread_are_left_out():
    rows = [
        merged_after(2 * HOUR, number=1, ready=at("Mon 00:00")),
        merged_after(6 * HOUR, number=2, ready=at("3 Mon 00:00")),
        measured(pull_request(opened="Mon 09:00", merged="Tue 09:00", number=3, is_activity_known=False)),
    ]
    answer = where_time_goes(rows, look(SETTINGS, now=at("3 Fri 00:00")), weeks=3)

    # Week 1: 2 + 1 + 1. Week 2: nothing. Week 3: 6 + 1 + 1.
    assert [bar.n for bar in answer.value] == [1, 0, 1]
    assert answer.value[0].shares[Stage.PICKUP] == 0.5
    assert answer.value[1].shares is None
    assert answer.value[2].shares[Stage.PICKUP] == 0.75
    assert answer.exclusions == {Exclusion.ACTIVITY_UNKNOWN: 1}


def test_half_a_year_is_drawn_and_an_empty_one_is_silent():
    now = look(SETTINGS, now=at("3 Fri 00:00"))

    assert len(where_time_goes([merged_after(HOUR, ready=at("3 Fri 00:00") - 2 * DAY)], now).value) == 26
    assert where_time_goes([], now).why_not is WhyNot.NO_DATA
