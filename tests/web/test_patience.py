"""Tests of how long a request may wait in all: what it has waited for its turn is not there for the database."""

from __future__ import annotations

import contextvars

import pytest

from models.database import BUSY_TIMEOUT_MILLISECONDS
from tests.faults.senders import ANSWER_SECONDS
from web import patience
from web.patience import PATIENCE_SECONDS, SHORTEST_WAIT_SECONDS


def left_of(arrived_at, *, now):
    def ask():
        if arrived_at is not None:
            patience.note_arrival(arrived_at)
        return patience.of_this_request(clock=lambda: now)()

    return contextvars.Context().run(ask)


@pytest.mark.parametrize(
    ("waited", "left"),
    [
        (0.0, PATIENCE_SECONDS),
        (2.0, PATIENCE_SECONDS - 2.0),
        (PATIENCE_SECONDS, SHORTEST_WAIT_SECONDS),
        (100.0, SHORTEST_WAIT_SECONDS),
        (PATIENCE_SECONDS - 0.25, SHORTEST_WAIT_SECONDS),
    ],
)
def test_what_was_waited_for_a_turn_is_not_there_for_the_database(waited, left):
    assert left_of(1_000.0, now=1_000.0 + waited) == left


def test_where_nobody_says_when_it_arrived_it_has_all_its_patience():
    assert left_of(None, now=1_000.0) == PATIENCE_SECONDS


def test_it_gets_less_while_it_waits_on():
    moments = iter([1_000.0, 1_002.0, 1_003.0, 1_100.0])
    left_seconds = contextvars.Context().run(lambda: patience.of_this_request(clock=lambda: next(moments)))
    assert [left_seconds() for _ in range(3)] == [PATIENCE_SECONDS - 2.0, PATIENCE_SECONDS - 3.0, 0.0]


def test_both_waits_together_end_before_bitbucket_gives_up():
    assert PATIENCE_SECONDS + SHORTEST_WAIT_SECONDS < 0.8 * ANSWER_SECONDS
    assert PATIENCE_SECONDS * 1_000 >= BUSY_TIMEOUT_MILLISECONDS, (
        "or no webhook would wait for a lock as long as others do"
    )
