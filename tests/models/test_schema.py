"""The schema: the migrations make what the tables say, once, whoever asks at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import autogenerate, command
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from models import schema
from models.database import create_engine
from models.errors import DatabaseUnreachable, SchemaUnfit
from models.schema import head_version, require_current_schema, schema_version, upgrade
from models.sqlite import sqlite_library
from models.tables import Base

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty_engine(empty_database_url):
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_what_the_tables_say(engine):
    with engine.connect() as connection:
        differences = autogenerate.compare_metadata(MigrationContext.configure(connection), Base.metadata)
        inspector = inspect(connection)
        made = {table: names_of_constraints(inspector, table) for table in Base.metadata.tables}
    assert differences == []
    # Autogenerate does not look at names of keys nor at checks; batch migrations need both.
    assert made == {name: {str(c.name) for c in table.constraints} for name, table in Base.metadata.tables.items()}


def test_the_versions_are_those_that_alembic_finds():
    found = ScriptDirectory(str(ROOT / "models/migrations")).walk_revisions()
    assert schema.known_versions() == tuple(script.revision for script in found)[::-1]


def test_whoever_only_checks_the_schema_does_not_load_alembic(engine):
    url = engine.url.render_as_string(hide_password=False)
    checks = "from models.schema import *; from models.database import create_engine; require_current_schema(create_engine(sys.argv[1]))"
    script = f"import sys; {checks}; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", script, url], cwd=ROOT, check=True)


def names_of_constraints(inspector, table):
    listed = [
        inspector.get_pk_constraint(table),
        *inspector.get_unique_constraints(table),
        *inspector.get_foreign_keys(table),
        *inspector.get_check_constraints(table),
    ]
    return {constraint["name"] for constraint in listed}


def test_an_upgrade_from_nothing_makes_folder_file_and_schema(empty_engine):
    assert schema_version(empty_engine) is None
    upgrade(empty_engine)
    assert schema_version(empty_engine) == head_version()
    require_current_schema(empty_engine)


def test_an_upgrade_of_a_current_database_changes_nothing(engine, alice, session):
    session.commit()
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM installations")) == 1
    assert schema_version(engine) == head_version()


def test_an_upgrade_by_url_leaves_no_connection_behind(empty_database_url, empty_engine):
    upgrade(empty_database_url)
    require_current_schema(empty_engine)


def test_looking_at_the_version_creates_nothing(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/none/bittern.db")
    assert schema_version(engine) is None
    assert list(tmp_path.iterdir()) == []


def test_every_migration_can_be_taken_back(empty_engine):
    upgrade(empty_engine)
    with empty_engine.connect() as connection, connection.begin():
        command.downgrade(schema._config(connection), "base")
    with empty_engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
    upgrade(empty_engine)
    require_current_schema(empty_engine)


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_engine, monkeypatch):
    def fail_at_the_end(connection):
        raise ZeroDivisionError

    monkeypatch.setattr(schema, "_check_foreign_keys", fail_at_the_end)
    with pytest.raises(ZeroDivisionError):
        upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_two_threads_may_upgrade_at_once(empty_database_url, empty_engine):
    failures = []
    barrier = threading.Barrier(4)

    def race():
        barrier.wait()
        try:
            upgrade(empty_database_url)
        except Exception as error:  # noqa: BLE001 -- told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    require_current_schema(empty_engine)


def test_two_processes_may_upgrade_at_once(empty_database_url, empty_engine):
    code = f"from models.schema import upgrade; upgrade({empty_database_url!r})"
    racers = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    assert [racer.wait() for racer in racers] == [0, 0]
    require_current_schema(empty_engine)


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_the_folder_is_locked_before_the_file_is_touched(empty_database_url, monkeypatch):
    """SQLite's own patience does not cover the change to WAL mode, so two processes must not come to it together."""
    seen = []

    def flock(descriptor, operation):
        folder = Path(f"/proc/self/fd/{descriptor}").readlink()
        seen.append((folder.name, operation, [path.name for path in folder.iterdir()]))

    monkeypatch.setattr(schema.fcntl, "flock", flock)
    upgrade(empty_database_url)
    assert seen == [("new", schema.fcntl.LOCK_EX, [])]


def test_an_empty_database_is_no_database_to_serve_from(empty_engine):
    with pytest.raises(SchemaUnfit, match=r"is empty.*Run `flask bittern migrate` first") as unfit:
        require_current_schema(empty_engine)
    assert (unfit.value.found, unfit.value.needed) == (None, head_version())


