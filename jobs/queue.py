"""The queue: which of huey's storages stands behind it, by URL. Losing it loses nothing but a few seconds."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from huey import Huey, PostgresHuey, RedisHuey
from huey.storage import SqliteStorage
from sqlalchemy import make_url

from jobs.serializer import JsonSerializer
from models.sqlite import sqlite_library

NAME: Final = "bittern"

# A ring at the doorbell happens within a request: better lost, and found by the sweep, than waited for.
PATIENCE_SECONDS: Final = 2

# Results are never asked for, and are not stored.
_OPTIONS: Final[dict[str, Any]] = {"results": False}


class QueueFile(SqliteStorage):  # type: ignore[misc]  # huey has no types
    """huey's SQLite storage on the same library as our database, and as careful about it.

    huey opens its file with Python's own library, in WAL mode. Libraries before 3.51.3 can corrupt a WAL file that several
    processes write, and here the web server and the worker both do. So the file is opened with the newest library at hand,
    and where that one has the race too, with the rollback journal, which has never had it.
    """

    operational_error = sqlite_library().module.OperationalError
    integrity_error = sqlite_library().module.IntegrityError

    def _create_connection(self) -> Any:  # noqa: ANN401 -- a connection of whichever module
        Path(self.filename).parent.mkdir(parents=True, exist_ok=True)
        library = sqlite_library()
        connection = library.module.connect(self.filename, timeout=PATIENCE_SECONDS, check_same_thread=False)
        connection.isolation_level = None  # huey begins its own transactions
        self._journal_mode = library.journal_mode
        self._set_journal_mode(connection)
        # NORMAL: a power failure may lose the last messages of a WAL file, never the file, and messages may be lost.
        connection.execute(f"PRAGMA synchronous={'NORMAL' if library.is_wal_safe else 'FULL'}")
        return connection


def create_queue(*, queue_url: str | None, database_url: str) -> Huey:
    """The queue that the settings name; without a URL, the one that goes with the database. Connects, except to Redis."""
    url = queue_url or default_queue_url(database_url)
    scheme = urlsplit(url).scheme
    if scheme in {"redis", "rediss"}:
        return RedisHuey(NAME, serializer=JsonSerializer(), url=_impatient(url), **_OPTIONS)
    if scheme == "sqlite":
        file = make_url(url).database
        return Huey(NAME, serializer=JsonSerializer(), storage_class=QueueFile, filename=file, **_OPTIONS)
    dsn = _as_libpq_reads_it(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
    return PostgresHuey(NAME, serializer=JsonSerializer(), dsn=dsn, connect_timeout=PATIENCE_SECONDS, **_OPTIONS)


def _as_libpq_reads_it(url: str) -> str:
    """A URL whose query has no plus for a blank: to libpq a plus is a plus, and `options` with one cannot be read."""
    address, mark, query = url.partition("?")
    return address + mark + query.replace("+", "%20")


def default_queue_url(database_url: str) -> str:
    """PostgreSQL itself, or a file beside the SQLite database: never the same file, since huey locks its own exclusively."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    file = Path(url.database)
    return f"sqlite:///{file.with_name(f'{file.stem}-queue.db')}"


def _impatient(url: str) -> str:
    """A Redis URL with time limits, unless it sets its own."""
    parts = urlsplit(url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    # Longer than huey's blocking read of one second.
    limits = {"socket_connect_timeout": str(PATIENCE_SECONDS), "socket_timeout": str(PATIENCE_SECONDS + 1)}
    return urlunsplit(parts._replace(query=urlencode(limits | given)))
