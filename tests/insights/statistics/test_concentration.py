"""Shares of the busiest and the Gini coefficient, on paper and against the plain definition."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.statistics.concentration import gini, share_of_busiest

COUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=20).filter(any)


@given(counts=COUNTS)
def test_gini_is_half_the_mean_difference_over_the_mean(counts):
    mean = sum(counts) / len(counts)
    difference = sum(abs(one - other) for one, other in product(counts, counts)) / len(counts) ** 2

    assert gini(counts) == pytest.approx(difference / (2 * mean))
    assert -1e-12 <= gini(counts) <= (len(counts) - 1) / len(counts) + 1e-12


def test_everyone_the_same_is_zero_and_one_for_all_is_nearly_one():
    assert gini([4, 4, 4, 4]) == 0
    assert gini([0, 0, 0, 8]) == 0.75  # (n - 1) / n


def test_the_busiest_are_taken_together():
    # 10 of 20, 16 of 20, 19 of 20.
    counts = [3, 10, 1, 6]

    assert [share_of_busiest(counts, number) for number in (1, 2, 3, 9)] == [0.5, 0.8, 0.95, 1.0]


def test_nothing_is_spread_over_nobody():
    with pytest.raises(ValueError, match="spread"):
        gini([0, 0])
    with pytest.raises(ValueError, match="share"):
        share_of_busiest([], 1)
