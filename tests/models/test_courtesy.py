"""Who goes first at SQLite's write lock, between descriptors of one process as between processes."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from models import courtesy
from models.courtesy import LONGEST_COURTESY_SECONDS, Courtesy
from models.database import create_engine, create_readers, create_redoable_sessions, create_sessions


class Clock:
    """Moves by each pause that somebody makes, and calls `at_pause` in it."""

    def __init__(self, at_pause=lambda: None):
        self.time = 100.0
        self.pauses = 0
        self._at_pause = at_pause

    def __call__(self):
        return self.time

    def pause(self, seconds):
        self.time += seconds
        self.pauses += 1
        self._at_pause()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "some.db")


def courtesy_of(path, clock):
    return Courtesy(path, clock=clock, pause=clock.pause)


def test_nobody_waits_where_nobody_is_first(path):
    clock = Clock()
    courtesy_of(path, clock).give_way()
    assert clock.pauses == 0


def test_the_less_urgent_wait_until_nobody_is_first_any_more(path):
    first = Courtesy(path).first()
    first.__enter__()
    clock = Clock(at_pause=lambda: clock.pauses == 3 and first.__exit__(None, None, None))
    courtesy_of(path, clock).give_way()
    assert clock.pauses == 3


def test_they_wait_for_the_last_of_several(path):
    clock = Clock()
    with Courtesy(path).first():
        with Courtesy(path).first():
            pass
        courtesy_of(path, clock).give_way()
    assert clock.pauses > 0


def test_they_do_not_wait_for_ever(path):
    clock = Clock()
    with Courtesy(path).first():
        courtesy_of(path, clock).give_way()
    assert clock.time - 100.0 == pytest.approx(LONGEST_COURTESY_SECONDS, abs=0.01)


def test_who_is_first_waits_for_nobody_who_looks(path):
    """A look takes a moment, and who comes in it goes on, unseen."""
    with courtesy._hold(path, courtesy.fcntl.LOCK_EX) as is_alone, Courtesy(path).first():
        assert is_alone


def test_a_folder_that_cannot_be_written_to_stops_nobody(tmp_path):
    clock, beside_nothing = Clock(), str(tmp_path / "absent" / "some.db")
    with Courtesy(beside_nothing).first():
        courtesy_of(beside_nothing, clock).give_way()
    assert clock.pauses == 0


@pytest.fixture
def taken(monkeypatch):
    """Which way each transaction took."""
    ways = []
    monkeypatch.setattr(Courtesy, "give_way", lambda self: ways.append("gives way"))
    original = Courtesy.first
    monkeypatch.setattr(Courtesy, "first", lambda self: (ways.append("first"), original(self))[1])
    return ways


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [(create_sessions, ["first"]), (create_redoable_sessions, ["gives way"]), (create_readers, [])],
)
def test_what_somebody_outside_waits_for_goes_first(path, taken, sessions, expected):
    engine = create_engine(f"sqlite:///{path}")
    with sessions(engine)() as session:
        session.execute(text("SELECT 1"))
    engine.dispose()
    assert taken == expected
