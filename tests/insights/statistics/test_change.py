"""A change is claimed where there is enough to claim it with."""

from datetime import timedelta

import pytest

from insights.statistics.change import (
    ChangeWord,
    change_of_median,
    change_of_survival_median,
)
from insights.statistics.kaplan_meier import Wait

HOUR = timedelta(hours=1)
SHORT = [number * HOUR for number in range(10, 30)]
LONG = [number * HOUR for number in range(40, 60)]


def over(durations):
    return [Wait(duration, is_over=True) for duration in durations]


def test_twice_as_long_is_up_and_half_is_down():
    up, down = change_of_median(SHORT, LONG), change_of_median(LONG, SHORT)

    # Medians 19.5 and 49.5 hours.
    assert (up.word, up.ratio) == (ChangeWord.UP, pytest.approx(49.5 / 19.5))
    assert (down.word, down.ratio) == (ChangeWord.DOWN, pytest.approx(19.5 / 49.5))
    assert (up.n_before, up.n_now) == (20, 20)


def test_much_the_same_is_no_clear_change():
    assert change_of_median(SHORT, [duration + HOUR for duration in SHORT]).word is ChangeWord.NO_CLEAR_CHANGE


@pytest.mark.parametrize(("before", "now"), [(9, 20), (20, 9), (0, 0)])
def test_fewer_than_ten_on_either_side_claim_nothing(before, now):
    change = change_of_median(SHORT[:before], LONG[:now])

    assert (change.word, change.ratio, change.interval) == (ChangeWord.TOO_FEW, None, None)
    assert change_of_survival_median(over(SHORT[:before]), over(LONG[:now])).word is ChangeWord.TOO_FEW


def test_ten_on_both_sides_are_enough():
    assert change_of_median(SHORT[:10], LONG[:10]).word is ChangeWord.UP


def test_waits_still_open_are_compared_by_their_curves():
    change = change_of_survival_median(over(SHORT), [*over(LONG[:15]), *[Wait(60 * HOUR, is_over=False)] * 5])

    # Before: the 10th of 20, 19 hours. Now: 10 of 20 over by 49 hours.
    assert (change.word, change.ratio) == (ChangeWord.UP, pytest.approx(49 / 19))


def test_a_median_that_is_not_reached_is_a_change_without_a_ratio():
    change = change_of_survival_median(over(SHORT), [Wait(60 * HOUR, is_over=False)] * 20)

    assert (change.word, change.ratio) == (ChangeWord.UP, None)


def test_from_no_time_at_all_there_is_no_ratio():
    assert change_of_median([timedelta(0)] * 10, SHORT).ratio is None