@pytest.fixture
def set_version(engine):
    """Writes another version into the database, and the right one at the end: on PostgreSQL others get this database too."""

    def put(version):
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})

    yield put
    put(head_version())


@pytest.mark.parametrize("version", ["9998_from_0009", "9998_from_0001"])
def test_a_later_schema_that_only_adds_is_served_from(engine, set_version, version):
    """While a new version is rolled out its schema is there already, and the old one's processes are still needed."""
    set_version(version)
    require_current_schema(engine)
    upgrade(engine)
    assert schema_version(engine) == version


@pytest.mark.parametrize("version", ["9998", "9999_from_9998", "9998_from_", "9998_from_0008x", "0001_from_0001"])
def test_any_other_schema_that_is_not_ours_is_refused(engine, set_version, version):
    set_version(version)
    with pytest.raises(SchemaUnfit, match="a newer version of Bittern has made"):
        require_current_schema(engine)
    with pytest.raises(SchemaUnfit):
        upgrade(engine)
    assert schema_version(engine) == version


@pytest.mark.fault("P5")
def test_an_older_schema_is_upgraded_before_it_is_served_from(engine, monkeypatch):
    monkeypatch.setattr(schema, "head_version", lambda: "9999")
    with pytest.raises(SchemaUnfit, match=f"has schema {head_version()}, and schema 9999 is needed"):
        require_current_schema(engine)


@pytest.mark.fault("P5")
def test_a_newer_schema_is_refused(empty_engine):
    upgrade(empty_engine)
    with empty_engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (require_current_schema, upgrade):
        with pytest.raises(SchemaUnfit, match="schema 9999, which a newer version of Bittern has made"):
            attempt(empty_engine)
    assert schema_version(empty_engine) == "9999"


@pytest.mark.parametrize("attempt", [upgrade, require_current_schema])
def test_a_server_that_does_not_answer_is_said_in_a_sentence(attempt):
    engine = create_engine("postgresql://nobody:canary@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnreachable, match=r"^The database cannot be used: connection .*refused") as refused:
        attempt(engine)
    assert "canary" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnreachable, match=r"^The folder of the database cannot be used: .*file"):
        upgrade(f"sqlite:///{tmp_path}/file/bittern.db")


@pytest.mark.fault("P4")
@pytest.mark.parametrize("attempt", [require_current_schema, upgrade])
@pytest.mark.parametrize("closed", ["bittern.db", "."])
def test_a_file_or_a_folder_that_may_not_be_written_is_said_in_a_sentence(tmp_path, monkeypatch, attempt, closed):
    engine = create_engine(f"sqlite:///{tmp_path / 'bittern.db'}")
    upgrade(engine)
    may_write = os.access
    monkeypatch.setattr(
        os, "access", lambda path, *how, **more: path != tmp_path / closed and may_write(path, *how, **more)
    )
    with pytest.raises(DatabaseUnreachable, match=r"The database cannot be written: this account may not write /"):
        attempt(engine)
    engine.dispose()


def test_a_mistake_in_a_migration_is_not_called_a_database_that_is_away(empty_engine, monkeypatch):
    def break_a_rule(connection):
        raise IntegrityError("INSERT", {}, ValueError("a mistake"))

    monkeypatch.setattr(schema, "_check_foreign_keys", break_a_rule)
    with pytest.raises(IntegrityError):
        upgrade(empty_engine)


def test_a_file_that_is_no_database_is_not_overwritten(tmp_path):
    path = tmp_path / "bittern.db"
    path.write_text("a letter to a friend, and not a database at all\n" * 100)
    with pytest.raises(DatabaseUnreachable, match=r"^The database cannot be used: file is not a database$"):
        upgrade(f"sqlite:///{path}")
    assert path.read_text().startswith("a letter")


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_an_sqlite_file_is_put_into_the_mode_that_its_library_is_safe_in(empty_engine, monkeypatch):
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == sqlite_library().journal_mode
        # The upgrade itself runs without foreign keys; no session may ever get its connection.
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
def test_a_migration_must_not_leave_rows_that_point_nowhere(empty_engine):
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys")
        connection.rollback()
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            connection.exec_driver_sql(
                "INSERT INTO repositories (installation_id, uuid, workspace_uuid, state, version, facts_at,"
                " first_seen_at, updated_at) VALUES (7, 'u', 'w', 'held', 0, '2026', '2026', '2026')"
            )
        connection.detach()
    with pytest.raises(AssertionError, match="point nowhere"):
        upgrade(empty_engine)
