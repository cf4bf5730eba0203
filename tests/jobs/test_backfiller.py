"""The threads that read histories: they go on, whatever a page meets, and end when they are told to."""

from __future__ import annotations

import threading

import pytest

from jobs import backfiller
from jobs.backfiller import LOOK_SECONDS, Backfiller
from sync.backfill.advancing import CALL_SECONDS, MARGIN

PATIENCE_SECONDS = 30


@pytest.fixture
def pages(monkeypatch):
    """Counts pages instead of doing them: a semaphore to wait for each, and what comes of the next ones."""
    done, outcomes = threading.Semaphore(0), []

    def advance_next(_services):
        done.release()
        outcome = outcomes.pop() if outcomes else False
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(backfiller, "advance_next", advance_next)
    return done, outcomes


def started(services, *, threads=1, look_seconds=0.001):
    made = Backfiller(services, threads=threads, look_seconds=look_seconds)
    made.start()
    return made


def stop(made):
    made.stop(within_seconds=PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in made._threads)


def test_it_looks_again_and_again(services, pages):
    done, _ = pages
    made = started(services)
    for _ in range(3):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    stop(made)


def test_it_does_page_after_page_without_a_pause_while_any_is_due(services, pages):
    done, outcomes = pages
    outcomes += [True] * 20
    made = started(services, look_seconds=3600)
    for _ in range(21):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    assert outcomes == []
    stop(made)


def test_it_outlives_a_database_that_is_away(services, pages, log_entries):
    done, outcomes = pages
    outcomes += [ConnectionError("away"), ConnectionError("still away")]
    made = started(services)
    for _ in range(4):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    stop(made)
    assert [entry["event"] for entry in log_entries] == ["backfill.broken_off"] * 2


def test_several_threads_work_at_once(services, pages):
    made = started(services, threads=3)
    assert len({thread.name for thread in made._threads}) == 3
    stop(made)


def test_it_stops_without_waiting_for_the_next_look(services, pages):
    done, _ = pages
    made = started(services, look_seconds=3600)
    assert done.acquire(timeout=PATIENCE_SECONDS)
    stop(made)


def test_the_page_of_a_killed_worker_is_taken_up_again_in_less_than_ten_seconds():
    assert CALL_SECONDS + MARGIN.total_seconds() + LOOK_SECONDS < 10
