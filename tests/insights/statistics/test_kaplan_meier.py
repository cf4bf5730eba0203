"""The survival curve agrees with lifelines, and with the plain percentile where nothing is censored."""

from datetime import timedelta
from math import isinf

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import qth_survival_time

from insights.statistics.kaplan_meier import Wait, survival_curve, survival_quantiles

HOUR = timedelta(hours=1)
WAITS = st.lists(
    st.builds(Wait, duration=st.integers(0, 40).map(lambda hours: hours * HOUR), is_over=st.booleans()),
    min_size=1,
    max_size=60,
)


def hours_of(waits):
    return [wait.duration / HOUR for wait in waits]


def fitted(waits):
    return KaplanMeierFitter().fit(hours_of(waits), [wait.is_over for wait in waits])


@given(waits=WAITS)
def test_the_curve_agrees_with_lifelines(waits):
    curve = survival_curve(waits)
    oracle = fitted(waits).survival_function_["KM_estimate"]

    assert list(curve.shares) == pytest.approx([oracle[at / HOUR] for at in curve.times])
    assert (curve.n, curve.ended) == (len(waits), sum(wait.is_over for wait in waits))


@given(waits=WAITS, share=st.sampled_from([0.25, 0.5, 0.75, 0.85]))
def test_its_quantiles_agree_with_lifelines(waits, share):
    curve = fitted(waits).survival_function_["KM_estimate"]
    # lifelines compares without a margin: look where its own curve is not on the edge by rounding alone.
    assume(all(abs(still - (1 - share)) > 1e-9 for still in curve))
    oracle = qth_survival_time(1 - share, curve)
    found = survival_curve(waits).quantile(share)

    assert (found is None) == isinf(oracle)
    if found is not None:
        assert found / HOUR == pytest.approx(oracle)


@given(waits=WAITS)
def test_quantiles_without_a_curve_are_those_of_the_curve(waits):
    shares = (0.25, 0.5, 0.75)
    ended = sorted(wait.duration for wait in waits if wait.is_over)
    censored = sorted(wait.duration for wait in waits if not wait.is_over)

    curve = survival_curve(waits)
    assert survival_quantiles(ended, censored, shares) == tuple(curve.quantile(share) for share in shares)


@given(waits=WAITS, data=st.data())
def test_the_order_of_the_waits_changes_nothing(waits, data):
    assert survival_curve(waits) == survival_curve(data.draw(st.permutations(waits)))


def test_without_censoring_the_median_is_a_wait_that_half_are_over_by():
    # 1, 2, 3, 4 hours: after 2 hours two of four are over.
    curve = survival_curve(Wait(number * HOUR, is_over=True) for number in (4, 2, 3, 1))

    assert curve.quantile(0.5) == 2 * HOUR
    assert curve.shares == pytest.approx((0.75, 0.5, 0.25, 0.0))


def test_a_censored_wait_counts_until_it_leaves():
    # 1 over, 2 censored, 3 over: at 1 h 3 wait: 2/3. At 3 h one waits: 0. Were the censored one left out: 1/2, 0.
    curve = survival_curve([Wait(HOUR, is_over=True), Wait(2 * HOUR, is_over=False), Wait(3 * HOUR, is_over=True)])

    assert curve.shares == pytest.approx((2 / 3, 0))
    assert curve.quantile(0.5) == 3 * HOUR


def test_a_wait_that_ends_when_another_is_censored_ends_first():
    # Both at 1 hour: two are at risk when the one ends, so the curve falls to one half and stays there.
    curve = survival_curve([Wait(HOUR, is_over=True), Wait(HOUR, is_over=False)])

    assert (curve.shares, curve.longest) == ((0.5,), HOUR)


def test_a_curve_that_stops_short_has_no_quantile():
    curve = survival_curve([Wait(HOUR, is_over=True), Wait(5 * HOUR, is_over=False), Wait(9 * HOUR, is_over=False)])

    assert curve.quantile(0.5) is None
    assert curve.longest == 9 * HOUR


def test_rounding_does_not_hide_that_exactly_half_are_over():
    # 0.9 * 8/9 * 7/8 * 6/7 * 5/6 is 0.5 on paper and may be more in floating point.
    curve = survival_curve(Wait(number * HOUR, is_over=True) for number in range(1, 11))

    assert curve.quantile(0.5) == 5 * HOUR


def test_no_waits_give_an_empty_curve():
    curve = survival_curve([])

    assert (curve.n, curve.quantile(0.5), curve.longest) == (0, None, timedelta(0))
    assert survival_quantiles([], [], (0.5,)) == (None,)
