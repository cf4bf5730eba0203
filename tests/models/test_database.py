"""How connections are opened and transactions begin, on both databases."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from models import database
from models.database import (
    create_engine,
    create_hurried_sessions,
    create_readers,
    create_redoable_sessions,
    create_sessions,
    normalise_url,
)
from models.dialects import changed_rows
from models.errors import DatabaseUnsupported
from models.inbox import Delivery
from models.installations import Installation
from models.sqlite import sqlite_library
from tests.databases import BOTH
from tests.tenants import NOON, alice_offer, install, receive

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRES_ONLY = pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)


@pytest.mark.parametrize(
    "url", ["postgres://u:p@db:5433/x", "postgresql://u:p@db:5433/x", "postgresql+psycopg://u:p@db:5433/x"]
)
def test_every_spelling_of_postgresql_means_psycopg_3(url):
    parsed = normalise_url(url)
    assert parsed.render_as_string(hide_password=False) == "postgresql+psycopg://u:p@db:5433/x"
    assert create_engine(url).dialect.driver == "psycopg"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://db/x", "postgresql+asyncpg://db/x", "nonsense"]
)
def test_it_refuses_a_database_that_we_do_not_run_on(url):
    with pytest.raises(DatabaseUnsupported):
        create_engine(url)


def test_making_an_engine_opens_nothing(tmp_path):
    create_engine(f"sqlite:///{tmp_path}/none/x.db")
    create_engine("postgresql://nobody@127.0.0.1:1/x")
    assert list(tmp_path.iterdir()) == []


@SQLITE_ONLY
def test_sqlite_connections_are_durable_and_check_foreign_keys(engine):
    with engine.connect() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "journal_size_limit")
        }
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "journal_size_limit": 64 * 1024 * 1024,
    }
    assert version == ".".join(map(str, sqlite_library().version))


@SQLITE_ONLY
def test_sqlite_leaves_no_bytes_of_what_is_deleted(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1


@pytest.mark.fault("D3")
@SQLITE_ONLY
def test_a_library_with_the_race_takes_the_file_out_of_wal_mode(engine, monkeypatch):
    unsafe = SimpleNamespace(is_wal_safe=False, module=sqlite_library().module)
    monkeypatch.setattr(database, "sqlite_library", lambda: unsafe)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"


@SQLITE_ONLY
def test_a_writing_session_has_the_write_lock_before_it_reads(engine, sessions, readers, monkeypatch):
    """What it reads is still so when it writes: a second writer has to wait, and a reader does not."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MILLISECONDS", 0)
    with sessions() as first:
        first.scalar(select(Installation.id))
        with sessions() as second, pytest.raises(DBAPIError, match="locked"):
            second.scalar(select(Installation.id))
        with readers() as reader:
            assert reader.scalar(select(Installation.id)) is None


def waits_for_the_disk(session):
    """Whether a commit of this session is acknowledged only once it is on the disk."""
    if session.get_bind().dialect.name == "sqlite":
        return session.scalar(text("PRAGMA synchronous")) == 2
    return session.scalar(text("SHOW synchronous_commit")) != "off"


def test_only_work_that_can_be_done_again_does_not_wait_for_the_disk(engine):
    """One after the other, and twice: nothing of one kind of session may stay with the connection for another."""
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # a cluster for tests has it off for everybody
            connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET synchronous_commit = on")
    engine.dispose()
    for _ in range(2):
        with create_sessions(engine)() as durable:
            assert waits_for_the_disk(durable)
        with create_redoable_sessions(engine)() as redoable:
            assert not waits_for_the_disk(redoable)
    with create_sessions(engine)() as durable:
        assert waits_for_the_disk(durable)


@SQLITE_ONLY
def test_without_wal_everything_waits_for_the_disk(engine, monkeypatch):
    """With a rollback journal, not to wait could damage the file."""
    unsafe = SimpleNamespace(is_wal_safe=False, module=sqlite_library().module)
    monkeypatch.setattr(database, "sqlite_library", lambda: unsafe)
    with create_redoable_sessions(engine)() as redoable:
        assert waits_for_the_disk(redoable)


def test_redoable_sessions_write_like_others(engine, readers, box):
    with create_redoable_sessions(engine).begin() as session:
        install(session, alice_offer(), box=box)
    with readers() as reader:
        assert reader.scalar(select(Installation.id)) is not None


