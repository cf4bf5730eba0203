"""Databases for tests: migrated and without rows for each test, on SQLite and on PostgreSQL. Folders' conftest files import from here.

A test that takes `database_url`, or what is made of it (`engine`, `sessions`, `readers`), runs once on each. PostgreSQL is the
server that BITTERN_TEST_POSTGRES_URL names, else one that is started for the test run. Where there is none, its tests are
skipped with one loud line; where CI=true they fail.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from models.database import create_engine, create_readers, create_sessions
from models.schema import upgrade
from models.tables import Base
from tests.postgres_cluster import NoPostgres, shared_cluster

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture(scope="session")
def postgres_server(request):
    """The URL of a PostgreSQL server on which databases may be made."""
    given = os.environ.get("BITTERN_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with ExitStack() as cluster:
        try:
            url = cluster.enter_context(shared_cluster(os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))))
        except NoPostgres as reason:
            do_without_postgres(request.config, reason)
        yield url


def do_without_postgres(config, reason):
    sentence = f"NO POSTGRESQL: {reason}. Its tests are not run."
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    say_once(config, sentence)
    pytest.skip(sentence)


@functools.cache
def say_once(config, sentence):
    capturing = config.pluginmanager.getplugin("capturemanager")
    with capturing.global_and_fixture_disabled():
        print(f"\n{sentence}", file=sys.stderr)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_server):
    """A migrated PostgreSQL database of this process's own. Yields its URL, and what empties its tables."""
    with postgres_database(postgres_server) as url:
        upgrade(url)
        with psycopg.connect(as_dsn(url), autocommit=True) as connection:
            yield url, functools.partial(empty_tables, connection)


def empty_tables(connection):
    """Leave no row, no session that a test has forgotten, and no table of others, such as a queue's."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # DELETE, since a test leaves few rows, and TRUNCATE makes new files for every table and index.
    connection.execute("; ".join(str(table.delete()) for table in reversed(Base.metadata.sorted_tables)))
    tables = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    for name in tables - {*Base.metadata.tables, "alembic_version"}:
        connection.execute(f'DROP TABLE "{name}"')


@contextmanager
def postgres_database(server_url):
    """A new database on the server, dropped at the end. Yields its URL."""
    name = f"bittern_test_{uuid4().hex}"
    execute_on(server_url, f"CREATE DATABASE {name}")
    try:
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        execute_on(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def execute_on(server_url, statement):
    with psycopg.connect(as_dsn(server_url), autocommit=True) as connection:
        connection.execute(statement)


def as_dsn(url):
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(params=BOTH)
def database_url(request, tmp_path):
    """The URL of a migrated database without rows. Tests that change the schema take `empty_database_url`."""
    if request.param == "sqlite":
        path = tmp_path / "bittern.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url, empty = request.getfixturevalue("postgres_tables")
    yield url
    empty()


@pytest.fixture(params=BOTH)
def empty_database_url(request, tmp_path):
    """The URL of a database without tables; on SQLite, of a file that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'bittern.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def engine(database_url):
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine):
    return create_sessions(engine)


@pytest.fixture
def readers(engine):
    return create_readers(engine)


@pytest.fixture
def session(sessions):
    """A session that may write, in a transaction that is rolled back unless the test commits."""
    with sessions() as session:
        yield session


__all__ = [
    "database_url",
    "empty_database_url",
    "engine",
    "postgres_server",
    "postgres_tables",
    "readers",
    "session",
    "sessions",
    "sqlite_template",
]
