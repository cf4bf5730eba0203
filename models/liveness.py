"""Whether a connection of the pool still has its server at the other end. A server that was restarted must cost no request.

A trip to the server says so for certain, and is as long as a statement. One that was in use a moment ago is only looked at: what
the server says last, and that it has hung up, is there to be read by then.
"""

import select
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

MOMENT_SECONDS: Final = 1.0
"""Also a machine that is gone without a word costs only what is asked so soon after the last answer."""

_USED_AT: Final = "used_at"


def watch(engine: Engine) -> None:
    """Have the connections of an engine to PostgreSQL looked at before they are used again."""

    def note(_connection: "DBAPIConnection | None", record: "ConnectionPoolEntry") -> None:
        record.info[_USED_AT] = time.monotonic()

    def check(connection: "DBAPIConnection", record: "ConnectionPoolEntry", _proxy: "PoolProxiedConnection") -> None:
        used_at = record.info.get(_USED_AT)
        if used_at is None:
            return  # it was opened for whoever takes it now
        if time.monotonic() - used_at < MOMENT_SECONDS and _is_silent(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", check)


def _is_silent(connection: Any) -> bool:  # noqa: ANN401 - the driver's own
    """Whether nothing is there to be read: between statements the server only speaks to say that something has happened."""
    if connection.closed:
        return False
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return not looking.poll(0)
