"""The length of SQLite's log: a reader that does not end cannot make it fill the disk."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models import database
from models.database import create_engine, create_redoable_sessions, create_sessions
from models.log_limit import LogLimit
from models.schema import upgrade
from models.sqlite import sqlite_library

MOST_BYTES, MOST_REDOABLE_BYTES = 512 * 1024, 256 * 1024
WRITE = text("UPDATE scribbles SET text = randomblob(60000)")


@pytest.fixture
def engine(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "MOST_BYTES", MOST_BYTES)
    monkeypatch.setattr(database, "MOST_REDOABLE_BYTES", MOST_REDOABLE_BYTES)
    engine = create_engine(f"sqlite:///{tmp_path / 'bittern.db'}")
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE scribbles (text BLOB)"))
        connection.execute(text("INSERT INTO scribbles VALUES (randomblob(60000))"))
    yield engine
    engine.dispose()


@pytest.fixture
def log(engine):
    return LogLimit(engine.url.database)


@pytest.fixture
def reader(engine):
    """A program that reads the database and does not end."""
    connection = sqlite_library().module.connect(engine.url.database)
    connection.isolation_level = None
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM scribbles").fetchone()
    yield connection
    connection.close()


def write(sessions, *, times=40):
    """Write so often, or until it is refused. Returns how often it was not."""
    return next((done for done in range(times) if not is_written(sessions)), times)


def is_written(sessions):
    try:
        with sessions.begin() as session:
            session.execute(WRITE)
    except OperationalError as error:
        assert "a reader that does not end" in str(error.orig)  # noqa: PT017 - that it is refused at all is not an error
        return False
    return True


@pytest.mark.fault("D2")
def test_while_a_reader_does_not_end_the_log_grows_to_its_limit_and_no_further(engine, log, reader):
    assert 0 < write(create_sessions(engine)) < 40
    assert MOST_BYTES <= log.size_bytes < MOST_BYTES + 100_000
    assert write(create_sessions(engine)) == 0


@pytest.mark.fault("D2")
def test_work_that_can_be_redone_leaves_the_rest_to_webhooks(engine, log, reader):
    write(create_redoable_sessions(engine))
    assert log.size_bytes < MOST_BYTES - 100_000
    assert write(create_redoable_sessions(engine)) == 0
    assert write(create_sessions(engine)) > 0


@pytest.mark.fault("D2")
def test_when_the_reader_has_ended_the_log_is_written_back_and_begun_anew(engine, log, reader):
    write(create_sessions(engine))
    reader.execute("COMMIT")
    assert write(create_sessions(engine), times=1) == 1
    assert log.size_bytes < MOST_BYTES / 4
    assert write(create_sessions(engine)) == 40


def test_a_reader_that_has_seen_the_last_write_is_in_the_way_too(engine, log, reader):
    write(create_sessions(engine), times=MOST_BYTES // 60_000 - 1)
    reader.execute("COMMIT")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM scribbles").fetchone()
    write(create_sessions(engine))
    assert log.size_bytes < MOST_BYTES + 100_000


def test_readers_are_never_refused(engine, log, reader):
    write(create_sessions(engine))
    with database.create_readers(engine)() as session:
        assert session.scalar(text("SELECT count(*) FROM scribbles")) == 1


def test_without_a_log_there_is_no_limit(tmp_path):
    assert LogLimit(str(tmp_path / "nothing.db")).size_bytes == 0
