"""The schema: which version the database has, and bringing it up to the one that this code needs.

`upgrade` runs in a release step, or before the demo starts; the web server and the worker only check, and stop with a
sentence where the schema does not fit. Two processes may upgrade at once: one works, the other waits.

Alembic runs the migrations, and nobody else needs it: with what it brings along it takes eight megabytes of every process that only checks.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, column, func, inspect, select, table
from sqlalchemy.exc import DatabaseError, OperationalError

from models.database import create_engine
from models.errors import DatabaseUnreachable, SchemaUnfit
from models.sqlite import sqlite_library

if TYPE_CHECKING:
    from alembic.config import Config

UPGRADE_COMMAND: Final = "flask bittern migrate"

_FROM: Final = "_from_"
_ADDING: Final = re.compile(rf"(?P<number>\d{{4}}){_FROM}(?P<oldest>\d{{4}})")

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_REVISION: Final = re.compile(r'^revision(?:: str)? = "(\w+)"$', re.MULTILINE)
_VERSIONS_TABLE: Final = table("alembic_version", column("version_num"))
_UPGRADE_LOCK: Final = 0x42_49_54_54_45_52_4E  # any number that nothing else in the database locks


def upgrade(database: Engine | str) -> None:
    """Bring the schema of the database up to this code's, from nothing too. Waits for another process that does the same.

    Raises SchemaUnfit where the database was written by a newer version, DatabaseUnreachable where it cannot be opened.
    """
    from alembic import command

    engine = create_engine(database) if isinstance(database, str) else database
    with _reachable(), _alone(engine), engine.connect() as connection:
        _require_writable(engine)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite_file(connection)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                # An index of a large table takes its time. Locks are not waited for any longer than elsewhere: others would queue behind.
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            found = _version(connection)
            if not _is_ahead_and_fit(found):
                refuse_unknown_schema(found)
                command.upgrade(_config(connection), "head")
                _check_foreign_keys(connection)
    if isinstance(database, str):
        engine.dispose()


def schema_version(engine: Engine) -> str | None:
    """The version of the database's schema; None where there is none. Creates nothing, not even the file."""
    path = _sqlite_path(engine)
    if path is not None and not path.exists():
        return None
    with engine.execution_options(bittern_access="read").connect() as connection:
        return _version(connection)


@cache
def known_versions() -> tuple[str, ...]:
    """The versions of the schema that this code knows, oldest first: each file in models/migrations/versions says its own."""
    files = sorted((_MIGRATIONS / "versions").glob("[0-9]*.py"))
    return tuple(_REVISION.findall("".join(file.read_text() for file in files)))


def head_version() -> str:
    """The version of the schema that this code needs."""
    return known_versions()[-1]


def is_fit(found: str | None) -> bool:
    """Whether this code can serve from a database with this version of the schema: its own, or a later one that says so.

    A migration that only adds is named for the oldest code that goes on running after it: `0009_from_0008`. So a new version's
    schema can be there before the new version is, and the old one serves until the last of its processes is replaced.
    """
    return found == head_version() or _is_ahead_and_fit(found)


def require_current_schema(engine: Engine) -> None:
    """Return where the database has the schema that this code needs.

    Raises SchemaUnfit with what to do where it has not, DatabaseUnreachable where it cannot be opened or written.
    """
    with _reachable():
        _require_writable(engine)  # first: even reading leaves files beside one in WAL mode
        found = schema_version(engine)
    needed = head_version()
    if is_fit(found):
        return
    refuse_unknown_schema(found)
    state = "is empty" if found is None else f"has schema {found}"
    message = f"The database {state}, and schema {needed} is needed. Run `{UPGRADE_COMMAND}` first."
    raise SchemaUnfit(message, found=found, needed=needed)


def _require_writable(engine: Engine) -> None:
    """Stop where SQLite's file could be read, and nothing stored in it: that would show with the first webhook."""
    path = _sqlite_path(engine)
    if path is None or not path.exists():
        return
    # The folder too: SQLite keeps the log beside the file.
    for needed in (path, path.parent):
        if not os.access(needed, os.W_OK, effective_ids=True):
            raise DatabaseUnreachable(f"The database cannot be written: this account may not write {needed}")


@contextmanager
def _reachable() -> Iterator[None]:
    """Say in one sentence what keeps us from the database; what goes wrong inside it stays as it is."""
    try:
        yield
    except OSError as error:
        raise DatabaseUnreachable(
            f"The folder of the database cannot be used: {error.strerror}: {error.filename}"
        ) from error
    except DatabaseError as error:
        # Exactly DatabaseError is a file that is no database; its other subclasses are mistakes in a migration.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            raise
        raise _unusable(error.orig) from error
    except sqlite_library().module.DatabaseError as error:
        raise _unusable(error) from error


def _unusable(error: BaseException | None) -> DatabaseUnreachable:
    # The driver's first line; the rest repeats it for every address of the host.
    reason = str(error).partition("\n")[0]
    return DatabaseUnreachable(f"The database cannot be used: {reason}")


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSIONS_TABLE.name):
        return None
    found: str | None = connection.scalar(select(_VERSIONS_TABLE.c.version_num))
    return found


def _is_ahead_and_fit(found: str | None) -> bool:
    later = _ADDING.fullmatch(found or "")
    ours = head_version().partition(_FROM)[0]
    return later is not None and later["oldest"] <= ours < later["number"]


def refuse_unknown_schema(found: str | None) -> None:
    """Raise SchemaUnfit for a schema that this code does not know."""
    if found is not None and found not in known_versions():
        message = f"The database has schema {found}, which a newer version of Bittern has made. Run that version."
        raise SchemaUnfit(message, found=found, needed=head_version())


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Keep other processes from upgrading the same database meanwhile."""
    path = _sqlite_path(engine)
    with _alone_in_folder(path.parent) if path is not None else _alone_on_server(engine):
        yield


@contextmanager
def _alone_in_folder(folder: Path) -> Iterator[None]:
    # The folder itself is locked, so no lock file stays behind. Changing to WAL mode is what needs this: SQLite's own
    # busy timeout does not cover it.
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _alone_on_server(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        yield


def _prepare_sqlite_file(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 -- tells the type checker: a live connection has one
    driver.execute(f"PRAGMA journal_mode={sqlite_library().journal_mode}")
    # Batch migrations rebuild tables, which must not trip over rows that point to them; checked again before the commit.
    driver.execute("PRAGMA foreign_keys=OFF")
    connection.detach()  # so that no session gets a connection without foreign keys


def _check_foreign_keys(connection: Connection) -> None:
    if (
        connection.dialect.name == "sqlite"
        and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None
    ):
        raise AssertionError("a migration has left rows that point nowhere")


def _sqlite_path(engine: Engine) -> Path | None:
    database = engine.url.database
    return Path(database) if engine.dialect.name == "sqlite" and database else None
