"""The night watch's thread: it works while anything is due, goes on whatever it meets, and ends when it is told to."""

from __future__ import annotations

import threading

import pytest

from jobs import night_watch
from jobs.night_watch import NightWatch

PATIENCE_SECONDS = 30


@pytest.fixture
def nights(monkeypatch):
    """Counts looks instead of working: a semaphore to wait for each, and what the next ones find or raise."""
    done, found = threading.Semaphore(0), []

    def work_out_due(services, *, is_stopping):
        done.release()
        outcome = found.pop(0) if found else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(night_watch, "work_out_due", work_out_due)
    return done, found


def test_it_looks_at_once_and_then_again_and_again(services, nights):
    done, _ = nights
    watch = NightWatch(services, look_seconds=0.001)
    watch.start()
    for _ in range(3):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    watch.stop(within_seconds=PATIENCE_SECONDS)
    assert not watch._thread.is_alive()


def test_while_anything_is_due_it_does_not_wait(services, nights):
    done, found = nights
    found += [20, 20, 3]
    watch = NightWatch(services, look_seconds=PATIENCE_SECONDS * 2)
    watch.start()
    for _ in range(4):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    watch.stop(within_seconds=PATIENCE_SECONDS)
    assert not watch._thread.is_alive()


def test_it_goes_on_when_the_database_is_away(services, nights):
    done, found = nights
    found.append(OSError("gone"))
    watch = NightWatch(services, look_seconds=0.001)
    watch.start()
    for _ in range(2):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    watch.stop(within_seconds=PATIENCE_SECONDS)


def test_the_night_under_way_learns_that_it_is_to_end(services, monkeypatch):
    asked = threading.Event()

    def work_out_due(services, *, is_stopping):
        asked.set()
        while not is_stopping():
            pass
        return 1

    monkeypatch.setattr(night_watch, "work_out_due", work_out_due)
    watch = NightWatch(services)
    watch.start()
    assert asked.wait(PATIENCE_SECONDS)
    watch.stop(within_seconds=PATIENCE_SECONDS)
    assert not watch._thread.is_alive()
