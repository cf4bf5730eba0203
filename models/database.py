"""Engines and sessions: how connections to SQLite and PostgreSQL are opened, and how their transactions begin.

Four kinds of session exist. `create_sessions` gives those that may write: on SQLite they take the write lock at once (BEGIN
IMMEDIATE), so that what they read cannot change before they write. `create_redoable_sessions` gives the same without the wait
for the disk, `create_hurried_sessions` the same without a long wait for locks. `create_readers` gives those that cannot write, on either database; they never wait for a writer.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from models.courtesy import Courtesy
from models.errors import DatabaseUnsupported
from models.liveness import watch
from models.log_limit import MOST_BYTES, MOST_REDOABLE_BYTES, LogLimit
from models.sqlite import sqlite_library
from models.write_lock import begin_first

if TYPE_CHECKING:
    from sqlalchemy.engine import URL
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MILLISECONDS: Final = 5000
CONNECT_TIMEOUT_SECONDS: Final = 5
JOURNAL_LIMIT_BYTES: Final = 64 * 1024 * 1024

MOST_CONNECTIONS: Final = 16
_KEPT_CONNECTIONS: Final = 8
# A thread beyond them waits for a connection for at most so long.
_POOL_TIMEOUT_SECONDS: Final = 5

STATEMENT_TIMEOUT_MILLISECONDS: Final = 60_000
"""No statement of ours takes nearly as long; one that does keeps a connection, and what it has locked, from others."""

# A machine that is gone says nothing. Both ends ask a silent connection after four seconds, and give it up after eight: PostgreSQL
# would keep the locks of a lost machine for two hours otherwise, and a thread would wait as long for a lost PostgreSQL.
_SILENT_SECONDS: Final = 4
_PROBE_SECONDS: Final = 2
_PROBES: Final = 2
_GONE_MILLISECONDS: Final = 1000 * (_SILENT_SECONDS + _PROBES * _PROBE_SECONDS)

_ACCESS: Final = "bittern_access"
_READ: Final = "read"
_REDOABLE: Final = "redoable"
_HURRIED: Final = "hurried"
HURRIED_MILLISECONDS: Final = 1000
_PATIENCE: Final = "bittern_patience_milliseconds"


def create_engine(url: str, *, connections: int = MOST_CONNECTIONS) -> Engine:
    """An engine for a database URL of the settings, with at most so many connections. Opens none. Raises DatabaseUnsupported."""
    parsed = normalise_url(url)
    kept = min(connections, _KEPT_CONNECTIONS)
    options: dict[str, Any] = {
        "pool_size": kept,
        "max_overflow": connections - kept,
        "pool_timeout": _POOL_TIMEOUT_SECONDS,
        "hide_parameters": True,  # parameters are names, payloads and sealed secrets: not for logs
    }
    if parsed.get_backend_name() == "sqlite":
        engine = create_sqlalchemy_engine(parsed, module=sqlite_library().module, **options)
        event.listen(engine, "connect", _prepare_sqlite_connection)
        event.listen(engine, "begin", _sqlite_beginner(parsed.database or ""))
        return engine
    engine = create_sqlalchemy_engine(parsed, connect_args=_postgres_arguments(parsed), **options)
    watch(engine)
    event.listen(engine, "begin", _begin_postgres_transaction)
    return engine


def create_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that may write."""
    return sessionmaker(engine, expire_on_commit=False)


def create_redoable_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that may write what is simply done again, should a power failure take back their last commits.

    They come out consistent and in order, only not all of them: a delivery that was applied is pending again, and its rows are
    as before. Never for anything that somebody outside was told. Several times as many commits as with a wait for the disk,
    and on SQLite nothing to wait for in front of webhooks that need the same lock: they go first.
    """
    return sessionmaker(engine.execution_options(**{_ACCESS: _REDOABLE}), expire_on_commit=False)


def create_hurried_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that may write while a person waits for a page: they wait for no lock longer than a second."""
    return sessionmaker(engine.execution_options(**{_ACCESS: _HURRIED}), expire_on_commit=False)


def be_patient_for(connection: Connection, *, seconds: float) -> None:
    """Have the transaction that is begun next wait for no lock longer, nor longer than usual."""
    if seconds * 1000 < BUSY_TIMEOUT_MILLISECONDS:
        connection.execution_options(**{_PATIENCE: max(1, round(seconds * 1000))})


