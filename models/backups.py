"""Copies of an SQLite database: taken while the service runs, checked before they count, and put back in its place.

A file in WAL mode is not copied by copying it: what was committed last is in the log beside it, and a copy of both is of two
moments. SQLite's own backup copies one moment, and holds up nobody. PostgreSQL has programs of its own for both.
"""

import os
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine

from models.errors import BackupRefused, SchemaUnfit
from models.schema import is_fit, refuse_unknown_schema
from models.sqlite import sqlite_library

if TYPE_CHECKING:
    from collections.abc import Iterator

_BESIDE: Final = ("-wal", "-shm")
_PRIVATE: Final = 0o600
"""A copy holds names and sealed secrets, as the database does."""


def back_up(engine: Engine, to: Path) -> int:
    """Write a copy of the database as it is now to a file, in the place of an older copy only once it is whole. Returns its bytes.

    Raises BackupRefused.
    """
    database = _path_of(engine)
    if not database.exists():
        raise BackupRefused(f"There is no database at {database}.")
    if to.is_dir() or (to.exists() and to.samefile(database)):
        raise BackupRefused(f"{to} is no place for a copy.")
    draft = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        draft.touch(mode=_PRIVATE, exist_ok=False)
        _copy(database, draft)
        _check(draft)
        _put(draft, to)
    except OSError as error:
        raise BackupRefused(f"The copy cannot be written: {error.strerror}: {error.filename}") from error
    finally:
        for leftover in (draft, *_beside(draft)):
            leftover.unlink(missing_ok=True)
    return to.stat().st_size


def restore(engine: Engine, copy: Path, *, now: datetime) -> Path | None:
    """Put a copy in the place of the database, which nobody may use meanwhile. Returns where the old one is kept, if there was one.

    Raises BackupRefused for what is no whole copy, SchemaUnfit for one of a newer version, and changes nothing then.
    """
    database = _path_of(engine)
    if not copy.is_file():
        raise BackupRefused(f"There is no copy at {copy}.")
    _check(copy)
    _check_schema(copy)
    database.parent.mkdir(parents=True, exist_ok=True)
    draft = database.with_name(f".{database.name}.{os.getpid()}")
    try:
        draft.touch(mode=_PRIVATE, exist_ok=False)
        _copy(copy, draft)
        kept = _set_aside(database, now=now)
        _put(draft, database)
    finally:
        for leftover in (draft, *_beside(draft)):
            leftover.unlink(missing_ok=True)
    return kept


def _path_of(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise BackupRefused("The database is on a PostgreSQL server: use pg_dump and pg_restore.")
    return Path(engine.url.database)


def _connect(path: Path, *, mode: str) -> Any:  # noqa: ANN401 -- of whichever SQLite module is in use
    return closing(sqlite_library().module.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=5))


def _copy(source: Path, target: Path) -> None:
    """All pages in one step: of one moment, however much is written meanwhile."""
    try:
        with _connect(source, mode="rw") as reading, _connect(target, mode="rw") as writing:
            reading.backup(writing)
            # So that the copy is one file, whoever opens it. `flask bittern migrate` puts it back into WAL mode.
            writing.execute("PRAGMA journal_mode=delete")
    except sqlite_library().module.DatabaseError as error:
        raise BackupRefused(f"{source} cannot be copied: {error}") from error


def _check(copy: Path) -> None:
    try:
        with _connect(copy, mode="ro") as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    except sqlite_library().module.DatabaseError as error:
        raise BackupRefused(f"{copy} is no database: {error}") from error
    if found != ["ok"]:
        raise BackupRefused(f"{copy} is damaged: {found[0]}")


def _check_schema(copy: Path) -> None:
    with _connect(copy, mode="ro") as connection:
        try:
            versions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
        except sqlite_library().module.OperationalError as error:
            raise BackupRefused(f"{copy} is no database of Bittern's.") from error
    if len(versions) != 1:
        raise SchemaUnfit(f"{copy} has no schema.", found=None, needed="one")
    if not is_fit(versions[0]):
        refuse_unknown_schema(versions[0])


def _set_aside(database: Path, *, now: datetime) -> Path | None:
    """Move the old database away with what is beside it. Raises BackupRefused where a process has it open."""
    if not database.exists():
        _forget_beside(database)
        return None
    _refuse_while_open(database)
    kept = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%S}")
    # A log that stays behind would be read into the restored file, and spoil it.
    for suffix in _BESIDE:
        with suppress(FileNotFoundError):
            database.with_name(database.name + suffix).replace(kept.with_name(kept.name + suffix))
    database.replace(kept)
    return kept


def _refuse_while_open(database: Path) -> None:
    """Only whoever is alone may take a file out of WAL mode. One that is damaged cannot be asked, and is set aside as it is."""
    module = sqlite_library().module
    try:
        with closing(module.connect(database.absolute().as_uri() + "?mode=rw", uri=True, timeout=0)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA journal_mode=delete").fetchall()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except module.OperationalError as error:
        if "locked" in str(error):
            raise BackupRefused(f"{database} is in use: stop the web server and the worker first.") from error
    except module.DatabaseError:
        return


def _forget_beside(database: Path) -> None:
    for path in _beside(database):
        path.unlink(missing_ok=True)


def _beside(database: Path) -> "Iterator[Path]":
    return (database.with_name(database.name + suffix) for suffix in _BESIDE)


def _put(draft: Path, place: Path) -> None:
    """Rename, so that the place holds the old file or the new one; both the file and its name are on the disk afterwards."""
    for path in (draft, None):
        descriptor = os.open(path or place.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path is not None:
            draft.replace(place)
