"""Turns: one worker at a time, and none for longer than it may be."""

from __future__ import annotations

import threading
from datetime import timedelta

from models import turns
from tests.tenants import NOON

LASTS = timedelta(seconds=10)


def take(sessions, *, at, name="sweep"):
    with sessions.begin() as session:
        return turns.take(session, name, now=at, lasts=LASTS)


def test_a_turn_is_one_worker_s_until_its_time_is_over(sessions):
    assert take(sessions, at=NOON)
    assert not take(sessions, at=NOON + LASTS / 2)
    assert take(sessions, at=NOON + LASTS)


def test_turns_of_other_names_are_others(sessions):
    assert take(sessions, at=NOON)
    assert take(sessions, at=NOON, name="night 1")


def test_whether_it_is_taken_can_be_asked(sessions, readers):
    take(sessions, at=NOON)
    with readers() as session:
        assert turns.is_taken(session, "sweep", now=NOON, lasts=LASTS)
        assert not turns.is_taken(session, "sweep", now=NOON + LASTS, lasts=LASTS)
        assert not turns.is_taken(session, "night 1", now=NOON, lasts=LASTS)


def test_one_that_is_given_up_is_free(sessions):
    take(sessions, at=NOON)
    with sessions.begin() as session:
        turns.give_up(session, "sweep")
    assert take(sessions, at=NOON)


def test_a_clock_that_was_put_back_keeps_nobody_from_it(sessions):
    take(sessions, at=NOON + timedelta(hours=1))
    assert take(sessions, at=NOON)


def test_of_many_who_ask_at_once_one_gets_it(sessions):
    barrier, got = threading.Barrier(6), []

    def ask():
        barrier.wait()
        got.append(take(sessions, at=NOON))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 5 + [True]
