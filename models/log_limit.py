"""How long SQLite's log may become. Its writers stop before it fills the disk.

What is written goes to the log, and from there to the database once nobody reads an older state of it. A program that reads and
does not end, a backup or a forgotten shell, keeps the log from being written back, and it grows with every write. Our own readers
end soon, but not everything that may open the file is ours. So writers look at the size of the log: where it is too long and
cannot be written back now, they are refused, as if the database were away, until the reader has gone. Work that can be redone is
refused sooner, so that webhooks have the rest.
"""

import os
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from models.sqlite import sqlite_library

MOST_BYTES: Final = 192 * 1024 * 1024
"""For writers that somebody waits for. With what is under way the log stays under 256 MiB."""
MOST_REDOABLE_BYTES: Final = 128 * 1024 * 1024
PATIENCE_MILLISECONDS: Final = 250
"""So long readers may take to end: ours need less."""

_SUFFIX: Final = "-wal"
_EMPTY: Final = "PRAGMA wal_checkpoint(TRUNCATE)"
_SENTENCE: Final = "the log is too long, and a reader that does not end keeps it from being written back"


class LogLimit:
    """The log of one database."""

    def __init__(self, database: str) -> None:
        self._path = database + _SUFFIX

    @property
    def size_bytes(self) -> int:
        """How long the log is; 0 where there is none."""
        try:
            return os.stat(self._path).st_size  # noqa: PTH116 - before every write, and ten times as quick as a Path
        except OSError:
            return 0

    def check(self, connection: Connection, *, most_bytes: int) -> None:
        """Call it before a transaction that writes. Raises OperationalError where the log is longer and stays so."""
        if self.size_bytes >= most_bytes and not _is_emptied(connection):
            raise OperationalError(_EMPTY, None, sqlite_library().module.OperationalError(_SENTENCE))


def _is_emptied(connection: Connection) -> bool:
    """Write the log back and begin it anew, unless somebody still reads from it.

    SQLite does so by itself after a commit, but only in a moment in which nobody reads; and those who were refused commit nothing.
    """
    patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE_MILLISECONDS}")
    try:
        is_busy, _, _ = connection.exec_driver_sql(_EMPTY).one()
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
    return not is_busy
