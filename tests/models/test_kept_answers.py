"""Answers that are kept until something is committed: asked for once, and never older than what anybody has committed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models import kept_answers, wal_index
from models.database import create_engine, empty_log
from models.kept_answers import KeptAnswers
from models.quick_connections import QuickConnections
from models.sqlite import sqlite_library
from tests.databases import BOTH
from tests.house_figures import ROOT

ROWS = "SELECT value FROM numbers ORDER BY value"
INSERT = "INSERT INTO numbers VALUES ({})"
ON_SQLITE = pytest.mark.parametrize("database_url", BOTH[:1], indirect=True)
NEEDS_WAL = pytest.mark.skipif(not sqlite_library().is_wal_safe, reason="this SQLite library keeps no log")

# Another process. It does what it is told, one statement a line, and says when that is done.
WRITER = """
import sys
from sqlalchemy.exc import OperationalError
from models.database import create_engine

connection = create_engine(sys.argv[1]).raw_connection().dbapi_connection
connection.execute("PRAGMA busy_timeout=0")
for line in sys.stdin:
    try:
        connection.execute(line)
        print("done", flush=True)
    except connection.OperationalError as error:
        print(error, flush=True)
"""


class Asked(QuickConnections):
    """Counts how often the database is asked."""

    times = 0

    def rows(self, statement, values):
        self.times += 1
        return super().rows(statement, values)


@pytest.fixture
def numbers(engine):
    """A table with one number."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (value INTEGER)"))
        connection.execute(text("INSERT INTO numbers VALUES (1)"))
    yield
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE numbers"))


@pytest.fixture
def connections(engine, numbers):
    return Asked(engine)


@pytest.fixture
def look(engine, connections):
    """What is found now, by way of what is kept."""
    kept = KeptAnswers(engine, connections)
    yield lambda: kept.made_of(ROWS, (), values_of)
    engine.dispose()


@pytest.fixture
def write(engine):
    """Have a statement committed."""

    def write(statement):
        with engine.begin() as connection:
            connection.execute(text(statement))

    return write


