"""Scales: counts from zero to a round number, durations by their logarithm, and nothing outside the plot."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.charts.scales import DURATION_STEPS, MOST_LINES, Counting, counting, lasting, round_up

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (1.2, 2), (3, 4), (7, 8), (9, 10), (11, 20), (55, 60), (101, 200), (950, 1000)]
)
def test_a_scale_of_counts_ends_at_a_round_number(value, top):
    assert round_up(value) == top


def test_zero_is_at_the_bottom_and_the_largest_at_the_top():
    scale = counting([3, 4, 1], 160)

    assert (scale.y(0), scale.y(2), scale.y(4)) == (160, 80, 0)
    assert scale.ticks() == (0, 2, 4)


def test_half_a_pull_request_has_no_line():
    assert counting([1], 100).ticks() == (0, 1)


def test_a_scale_of_shares_has_its_middle():
    assert Counting(0.5, 100).ticks() == (0, 0.25, 0.5)


def test_each_doubling_of_a_duration_is_as_high_as_the_last():
    scale = lasting([HOUR, 16 * DAY], 200)
    steps = [scale.y(DAY * days) for days in (1, 2, 4, 8, 16)]
    heights = [before - after for before, after in itertools.pairwise(steps)]

    assert heights == pytest.approx([heights[0]] * 4, abs=0.02)


def test_a_scale_of_durations_ends_at_steps_and_holds_at_least_a_day():
    assert (lasting([], 200).low, lasting([], 200).high) == (HOUR, DAY)
    assert lasting([5 * DAY], 200).high == 8 * DAY
    assert lasting([timedelta(minutes=20)], 200).low == timedelta(minutes=15)


@given(spans=st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=5000)), max_size=20))
def test_every_duration_lies_in_the_plot(spans):
    scale = lasting(spans, 200)

    assert all(0 <= scale.y(span) <= 200 for span in spans)
    assert set(scale.ticks()) <= set(DURATION_STEPS)
    assert len(scale.ticks()) <= MOST_LINES + 1


@given(values=st.lists(st.integers(min_value=0, max_value=1_000_000), max_size=20))
def test_every_count_lies_in_the_plot(values):
    scale = counting(values, 160)

    assert all(0 <= scale.y(value) <= 160 for value in values)
