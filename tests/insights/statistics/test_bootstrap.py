"""The quick bootstrap is the slow one: it agrees with scipy, and its medians have the exact distribution of resampled ones."""

from datetime import timedelta
from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats

from insights.statistics.bootstrap import (
    Interval,
    _resampled_median,
    ratio_of_medians,
    ratio_of_survival_medians,
)
from insights.statistics.kaplan_meier import Wait

HOUR = timedelta(hours=1)


def skewed(seed, n, scale=10.0):
    generator = np.random.default_rng(seed)
    return list(generator.lognormal(mean=np.log(scale), sigma=1.0, size=n))


def median_ratio(now, before, axis=-1):
    return np.median(now, axis=axis) / np.median(before, axis=axis)


@pytest.mark.parametrize(("n_before", "n_now"), [(10, 10), (25, 40), (61, 60), (200, 151)])
def test_the_interval_agrees_with_scipys(n_before, n_now):
    before, now = skewed(1, n_before), skewed(2, n_now, scale=14.0)
    oracle = stats.bootstrap(
        (now, before),
        median_ratio,
        confidence_level=0.80,
        n_resamples=20_000,
        method="percentile",
        rng=np.random.default_rng(3),
    ).confidence_interval

    found = ratio_of_medians(before, now, resamples=20_000)

    # Two random intervals of 20,000 resamples each; their ends scatter by about one percent.
    assert found.low == pytest.approx(oracle.low, rel=0.04)
    assert found.high == pytest.approx(oracle.high, rel=0.04)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 10, 11])
def test_a_resampled_median_has_the_distribution_of_drawing_with_replacement(n):
    ordered = [float(number) for number in range(1, n + 1)]
    quick, slow = Random(1), Random(2)
    draws = 20_000
    found = [_resampled_median(ordered, quick) for _ in range(draws)]
    drawn = [float(np.median(slow.choices(ordered, k=n))) for _ in range(draws)]

    # Chi-squared homogeneity of the two samples over the values they take, rare values left out.
    values = sorted({*found, *drawn})
    table = [[sample.count(value) for value in values] for sample in (found, drawn)]
    common = [column for column in zip(*table, strict=True) if sum(column) >= 20]
    if len(common) > 1:
        assert stats.chi2_contingency(np.array(common).T).pvalue > 1e-4
    assert min(ordered) <= min(found) <= max(found) <= max(ordered)


def test_an_odd_median_has_its_exact_probabilities():
    # Of 1, 2, 3 drawn three times: the median is 1 if at least two draws are 1: 3 * (1/9 * 2/3) + 1/27 = 7/27; 3 likewise; 2: 13/27.
    random = Random(5)
    draws = [_resampled_median([1.0, 2.0, 3.0], random) for _ in range(27_000)]

    # The standard deviation of each count is about 72 to 82; five of them are allowed.
    assert draws.count(1.0) == pytest.approx(7_000, abs=400)
    assert draws.count(2.0) == pytest.approx(13_000, abs=420)


@given(
    before=st.lists(st.floats(0, 1e5), min_size=1, max_size=30),
    now=st.lists(st.floats(0, 1e5), min_size=1, max_size=30),
    data=st.data(),
)
@hypothesis_settings(max_examples=25)
def test_the_same_numbers_in_any_order_give_the_same_interval(before, now, data):
    shuffled = ratio_of_medians(data.draw(st.permutations(before)), data.draw(st.permutations(now)), resamples=50)

    assert shuffled == ratio_of_medians(before, now, resamples=50)


@given(numbers=st.lists(st.floats(0.1, 1e5), min_size=1, max_size=30), factor=st.floats(0.1, 10))
@hypothesis_settings(max_examples=25)
def test_the_interval_lies_within_what_the_samples_allow(numbers, factor):
    later = [number * factor for number in numbers]
    found = ratio_of_medians(numbers, later, resamples=50)

    assert min(later) / max(numbers) * 0.999 <= found.low <= found.high <= max(later) / min(numbers) * 1.001


def test_another_seed_gives_another_interval():
    before, now = skewed(1, 15), skewed(2, 15)

    assert ratio_of_medians(before, now) == ratio_of_medians(before, now)
    assert ratio_of_medians(before, now) != ratio_of_medians(before, now, seed=1)


def test_equal_constants_are_no_change_even_at_zero():
    assert ratio_of_medians([5.0] * 10, [5.0] * 10) == Interval(1.0, 1.0)
    assert ratio_of_medians([0.0] * 10, [0.0] * 10) == Interval(1.0, 1.0)


def test_from_nothing_to_something_is_beyond_any_ratio():
    assert ratio_of_medians([0.0] * 10, [3.0] * 10) == Interval(inf, inf)


@pytest.mark.parametrize("samples", [([], [1.0]), ([1.0], [])])
def test_it_refuses_an_empty_sample(samples):
    with pytest.raises(ValueError, match="no median"):
        ratio_of_medians(*samples)


def over(hours):
    return [Wait(timedelta(hours=number), is_over=True) for number in hours]


def test_waits_that_are_all_over_give_about_the_plain_interval():
    before, now = skewed(4, 61), skewed(5, 81, scale=20.0)

    plain = ratio_of_medians(before, now, resamples=4_000)
    survival = ratio_of_survival_medians(over(before), over(now), resamples=4_000)

    # With odd numbers both medians are the middle draw, so only the random numbers differ.
    assert survival.low == pytest.approx(plain.low, rel=0.06)
    assert survival.high == pytest.approx(plain.high, rel=0.06)


def test_waits_not_over_make_the_median_longer():
    ended = over(range(1, 21))
    waiting = [Wait(timedelta(hours=number), is_over=False) for number in range(1, 11)] + over(range(11, 21))

    assert ratio_of_survival_medians(ended, waiting).low > 1


def test_a_median_that_is_never_reached_counts_as_longer_than_any():
    waiting = [Wait(HOUR, is_over=False)] * 10

    assert ratio_of_survival_medians(over([1] * 10), waiting) == Interval(inf, inf)
    assert ratio_of_survival_medians(waiting, waiting) == Interval(1.0, 1.0)
    with pytest.raises(ValueError, match="no median"):
        ratio_of_survival_medians([], waiting)