@POSTGRES_ONLY
def test_postgres_waits_for_a_lock_as_long_as_sqlite_does(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "5s"
        assert connection.exec_driver_sql("SHOW timezone").scalar() == "UTC"


@POSTGRES_ONLY
def test_postgres_lets_go_of_a_machine_that_is_gone_within_ten_seconds(engine):
    """Its locks too. Left alone, the server asks after two hours."""
    with engine.connect() as connection:
        idle, interval, probes = (
            int(connection.exec_driver_sql(f"SHOW tcp_keepalives_{name}").scalar())
            for name in ("idle", "interval", "count")
        )
        socket_timeout = connection.exec_driver_sql("SHOW tcp_user_timeout").scalar()
    assert 0 < idle + interval * probes < 10
    assert 0 < int(socket_timeout) < 10_000


@POSTGRES_ONLY
def test_a_thread_lets_go_of_a_postgres_that_is_gone_within_ten_seconds(engine):
    with engine.connect() as connection:
        descriptor = connection.connection.driver_connection.fileno()
        with socket.socket(fileno=os.dup(descriptor)) as ours:
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            idle, interval, probes = (
                ours.getsockopt(socket.IPPROTO_TCP, name)
                for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
    assert 0 < idle + interval * probes < 10


@POSTGRES_ONLY
def test_no_statement_runs_for_ever_on_postgres(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW statement_timeout").scalar() == "1min"


def test_a_process_opens_no_more_connections_than_it_is_told(database_url):
    engine = create_engine(database_url, connections=3)
    held = [engine.connect() for _ in range(3)]
    try:
        assert engine.pool.size() + engine.pool._max_overflow == 3
        engine.pool._timeout = 0.1
        with pytest.raises(PoolTimeout):
            engine.connect()
    finally:
        for connection in held:
            connection.close()
        engine.dispose()


def test_options_in_the_url_are_the_operators():
    engine = create_engine("postgresql://db/x?options=-c%20lock_timeout%3D1")
    assert "options" not in database._postgres_arguments(engine.url)


def test_what_the_url_says_of_the_server_is_the_operators():
    engine = create_engine("postgresql://db/x?target_session_attrs=any")
    assert "target_session_attrs" not in database._postgres_arguments(engine.url)


class TestSomebodyInAHurry:
    @pytest.fixture
    def hurried(self, engine, monkeypatch):
        monkeypatch.setattr(database, "HURRIED_MILLISECONDS", 50)
        return create_hurried_sessions(engine)

    def test_waits_a_moment_for_a_lock_and_no_longer(self, hurried, sessions, box):
        """Others would wait for five seconds."""
        with sessions.begin() as session:
            row_id = install(session, alice_offer(), box=box).id
        with sessions.begin() as holder:
            changed_rows(holder, update(Installation).values(principal_name="first"))
            began = time.monotonic()
            with pytest.raises(OperationalError, match="lock"):
                write_name(hurried, row_id)
            assert time.monotonic() - began < database.BUSY_TIMEOUT_MILLISECONDS / 1000
        write_name(hurried, row_id)

    def test_leaves_the_patience_of_others_as_it_was(self, hurried, engine, box):
        with hurried.begin() as session:
            install(session, alice_offer(), box=box)
        with engine.connect() as connection:
            asked = "PRAGMA busy_timeout" if engine.dialect.name == "sqlite" else "SHOW lock_timeout"
            assert connection.exec_driver_sql(asked).scalar() in {5000, "5s"}


def write_name(maker, row_id):
    with maker.begin() as session:
        changed_rows(session, update(Installation).where(Installation.id == row_id).values(principal_name="second"))


def test_a_reader_cannot_write(sessions, readers, box):
    with sessions.begin() as session:
        install(session, alice_offer(), box=box)
    with readers() as reader:
        installation = reader.scalar(select(Installation))
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            receive(reader, installation)


def test_a_connection_that_read_can_write_afterwards(engine, box):
    """Both kinds of session share the pool: nothing of one may stay with the connection for the other."""
    for _ in range(2):
        with create_readers(engine)() as reader:
            reader.scalar(select(Installation.id))
        with create_sessions(engine).begin() as session:
            installation = install(session, alice_offer(), box=box)
            receive(session, installation)
    assert engine.pool.checkedout() == 0


def test_what_is_not_committed_never_was(sessions, readers, box):
    with sessions() as session:
        install(session, alice_offer(), box=box)
        session.rollback()
    with pytest.raises(ZeroDivisionError):
        install_and_fail(sessions, box)
    with readers() as reader:
        assert reader.scalar(select(Installation.id)) is None


def install_and_fail(sessions, box):
    with sessions.begin() as session:
        install(session, alice_offer(), box=box)
        raise ZeroDivisionError


def test_rows_point_to_an_installation_that_is_there(session, alice):
    session.execute(text("DELETE FROM webhook_deliveries"))
    orphan = {"installation_id": alice.id + 1, "delivery_uuid": "d", "body_sha256": "s", "event_key": "repo:push"}
    rest = {"attempt_number": 1, "received_at": NOON, "payload": "{}", "state": "pending", "attempts": 0}
    with pytest.raises(IntegrityError):
        session.execute(Delivery.__table__.insert().values(**orphan, **rest))


def test_an_error_of_the_database_does_not_tell_what_was_stored(session, alice):
    with pytest.raises(DBAPIError) as refused:
        session.execute(text("SELECT * FROM nowhere WHERE secret = :secret"), {"secret": "canary-value"})
    assert "canary-value" not in str(refused.value)


def test_threads_have_a_connection_each(sessions, box):
    """More threads than the pool keeps, all writing: each waits its turn, none fails."""
    with sessions.begin() as session:
        installation = install(session, alice_offer(), box=box)
    failures = []

    def add(number):
        try:
            with sessions.begin() as own:
                receive(own, installation, number=number)
        except Exception as error:  # noqa: BLE001 -- told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions() as session:
        assert failures == []
        assert session.query(Delivery).count() == 12


def test_engines_do_not_log_statements(engine, caplog):
    with caplog.at_level(logging.INFO), engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    assert caplog.records == []
