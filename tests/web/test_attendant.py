"""The attendant of a web process: it notes that somebody is here, whatever a note meets, until it is told to stop."""

from __future__ import annotations

import threading

from sqlalchemy.exc import OperationalError

from models import presence
from web import attendant
from web.attendant import Attendant

PATIENCE_SECONDS = 30


def test_it_notes_that_somebody_is_here(services, clock):
    Attendant(services)._note()
    with services.readers() as session:
        assert presence.seen_at(session) == clock()


def test_it_goes_on_when_the_database_is_away_and_stops_when_told(services, monkeypatch, log_entries):
    noted, failures = threading.Semaphore(0), [OperationalError("SELECT 1", {}, OSError("away"))]

    def note_presence(_services):
        noted.release()
        if failures:
            raise failures.pop()

    monkeypatch.setattr(attendant, "note_presence", note_presence)
    one = Attendant(services, interval_seconds=0.001)
    one.start()
    for _ in range(3):
        assert noted.acquire(timeout=PATIENCE_SECONDS)
    one.stop()
    assert not one._thread.is_alive()
    assert [entry["event"] for entry in log_entries] == ["presence.not_noted"]
    assert log_entries[0]["error"] == "OperationalError"
