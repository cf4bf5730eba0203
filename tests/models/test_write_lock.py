"""The write lock of SQLite is had soon after it is free, and nobody waits for it longer than they may."""

from __future__ import annotations

import threading
import time

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


@pytest.fixture
def pauses(monkeypatch):
    """How long it has paused each time."""
    taken = []

    def pause(seconds):
        taken.append(seconds)
        threading.Event().wait(seconds)

    monkeypatch.setattr(write_lock, "_PAUSE", pause)
    return taken


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


def test_a_free_lock_is_taken_at_once(engine, path, pauses):
    with create_sessions(engine).begin() as session:
        session.execute(text("CREATE TABLE t (a)"))
    assert pauses == []


def test_a_lock_is_had_when_its_holder_lets_go(engine, path, pauses):
    sessions = create_sessions(engine)
    holder = sessions()
    holder.execute(text("SELECT 1"))
    threading.Timer(0.05, holder.rollback).start()
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE t (a)"))
    assert set(pauses) == {write_lock._PAUSE_SECONDS}


def test_who_waits_long_asks_less_often(engine, path, pauses):
    sessions = create_sessions(engine)
    holder = sessions()
    holder.execute(text("SELECT 1"))
    threading.Timer(0.4, holder.rollback).start()
    with sessions.begin() as session:
        session.execute(text("SELECT 1"))
    assert pauses[-1] == write_lock._LATER_PAUSE_SECONDS


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
