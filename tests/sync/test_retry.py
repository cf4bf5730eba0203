"""When something that failed is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.retry import FIRST_PAUSE, LONGEST_PAUSE, retry_at
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
