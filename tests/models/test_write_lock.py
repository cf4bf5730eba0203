"""The write lock of SQLite is had soon after it is free, and nobody waits for it longer than they may."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models import write_lock
from models.courtesy import Courtesy
from models.database import create_engine, create_sessions
from models.sqlite import sqlite_library
from models.write_lock import begin_first


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bittern.db"


@pytest.fixture
def engine(path):
    engine = create_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


class Pauses(list):
    """How long it has paused each time, by a clock that only pauses move; when that says `until`, the holder lets go."""

    until = 0.0
    holder = None

    def clock(self):
        return sum(self)

    def pause(self, seconds):
        self.append(seconds)
        if self.holder is not None and self.clock() >= self.until:
            self.holder.rollback()

    def hold(self, sessions, *, until):
        self.holder, self.until = sessions(), until
        self.holder.execute(text("SELECT 1"))


@pytest.fixture
def pauses(monkeypatch):
    pauses = Pauses()
    monkeypatch.setattr(write_lock, "_PAUSE", pauses.pause)
    monkeypatch.setattr(write_lock, "time", SimpleNamespace(monotonic=pauses.clock))
    return pauses


def begin(connection, path, *, within_milliseconds):
    begin_first(connection, Courtesy(str(path)), patience_milliseconds=within_milliseconds, usual_milliseconds=5000)


@pytest.fixture
def connection(path, engine):
    """One on which nothing begins by itself."""
    plain = sqlalchemy.create_engine(
        f"sqlite:///{path}", module=sqlite_library().module, connect_args={"isolation_level": None}
    )
    with plain.connect() as connection:
        yield connection
    plain.dispose()


def test_a_free_lock_is_taken_at_once(engine, pauses):
    with create_sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (a)"))
    assert pauses == []


@pytest.mark.parametrize(
    ("until", "last_pause"), [(0.05, write_lock._PAUSE_SECONDS), (0.4, write_lock._LATER_PAUSE_SECONDS)]
)
def test_a_lock_is_had_when_its_holder_lets_go_and_who_waits_long_asks_less_often(engine, pauses, until, last_pause):
    sessions = create_sessions(engine)
    pauses.hold(sessions, until=until)
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE t (a)"))
    assert (pauses[0], pauses[-1]) == (write_lock._PAUSE_SECONDS, last_pause)
    assert until <= pauses.clock() < until + last_pause


def test_a_lock_that_is_not_to_be_had_in_time_is_sqlites_own_error(engine, path, connection):
    sessions = create_sessions(engine)
    with sessions() as holder:
        holder.execute(text("SELECT 1"))
        began = time.monotonic()
        with pytest.raises(OperationalError, match="locked"):
            begin(connection, path, within_milliseconds=50)
        assert 0.05 <= time.monotonic() - began < 5
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000


def test_what_else_is_the_matter_is_not_waited_for(path, connection, pauses):
    begin(connection, path, within_milliseconds=50)
    with pytest.raises(OperationalError, match="within a transaction"):
        begin(connection, path, within_milliseconds=60_000)
    connection.exec_driver_sql("ROLLBACK")
    assert pauses == []
