"""apsw as a driver for SQLAlchemy, so that the product's own statements and settings run over a disk that tests have made.

As much of the DB-API as SQLAlchemy's dialect for SQLite asks for, with the exceptions of Python's own module. `Driver(vfs)` takes
the place of the module. Where it is given `synchronous`, every connection gets that instead of what the product sets.
"""

from __future__ import annotations

import re
import sqlite3

import apsw

_SYNCHRONOUS = re.compile(r"PRAGMA synchronous=\w+")
_AS_PYTHON_SAYS = {
    apsw.ConstraintError: sqlite3.IntegrityError,
    apsw.CorruptError: sqlite3.DatabaseError,
    apsw.NotADBError: sqlite3.DatabaseError,
    apsw.MismatchError: sqlite3.IntegrityError,
    apsw.MisuseError: sqlite3.InterfaceError,
    apsw.InternalError: sqlite3.InternalError,
}


class Driver:
    """The module: what SQLAlchemy is handed in its place."""

    paramstyle = "qmark"
    threadsafety = 1
    sqlite_version = apsw.sqlite_lib_version()
    sqlite_version_info = tuple(map(int, apsw.sqlite_lib_version().split(".")))
    Error = sqlite3.Error
    DatabaseError = sqlite3.DatabaseError
    OperationalError = sqlite3.OperationalError
    IntegrityError = sqlite3.IntegrityError
    InterfaceError = sqlite3.InterfaceError
    InternalError = sqlite3.InternalError
    ProgrammingError = sqlite3.ProgrammingError
    NotSupportedError = sqlite3.NotSupportedError
    DataError = sqlite3.DataError
    __name__ = "apsw"

    def __init__(self, vfs: str, *, synchronous: str | None = None) -> None:
        self._vfs = vfs
        self._synchronous = synchronous

    def connect(self, filename: str, **_: object) -> Connection:
        return Connection(_said(apsw.Connection, filename, vfs=self._vfs), self._synchronous)


class Connection:
    def __init__(self, opened: apsw.Connection, synchronous: str | None) -> None:
        self.opened = opened
        self.isolation_level = None
        self.synchronous = synchronous

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, parameters: object = ()) -> Cursor:
        return self.cursor().execute(statement, parameters)

    def create_function(self, name: str, arguments: int, function, *, deterministic: bool = False) -> None:
        self.opened.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def commit(self) -> None:
        if self.opened.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.opened.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self.opened.close()


class Cursor:
    """All rows of a statement are read at once: there are few."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[object, ...]] = []
        self.description = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: object = ()) -> Cursor:
        wanted = self._connection.synchronous
        if wanted is not None:
            statement = _SYNCHRONOUS.sub(f"PRAGMA synchronous={wanted}", statement)
        opened = self._connection.opened
        cursor, before = opened.cursor(), opened.total_changes()
        cursor.exec_trace = self._describe
        self._rows = _said(lambda: list(cursor.execute(statement, parameters)))
        self.rowcount = -1 if self.description and not opened.total_changes() - before else opened.changes()
        self.lastrowid = opened.last_insert_rowid()
        return self

    def executemany(self, statement: str, many) -> Cursor:
        changed = 0
        for parameters in many:
            changed += max(self.execute(statement, parameters).rowcount, 0)
        self.rowcount = changed
        return self

    def _describe(self, cursor: apsw.Cursor, _statement: str, _parameters: object) -> bool:
        named = cursor.get_description()
        self.description = tuple((name, *[None] * 6) for name, _ in named) if named else None
        return True

    def fetchone(self):
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None):
        taken, self._rows = self._rows[: size or 1], self._rows[size or 1 :]
        return taken

    def fetchall(self):
        taken, self._rows = self._rows, []
        return taken

    def __iter__(self):
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


def _said(call, *arguments: object, **options: object):
    """Do it; what goes wrong is said in the words of Python's own module."""
    try:
        return call(*arguments, **options)
    except apsw.Error as error:
        kind = next((kind for ours, kind in _AS_PYTHON_SAYS.items() if isinstance(error, ours)), None)
        raise (kind or sqlite3.OperationalError)(str(error)) from error
