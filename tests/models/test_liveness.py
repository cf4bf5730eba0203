"""Connections to PostgreSQL between two uses: asked only after a while, and replaced where the server has hung up meanwhile."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text

from models import liveness
from tests.databases import BOTH, as_dsn
from tests.jobs.conftest import wait_for

pytestmark = pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)


@pytest.fixture
def pings(engine, monkeypatch):
    """The connections that the server was asked over."""
    seen, ping = [], engine.dialect.do_ping

    def note(connection):
        seen.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", note)
    return seen


@pytest.fixture
def long_moment(monkeypatch):
    monkeypatch.setattr(liveness, "MOMENT_SECONDS", 3600.0)


@pytest.fixture
def over(monkeypatch):
    """Whatever was used was used long ago."""
    monkeypatch.setattr(liveness, "MOMENT_SECONDS", 0.0)


def use(engine):
    """The number of the server's process at the other end."""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT pg_backend_pid()"))


def test_one_that_was_in_use_a_moment_ago_is_not_asked(engine, pings, long_moment):
    assert use(engine) == use(engine)
    assert pings == []


def test_one_that_was_not_is_asked(engine, pings, over):
    assert use(engine) == use(engine)
    assert len(pings) == 1


def test_a_new_one_is_not_asked(engine, pings, over):
    use(engine)
    assert pings == []


def cut_off(engine, server_process):
    """Have the server hang up, and wait until it has: whoever asks after a restart comes after it."""
    with psycopg.connect(as_dsn(engine.url), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [server_process])


@pytest.mark.parametrize("moment", ["long_moment", "over"])
def test_one_that_was_cut_off_is_replaced_however_short_ago_it_was_in_use(engine, request, moment):
    request.getfixturevalue(moment)
    before = use(engine)
    cut_off(engine, before)
    assert use(engine) != before


def test_one_that_was_closed_at_our_end_is_replaced(engine, long_moment):
    with engine.connect() as connection:
        before = connection.scalar(text("SELECT pg_backend_pid()"))
        connection.commit()
        driver = connection.connection.dbapi_connection
    driver.close()
    assert use(engine) != before


def test_one_on_which_the_server_has_spoken_is_asked_and_stays(engine, pings, long_moment):
    with engine.connect() as other:
        with engine.connect() as connection:
            before = connection.scalar(text("SELECT pg_backend_pid()"))
            connection.execute(text("LISTEN news"))
            connection.commit()
            driver = connection.connection.dbapi_connection
        other.execute(text("NOTIFY news"))
        other.commit()
        wait_for(lambda: not liveness._is_silent(driver))
        assert use(engine) == before
    assert pings == [driver]
