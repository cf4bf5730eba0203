"""The sweeper's thread: it goes on, whatever a sweep meets, and ends when it is told to."""

from __future__ import annotations

import threading

import pytest

from jobs import sweeper
from jobs.sweeper import INTERVAL_SECONDS, Sweeper
from sync.deliveries import LEASE
from sync.sweep import Swept

PATIENCE_SECONDS = 30


@pytest.fixture
def sweeps(monkeypatch):
    """Counts sweeps instead of doing them: a semaphore to wait for each, and what to raise next."""
    done, failures = threading.Semaphore(0), []

    def sweep(services):
        done.release()
        if failures:
            raise failures.pop()
        return Swept(1, 2, 3, 4, 5)

    monkeypatch.setattr(sweeper, "sweep_in_turn", sweep)
    return done, failures


def test_it_sweeps_at_once_and_then_again_and_again(services, sweeps):
    done, _ = sweeps
    made = Sweeper(services, look_seconds=0.001)
    made.start()
    for _ in range(3):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    made.stop()
    assert not made._thread.is_alive()


def test_it_outlives_a_sweep_that_fails(services, sweeps, log_entries):
    done, failures = sweeps
    failures += [ConnectionError("the database is away"), ConnectionError("still away")]
    made = Sweeper(services, look_seconds=0.001)
    made.start()
    for _ in range(4):
        assert done.acquire(timeout=PATIENCE_SECONDS)
    made.stop()
    assert [entry["event"] for entry in log_entries][:3] == ["sweep.failed", "sweep.failed", "sweep.done"]


def test_it_says_what_it_found(services, sweeps, log_entries):
    Sweeper(services)._sweep()
    entry = {name: log_entries[0][name] for name in ("deliveries", "proofs", "purges", "buried", "forgotten")}
    assert entry == {"deliveries": 1, "proofs": 2, "purges": 3, "buried": 4, "forgotten": 5}


def test_it_stops_without_waiting_for_the_next_sweep(services, sweeps):
    done, _ = sweeps
    made = Sweeper(services, look_seconds=PATIENCE_SECONDS * 100)
    made.start()
    assert done.acquire(timeout=PATIENCE_SECONDS)
    made._stopping.set()
    made._thread.join(PATIENCE_SECONDS)
    assert not made._thread.is_alive()


def test_a_killed_workers_delivery_is_found_within_ten_seconds():
    assert LEASE.total_seconds() + INTERVAL_SECONDS < 10
