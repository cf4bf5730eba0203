"""When something that failed is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitbucket.errors import ConnectionFailed, Forbidden, ServerFault, TimedOut
from sync.retry import FIRST_PAUSE, LONG_PAUSE, LONGEST_PAUSE, retry_at, retry_of_comparison
from tests.tenants import NOON


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 5), (1, 5), (2, 10), (3, 20), (4, 40), (5, 80), (8, 640), (9, 900), (10_000, 900)]
)
def test_each_try_waits_twice_as_long_as_the_one_before_up_to_a_limit(attempts, seconds):
    assert retry_at(NOON, attempts=attempts, chance=lambda: 1.0) == NOON + timedelta(seconds=seconds)


@given(attempts=st.integers(0, 100), chance=st.floats(0, 1))
def test_chance_spreads_tries_over_the_second_half_of_the_pause(attempts, chance):
    latest = retry_at(NOON, attempts=attempts, chance=lambda: 1.0) - NOON
    pause = retry_at(NOON, attempts=attempts, chance=lambda: chance) - NOON
    assert latest / 2 <= pause <= latest
    assert FIRST_PAUSE / 2 <= pause <= LONGEST_PAUSE


def test_what_fails_together_does_not_come_back_together():
    assert len({retry_at(NOON, attempts=3) for _ in range(20)}) > 1


def test_five_tries_take_minutes_and_not_hours():
    """A delivery that somebody could have seen in a panel is a dead letter soon enough to be noticed."""
    whole = sum((retry_at(NOON, attempts=attempt, chance=lambda: 1.0) - NOON for attempt in range(1, 5)), timedelta())
    assert timedelta(minutes=1) < whole < timedelta(minutes=5)


FORBIDDEN, AWAY = Forbidden("no scope", status=403), ServerFault("oops", status=503)


def pause_of_comparison(attempts, error):
    return retry_of_comparison(NOON, attempts=attempts, most_attempts=8, error=error) - NOON


def test_a_comparison_that_will_fail_for_long_is_left_alone_for_hours():
    assert pause_of_comparison(7, FORBIDDEN) <= LONGEST_PAUSE
    assert pause_of_comparison(8, FORBIDDEN) == LONG_PAUSE


@pytest.mark.parametrize(
    "error", [AWAY, TimedOut("slow"), ConnectionFailed("gone")], ids=lambda one: type(one).__name__
)
def test_while_bitbucket_is_away_it_is_tried_every_few_minutes_however_long_that_is(error):
    """What it has not told meanwhile is to be found soon after it is back."""
    assert all(pause_of_comparison(attempts, error) <= timedelta(minutes=3) for attempts in range(1, 1000))


def test_a_comparison_is_not_tried_before_the_time_that_bitbucket_has_named():
    error = ServerFault("later", status=503, retry_at=NOON + timedelta(hours=1))
    assert pause_of_comparison(1, error) == timedelta(hours=1)
