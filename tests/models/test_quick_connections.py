"""Connections for single statements: few, beside the pool, and none that is gone costs anybody a request."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from demo.ports import any_free_port
from models.database import create_engine
from models.quick_connections import QuickConnections, share_of

ONE = "SELECT 1"


@pytest.fixture
def quick(engine):
    return QuickConnections(engine, most=2)


@pytest.fixture
def connected(engine):
    """How many connections the engine has opened since."""
    opened = []
    event.listen(engine, "connect", lambda *_: opened.append(1))
    engine.dispose()
    yield opened
    engine.dispose()


def cut_off_connections(engine):
    others = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'bittern' AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        connection.execute(text(others))


def in_threads(count, ask):
    """Have so many ask at the same time, and return what each found."""
    found, together = [], threading.Barrier(count)

    def one():
        together.wait()
        found.append(ask())

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_after_the_other_they_come_over_one_connection(quick, connected):
    assert [quick.rows(ONE, ()) for _ in range(5)] == [[(1,)]] * 5
    assert len(connected) == 1


def test_nothing_of_the_pool_is_kept(quick, engine):
    quick.rows(ONE, ())
    assert engine.pool.checkedout() == 0


def test_whoever_finds_all_taken_uses_the_pool(quick, engine, connected):
    held = [quick._take() for _ in range(2)]
    assert None not in held
    assert quick._take() is None
    assert quick.rows(ONE, ()) == [(1,)]
    assert engine.pool.checkedout() == 0
    with engine.connect() as connection:
        assert not getattr(connection.connection.dbapi_connection, "autocommit", False)
    for connection in held:
        quick._let_go(connection)
    assert quick.rows(ONE, ()) == [(1,)]
    # The one of the pool is taken over.
    assert len(connected) == 3


def test_many_at_once_are_all_answered(quick):
    assert in_threads(16, lambda: quick.rows(ONE, ())) == [[(1,)]] * 16


def test_each_statement_sees_what_is_committed_by_then(quick, engine):
    count = "SELECT count(*) FROM presences"
    before = quick.rows(count, ())
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("DELETE FROM presences"))
        assert quick.rows(count, ()) == before
        transaction.rollback()


def test_what_the_database_refuses_is_raised_as_sqlalchemy_does_and_costs_no_connection(quick, connected):
    for _ in range(3):
        with pytest.raises(DBAPIError, match="no_such_table"):
            quick.rows("SELECT 1 FROM no_such_table", ())
        assert quick.rows(ONE, ()) == [(1,)]
    assert len(connected) == 1


def test_a_connection_that_was_cut_off_costs_no_request(quick, engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("nobody cuts SQLite's connections")
    for _ in range(3):
        quick.rows(ONE, ())
        cut_off_connections(engine)
        assert quick.rows(ONE, ()) == [(1,)]


def test_what_the_engine_disposes_of_is_closed(quick, engine, connected):
    quick.rows(ONE, ())
    [free] = quick._free
    engine.dispose()
    with pytest.raises(engine.dialect.loaded_dbapi.Error):
        free.cursor().execute(ONE)
    assert quick.rows(ONE, ()) == [(1,)]
    assert len(connected) == 2


@pytest.mark.parametrize(
    "where", ["sqlite:////nowhere/at/all/bittern.db", "postgresql://bittern@127.0.0.1:{port}/bittern"]
)
def test_a_database_that_cannot_be_reached_is_unavailable_and_no_accident(where):
    quick = QuickConnections(create_engine(where.format(port=any_free_port())), most=1)
    for _ in range(3):
        with pytest.raises(OperationalError):
            quick.rows(ONE, ())


@pytest.mark.parametrize(("connections", "share"), [(4, 2), (8, 4), (16, 8), (1000, 8)])
def test_they_are_few_of_a_process_connections(connections, share):
    assert share_of(connections) == share
