"""Taking SQLite's one write lock while somebody outside waits: before work that can wait, and soon after it is free.

SQLite's own wait asks again after 1, 2, 5, 10 and up to 100 ms, whoever has let go meanwhile. Web processes that take webhooks in
turn and turn about then stand idle for most of a burst. So here the lock is asked for every millisecond, and less often once it
is plain that somebody keeps it.
"""

import time
from threading import Event
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine.interfaces import DBAPICursor

    from models.courtesy import Courtesy

_PAUSE_SECONDS: Final = 0.001
_SHORT_SECONDS: Final = 0.1
_LATER_PAUSE_SECONDS: Final = 0.005
_PAUSE: Final = Event().wait
_BUSY: Final = 5
"""SQLITE_BUSY; its extended codes have it in their lowest byte."""


def begin_first(
    connection: "Connection", courtesy: "Courtesy", *, patience_milliseconds: int, usual_milliseconds: int
) -> None:
    """Begin a transaction that has the lock. Raises what SQLAlchemy makes of SQLite's error where it is not to be had in time.

    The connection waits as long as usual for anything else.
    """
    # Past SQLAlchemy, which would take the first of the errors for the end of the transaction, and costs more than each statement.
    cursor = connection.connection.cursor()
    busy_error = connection.dialect.loaded_dbapi.OperationalError
    try:
        cursor.execute("PRAGMA busy_timeout=0")
        with courtesy.first():
            if not _has_begun(cursor, busy_error, seconds=patience_milliseconds / 1000):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        cursor.execute(f"PRAGMA busy_timeout={usual_milliseconds}")
        cursor.close()


def _has_begun(cursor: "DBAPICursor", busy_error: type[Exception], *, seconds: float) -> bool:
    """Ask for the lock until it is there. False where it is not to be had in time, or where something else is the matter."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) <= seconds:
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except busy_error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != _BUSY:
                return False
            _PAUSE(_PAUSE_SECONDS if waited < _SHORT_SECONDS else _LATER_PAUSE_SECONDS)
        else:
            return True
    return False
