"""Percentiles agree with numpy and, for ranks, with scipy; and say nothing of too few."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from insights.statistics.percentiles import Spread, percentile, percentile_rank, spread

HOUR = timedelta(hours=1)
NUMBERS = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)
SHARES = st.floats(0, 1)


@given(numbers=NUMBERS, share=SHARES)
def test_it_agrees_with_numpys_default(numbers, share):
    assert percentile(sorted(numbers), share) == pytest.approx(np.quantile(numbers, share), rel=1e-9, abs=1e-6)


@given(seconds=st.lists(st.integers(0, 10**7), min_size=1, max_size=60), share=SHARES)
def test_durations_agree_with_numpy_to_the_microsecond(seconds, share):
    durations = sorted(timedelta(seconds=number) for number in seconds)

    assert percentile(durations, share).total_seconds() == pytest.approx(np.quantile(seconds, share), abs=2e-6)


@pytest.mark.parametrize(
    ("share", "expected"),
    # Of 10, 20, 30, 40 the place is 3 * share: 0.5 -> 1.5, between 20 and 30; 0.85 -> 2.55, 30 and 0.55 of 10 more.
    [(0, 10), (0.5, 25), (0.85, 35.5), (1, 40)],
)
def test_it_interpolates_between_the_two_nearest(share, expected):
    assert percentile([10.0, 20.0, 30.0, 40.0], share) == pytest.approx(expected)


def test_one_value_is_every_percentile():
    assert percentile([7.0], 0.85) == 7.0


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_it_refuses_a_share_that_is_none(share):
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile([1.0], share)


def test_it_refuses_nothing():
    with pytest.raises(ValueError, match="no percentile"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="no rank"):
        percentile_rank([], 1)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, None),
        (4, None),
        (5, Spread(3 * HOUR)),
        (19, Spread(10 * HOUR)),
        (20, Spread(10.5 * HOUR, 17.15 * HOUR)),  # 19 * 0.85 = 16.15: the 17th and 0.15 of the step to the 18th
    ],
)
def test_a_spread_says_as_much_as_its_number_allows(count, expected):
    assert spread(number * HOUR for number in range(1, count + 1)) == expected


@given(seconds=st.lists(st.integers(0, 10**6), min_size=5, max_size=40), data=st.data())
def test_the_order_of_the_facts_changes_nothing(seconds, data):
    durations = [timedelta(seconds=number) for number in seconds]

    assert spread(durations) == spread(data.draw(st.permutations(durations)))


@given(numbers=st.lists(st.integers(0, 50), min_size=1, max_size=60), value=st.integers(-5, 55))
def test_a_rank_agrees_with_scipys_mean_rank(numbers, value):
    expected = stats.percentileofscore(numbers, value, kind="mean") / 100

    assert percentile_rank(sorted(numbers), value) == pytest.approx(expected)


def test_a_rank_counts_equals_half():
    # Of 1, 2, 2, 2, 5: one lies below 2 and three are equal: (1 + 1.5) / 5.
    assert percentile_rank([1, 2, 2, 2, 5], 2) == 0.5
