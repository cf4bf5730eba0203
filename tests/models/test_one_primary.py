"""No decision is taken from a replica: every session of a process goes to the one database that may be written.

What is allowed and what is a duplicate is looked up with the same engine that writes. A server that only reads, such as a standby
behind the same name, is not connected to at all.
"""

from __future__ import annotations

import ast
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models.database import create_engine, create_readers, create_sessions
from services import create_services
from settings import Settings
from tests.databases import as_dsn, execute_on

ROOT = Path(__file__).parents[2]
PACKAGES = ("connect", "bitbucket", "insights", "models", "sync", "jobs", "web", "cli")
MAKERS = {"create_engine", "create_sqlalchemy_engine"}

pytestmark = pytest.mark.fault("D7")


@pytest.fixture
def services(database_url):
    made = create_services(
        Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=database_url)
    )
    yield made
    made.engine.dispose()


def test_every_kind_of_session_has_the_pool_of_the_one_engine(services):
    for kind in (services.sessions, services.redoable, services.readers):
        with kind() as session:
            assert session.get_bind().pool is services.engine.pool


def test_a_reader_sees_at_once_what_was_committed(services):
    """As a replica would not."""
    with services.sessions.begin() as session:
        session.execute(text("CREATE TABLE told (word TEXT)"))
        session.execute(text("INSERT INTO told VALUES ('once')"))
    try:
        with services.readers() as session:
            assert session.scalar(text("SELECT word FROM told")) == "once"
    finally:
        with services.sessions.begin() as session:
            session.execute(text("DROP TABLE told"))


def calls_of_makers(path):
    """The lines of a module that make an engine."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if name in MAKERS:
                yield ast.unparse(node.args[0])


def test_engines_are_made_for_the_database_of_the_settings_and_nothing_else():
    modules = [*ROOT.glob("*.py"), *(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]
    made = {
        str(path.relative_to(ROOT)): found
        for path in modules
        if "migrations" not in path.parts and (found := sorted(set(calls_of_makers(path))))
    }
    assert made.pop("models/database.py") == ["parsed"]
    assert made.pop("models/schema.py") == ["database"]
    addresses = {address for found in made.values() for address in found}
    assert made.keys() >= {"services.py"}
    assert all(address.endswith(".database_url") for address in addresses), made


def test_the_settings_name_one_database():
    addresses = [name for name in Settings.model_fields if name.endswith("url")]
    assert [name for name in addresses if name not in {"base_url", "queue_url", "api_url", "site_url"}] == [
        "database_url"
    ]


@pytest.mark.postgres
def test_a_server_that_only_reads_is_not_connected_to(postgres_tables, postgres_server):
    """A standby that a name leads to may be seconds behind."""
    url, _ = postgres_tables
    with psycopg.connect(as_dsn(url)) as connection:
        database = connection.info.dbname
    execute_on(postgres_server, f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    engine = create_engine(url)
    try:
        for kind in (create_sessions, create_readers):
            with kind(engine)() as session, pytest.raises(OperationalError, match="read-only"):
                session.execute(text("SELECT 1"))
    finally:
        engine.dispose()
        execute_on(postgres_server, f"ALTER DATABASE {database} RESET default_transaction_read_only")
