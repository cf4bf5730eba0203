"""Answers of the database that are kept for as long as nothing was committed since, and not a moment longer.

SQLite shows that without being asked (`models.wal_index`). On PostgreSQL, and where SQLite keeps no log, nothing is kept.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Engine, event

from models.quick_connections import QuickConnections, Rows
from models.wal_index import WalIndex, is_whole, open_index

Made = TypeVar("Made")

MOST_KEPT: Final = 4096


class _Kept:
    """What was made of answers while the log's index had this head."""

    __slots__ = ("head", "made")

    def __init__(self, head: bytes) -> None:
        self.head = head
        self.made: dict[tuple[Any, ...], Any] = {}


class KeptAnswers:
    """Of one engine's database. What the engine disposes of, is forgotten here too."""

    def __init__(self, engine: Engine, connections: QuickConnections) -> None:
        self._database = engine.url.database or ""
        self._connections = connections
        self._kept = _Kept(b"")
        self._index: WalIndex | None = None
        self._is_sqlite = self._may_have_index = engine.dialect.name == "sqlite"
        self._lock = Lock()
        event.listen(engine, "engine_disposed", lambda _engine: self._forget())

    def made_of(self, statement: str, values: Any, make: Callable[[Rows], Made]) -> Made:  # noqa: ANN401 - what the driver takes
        """Return what is made of the rows that a statement finds now. It only reads. Raises SQLAlchemyError.

        One `make` always goes with one statement. What it makes is given to everybody who asks: do not change it.
        """
        index = self._index or self._sought_index()
        if index is None:
            return make(self._connections.rows(statement, values))
        # Looked at before the database is asked: what is committed in between makes another head, under which this is not found.
        head, kept = index.head(), self._kept
        asked = statement, values
        if head == kept.head:
            found = kept.made.get(asked)
            if found is not None:
                return cast("Made", found)
        made = make(self._connections.rows(statement, values))
        if is_whole(head):
            if head != kept.head or len(kept.made) >= MOST_KEPT:
                self._kept = kept = _Kept(head)
            kept.made[asked] = made
        return made

    def _sought_index(self) -> WalIndex | None:
        if not self._may_have_index:
            return None
        with self._lock:
            if self._index is None and self._may_have_index:
                self._index = self._connections.given_away(lambda connection: open_index(connection, self._database))
                self._may_have_index = self._index is not None
            return self._index

    def _forget(self) -> None:
        with self._lock:
            self._index, self._kept = None, _Kept(b"")
            self._may_have_index = self._is_sqlite