def create_readers(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read: an attempt to write is an error on both databases."""
    return sessionmaker(engine.execution_options(**{_ACCESS: _READ}, postgresql_readonly=True), expire_on_commit=False)


def empty_log(engine: Engine) -> None:
    """Write SQLite's log back and empty it: it still holds what was deleted since. Where others read just now, it stays as it is."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def normalise_url(url: str) -> "URL":
    """The URL with the driver that we use: `postgres://` and `postgresql://` both mean psycopg 3. Raises DatabaseUnsupported."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUnsupported("The database address cannot be read.") from error
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    raise DatabaseUnsupported(f"Bittern runs on an SQLite file or on PostgreSQL, not on {parsed.drivername}.")


def _postgres_arguments(url: "URL") -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "bittern",
        # Also what is only read decides: a standby, which may be behind, is not the database.
        "target_session_attrs": "read-write",
    }
    arguments = {name: value for name, value in (arguments | _OUR_END).items() if name not in url.query}
    if "options" not in url.query:
        arguments["options"] = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    return arguments


_OUR_END: Final = {
    "keepalives_idle": _SILENT_SECONDS,
    "keepalives_interval": _PROBE_SECONDS,
    "keepalives_count": _PROBES,
    "tcp_user_timeout": _GONE_MILLISECONDS,
}
_SESSION: Final = {
    # The same patience as on SQLite: a webhook is refused with a 503 before the sender gives up at 10 s.
    "lock_timeout": BUSY_TIMEOUT_MILLISECONDS,
    "statement_timeout": STATEMENT_TIMEOUT_MILLISECONDS,
    "tcp_keepalives_idle": _SILENT_SECONDS,
    "tcp_keepalives_interval": _PROBE_SECONDS,
    "tcp_keepalives_count": _PROBES,
    "tcp_user_timeout": _GONE_MILLISECONDS,
    "timezone": "UTC",
}


def _prepare_sqlite_connection(connection: "DBAPIConnection", _record: "ConnectionPoolEntry") -> None:
    # None: the driver begins no transactions of its own, `_begin_sqlite_transaction` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MILLISECONDS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA journal_size_limit={JOURNAL_LIMIT_BYTES}")
        # What is deleted is gone from the file, and not merely from its tables.
        cursor.execute("PRAGMA secure_delete=ON")
        _leave_unsafe_wal(cursor)
    finally:
        cursor.close()


def _leave_unsafe_wal(cursor: "DBAPICursor") -> None:
    """Take a file that a safer library has put into WAL mode out of it. `upgrade` is what puts it there."""
    if sqlite_library().is_wal_safe:
        return
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone() == ("wal",):
        cursor.execute("PRAGMA journal_mode=delete")


def _sqlite_beginner(database: str) -> Callable[[Connection], None]:
    """What begins each transaction on this database."""
    courtesy, log = Courtesy(database), LogLimit(database)

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        access, patience = options.get(_ACCESS), options.get(_PATIENCE)
        _set(connection, "query_only", "ON" if access == _READ else "OFF")
        # NORMAL may take back the last commits when the power fails. In WAL mode it does not damage the file; otherwise it could.
        need_not_wait = access == _REDOABLE and sqlite_library().is_wal_safe
        _set(connection, "synchronous", "NORMAL" if need_not_wait else "FULL")
        if access == _READ:
            connection.exec_driver_sql("BEGIN")
        elif access == _HURRIED:
            log.check(connection, most_bytes=MOST_BYTES)
            _begin_first(connection, courtesy, patience=HURRIED_MILLISECONDS)
        elif access == _REDOABLE:
            log.check(connection, most_bytes=MOST_REDOABLE_BYTES)
            courtesy.give_way()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            log.check(connection, most_bytes=MOST_BYTES)
            _begin_first(connection, courtesy, patience=patience)

    return begin


def _set(connection: Connection, pragma: str, value: str) -> None:
    """Set what the connection does not have from an earlier transaction: two statements for each one cost more than the rest of it."""
    if connection.info.get(pragma) != value:
        connection.exec_driver_sql(f"PRAGMA {pragma}={value}")
        connection.info[pragma] = value


def _begin_first(connection: Connection, courtesy: Courtesy, *, patience: int | None) -> None:
    """Take the lock before work that can wait; `patience` are milliseconds, where they are not the usual ones."""
    begin_first(
        connection,
        courtesy,
        patience_milliseconds=BUSY_TIMEOUT_MILLISECONDS if patience is None else patience,
        usual_milliseconds=BUSY_TIMEOUT_MILLISECONDS,
    )


def _begin_postgres_transaction(connection: Connection) -> None:
    options = connection.get_execution_options()
    access = options.get(_ACCESS)
    if access == _REDOABLE:
        connection.exec_driver_sql("SET LOCAL synchronous_commit TO off")
    elif access == _HURRIED:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {HURRIED_MILLISECONDS}")
    elif _PATIENCE in options:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {options[_PATIENCE]}")