@pytest.fixture
def writer(engine):
    """Have another process execute a statement, and return what it says of it."""
    command = [sys.executable, "-c", WRITER, engine.url.render_as_string(hide_password=False)]
    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:

        def execute(statement):
            process.stdin.write(f"{statement}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield execute
        process.stdin.close()
        assert process.wait() == 0


def values_of(rows):
    return [value for (value,) in rows]


@ON_SQLITE
@NEEDS_WAL
def test_the_database_is_asked_once_while_nothing_is_committed(look, connections):
    assert [look() for _ in range(5)] == [[1]] * 5
    assert connections.times == 1


def test_what_is_committed_is_seen_at_the_next_look(look, write):
    for number in range(2, 6):
        write(INSERT.format(number))
        assert look() == look() == list(range(1, number + 1))


def test_whatever_was_kept_is_forgotten_at_once(engine, connections, write):
    kept, questions = KeptAnswers(engine, connections), [ROWS, "SELECT count(*) FROM numbers"]
    assert [kept.made_of(question, (), values_of) for question in questions] == [[1], [1]]
    write("INSERT INTO numbers VALUES (2)")
    assert [kept.made_of(question, (), values_of) for question in questions] == [[1, 2], [2]]


def test_what_is_rolled_back_never_is(look, engine):
    assert look() == [1]
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (2)"))
        assert look() == [1]
        connection.rollback()
    assert look() == [1]


@ON_SQLITE
def test_what_another_process_commits_is_seen_at_the_next_look(look, writer):
    for number in range(2, 200):
        assert writer(INSERT.format(number)) == "done"
        assert len(look()) == number


@ON_SQLITE
def test_nothing_found_is_an_answer_too(look, write, connections):
    write("DELETE FROM numbers")
    assert look() == look() == []
    assert connections.times == (1 if sqlite_library().is_wal_safe else 2)


@ON_SQLITE
@NEEDS_WAL
def test_the_locks_of_this_process_stand_whatever_is_opened_and_closed_beside_them(engine, look, writer):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (2)"))
        assert "locked" in writer("INSERT INTO numbers VALUES (3)")
        for _ in range(3):
            other = create_engine(engine.url.render_as_string())
            KeptAnswers(other, QuickConnections(other)).made_of(ROWS, (), values_of)
            other.dispose()
            assert "locked" in writer("INSERT INTO numbers VALUES (3)")
    assert look() == [1, 2]


@ON_SQLITE
@NEEDS_WAL
def test_no_connection_is_left_when_the_engine_is_done(engine, look):
    look()
    engine.dispose()
    # SQLite has taken the log away with its last connection.
    assert not [name for name in ("-shm", "-wal") if Path(f"{engine.url.database}{name}").exists()]


@ON_SQLITE
def test_after_a_dispose_everything_is_asked_for_again(engine, look, writer, connections):
    look()
    engine.dispose()
    assert writer("INSERT INTO numbers VALUES (2)") == "done"
    assert look() == [1, 2]


@ON_SQLITE
def test_files_that_are_gone_are_let_go(engine, numbers, tmp_path):
    before = len(wal_index._mappings)
    shutil.copy(engine.url.database, tmp_path / "template.db")
    for number in range(20):
        path = shutil.copy(tmp_path / "template.db", tmp_path / f"{number}.db")
        other = create_engine(f"sqlite:///{path}")
        KeptAnswers(other, QuickConnections(other)).made_of("SELECT 1", (), values_of)
        other.dispose()
    assert len(wal_index._mappings) <= before + 1


class TornIndex:
    """An index in the middle of a commit: its two copies differ."""

    def head(self):
        return b"\x01" * wal_index.HEAD_BYTES + b"\x02" * wal_index.HEAD_BYTES


class NoIndex:
    """Nobody has begun a log."""

    def head(self):
        return bytes(2 * wal_index.HEAD_BYTES)


@ON_SQLITE
@pytest.mark.parametrize("index", [TornIndex, NoIndex])
def test_nothing_is_kept_while_the_index_stands_for_nothing(engine, connections, index):
    kept = KeptAnswers(engine, connections)
    kept._index = index()
    assert [kept.made_of(ROWS, (), values_of) for _ in range(3)] == [[1]] * 3
    assert connections.times == 3


@ON_SQLITE
def test_without_a_log_nothing_is_kept(engine, connections, write):
    engine.dispose()
    connection = engine.raw_connection()
    connection.cursor().execute("PRAGMA journal_mode=delete")
    connection.close()
    kept = KeptAnswers(engine, connections)
    for number in range(2, 5):
        assert kept.made_of(ROWS, (), values_of) == list(range(1, number))
        write(INSERT.format(number))
    assert connections.times == 3
    engine.dispose()


@ON_SQLITE
@NEEDS_WAL
def test_no_more_is_kept_than_is_allowed(engine, connections, monkeypatch):
    monkeypatch.setattr(kept_answers, "MOST_KEPT", 3)
    kept = KeptAnswers(engine, connections)
    for value in range(10):
        kept.made_of("SELECT value FROM numbers WHERE value = ?", (value,), values_of)
        assert len(kept._kept.made) <= 3


@ON_SQLITE
@NEEDS_WAL
def test_what_is_committed_while_the_database_is_asked_is_not_taken_for_older(engine, connections, write):
    kept, numbers = KeptAnswers(engine, connections), count(2)

    def make_late(rows):
        write(INSERT.format(next(numbers)))
        return values_of(rows)

    assert [len(kept.made_of(ROWS, (), make_late)) for _ in range(4)] == [1, 2, 3, 4]


STEPS = st.lists(
    st.sampled_from(["insert", "delete", "roll back", "elsewhere", "checkpoint", "empty", "vacuum", "dispose", "look"]),
    max_size=25,
)


@contextmanager
def two_engines(path):
    """Two that share nothing but the file."""
    engines = [create_engine(f"sqlite:///{path}") for _ in range(2)]
    try:
        yield engines
    finally:
        for engine in engines:
            engine.dispose()


@ON_SQLITE
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_what_is_found_is_what_is_there(engine, numbers, tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("steps") / "numbers.db"
    engine.dispose()
    shutil.copy(engine.url.database, path)
    with two_engines(path) as (ours, other):
        kept = KeptAnswers(ours, QuickConnections(ours))
        numbers_left = count(2)
        for step in steps:
            do(step, ours, other, next(numbers_left))
            with other.connect() as connection:
                there = list(connection.scalars(text(ROWS)))
            assert kept.made_of(ROWS, (), values_of) == there


def do(step, ours, other, number):
    """One step of somebody who shares the database."""
    if step in {"insert", "elsewhere"}:
        with (ours if step == "insert" else other).begin() as connection:
            connection.execute(text(INSERT.format(number)))
    elif step == "delete":
        with other.begin() as connection:
            connection.execute(text("DELETE FROM numbers WHERE value = (SELECT max(value) FROM numbers)"))
    elif step == "roll back":
        with other.connect() as connection:
            connection.execute(text(INSERT.format(number)))
            connection.rollback()
    elif step == "empty":
        empty_log(other)
    elif step == "dispose":
        ours.dispose()
    elif step in {"checkpoint", "vacuum"}:
        connection = other.raw_connection()
        connection.cursor().execute({"checkpoint": "PRAGMA wal_checkpoint(PASSIVE)", "vacuum": "VACUUM"}[step])
        connection.close()


@pytest.mark.parametrize("contents", [None, b"", b"\x01" * wal_index.HEAD_BYTES], ids=["none", "empty", "half a head"])
def test_what_is_no_index_is_neither_mapped_nor_held_open(tmp_path, contents):
    path, held = tmp_path / "numbers.db-shm", len(list(Path("/proc/self/fd").iterdir()))
    if contents is not None:
        path.write_bytes(contents)
    assert wal_index._mapping(path) is None
    assert len(list(Path("/proc/self/fd").iterdir())) <= held
