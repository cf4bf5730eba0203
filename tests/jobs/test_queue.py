"""The queue behind the doorbell: which backend, how it is opened, and that the SQLite file is as safe as the database."""

from __future__ import annotations

import sqlite3
from types import SimpleNamespace

import pytest
from huey.storage import PostgresStorage, RedisStorage

import jobs.queue
from jobs.queue import PATIENCE_SECONDS, QueueFile, create_queue, default_queue_url
from models.sqlite import sqlite_library


def rung(queue):
    """A queue with one task, and the row ids that it was run for."""
    row_ids = []

    def ring(row_id):
        row_ids.append(row_id)

    return queue.task(name="ring")(ring), row_ids


def test_a_message_goes_from_one_process_to_another(queue_url):
    ours = create_queue(queue_url=queue_url, database_url="unused")
    theirs = create_queue(queue_url=queue_url, database_url="unused")
    ring, _ = rung(ours)
    _, row_ids = rung(theirs)
    ring(7)
    ring(8)
    for _ in range(2):
        theirs.execute(theirs.dequeue())
    assert row_ids == [7, 8]
    theirs.storage.blocking = False
    assert theirs.dequeue() is None
    for queue in (ours, theirs):
        queue.storage.close()


def test_no_result_is_kept(queue_url):
    queue = create_queue(queue_url=queue_url, database_url="unused")
    ring, _ = rung(queue)
    assert ring(7) is None
    queue.execute(queue.dequeue())
    assert queue.storage.result_store_size() == 0
    queue.storage.close()


@pytest.mark.parametrize(
    ("database_url", "queue_url"),
    [
        ("sqlite:///var/bittern.db", "sqlite:///var/bittern-queue.db"),
        ("sqlite:////srv/data/app.sqlite3", "sqlite:////srv/data/app-queue.db"),
        ("sqlite:///bittern.db", "sqlite:///bittern-queue.db"),
        ("postgresql://u:p@db/x", "postgresql://u:p@db/x"),
    ],
)
def test_without_a_url_the_queue_goes_with_the_database(database_url, queue_url):
    assert default_queue_url(database_url) == queue_url


def test_the_queue_is_never_in_the_file_of_the_database(tmp_path):
    """huey locks its file exclusively for each message."""
    queue = create_queue(queue_url=None, database_url=f"sqlite:///{tmp_path}/data/bittern.db")
    assert queue.storage.filename == str(tmp_path / "data" / "bittern-queue.db")
    assert [path.name for path in (tmp_path / "data").glob("*.db")] == ["bittern-queue.db"]
    queue.storage.close()


def test_the_file_is_opened_with_the_same_library_as_the_database(tmp_path):
    queue = create_queue(queue_url=f"sqlite:///{tmp_path}/q.db", database_url="unused")
    connection = queue.storage.conn
    assert isinstance(connection, sqlite_library().module.Connection)
    assert pragma(connection, "journal_mode") == "wal"
    assert pragma(connection, "synchronous") == 1
    assert pragma(connection, "busy_timeout") == PATIENCE_SECONDS * 1000
    queue.storage.close()


def test_a_library_with_the_race_keeps_the_file_out_of_wal_mode(tmp_path, monkeypatch):
    unsafe = SimpleNamespace(module=sqlite3, is_wal_safe=False, journal_mode="delete")
    monkeypatch.setattr(jobs.queue, "sqlite_library", lambda: unsafe)
    storage = QueueFile("bittern", filename=str(tmp_path / "q.db"))
    assert pragma(storage.conn, "journal_mode") == "delete"
    assert pragma(storage.conn, "synchronous") == 2
    storage.close()


def pragma(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_redis_is_not_waited_for_longer_than_a_request_can(monkeypatch):
    queue = create_queue(queue_url="redis://:word@127.0.0.1:1/3", database_url="unused")
    given = queue.storage.pool.connection_kwargs
    assert isinstance(queue.storage, RedisStorage)
    assert (given["host"], given["port"], given["db"], given["password"]) == ("127.0.0.1", 1, 3, "word")
    assert given["socket_connect_timeout"] == PATIENCE_SECONDS
    # huey's blocking read of one second must not look like a dead server.
    assert given["socket_timeout"] > queue.storage.read_timeout


def test_time_limits_in_the_url_are_the_operators():
    queue = create_queue(queue_url="redis://127.0.0.1:1/3?socket_timeout=30", database_url="unused")
    assert queue.storage.pool.connection_kwargs["socket_timeout"] == 30
    assert queue.storage.pool.connection_kwargs["socket_connect_timeout"] == PATIENCE_SECONDS


@pytest.mark.postgres
def test_options_in_the_url_reach_postgres(postgres_tables):
    """As an operator would set a stricter isolation: with blanks, which a URL may write as plus or as %20."""
    url = f"{postgres_tables[0]}?options=-c%20default_transaction_isolation%3Dserializable%20-c%20lock_timeout%3D1"
    queue = create_queue(queue_url=None, database_url=url)
    assert queue.storage.queue_size() == 0  # it has connected, which it could not with options that cannot be read
    queue.storage.close()


@pytest.mark.postgres
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgres_is_understood_in_every_spelling(postgres_tables, scheme):
    url = postgres_tables[0].replace("postgresql+psycopg", scheme)
    queue = create_queue(queue_url=None, database_url=url)
    assert isinstance(queue.storage, PostgresStorage)
    assert queue.storage.queue_size() == 0
    queue.storage.close()
