"""Connections on which single statements are asked, beside the pool.

To take a connection of the pool and give it back costs three times what it takes SQLite to find a row, and on PostgreSQL a trip to ask
whether it still lives. Here it is a step on a list, and whether one lives shows when it is used: a statement that may be asked twice,
being a transaction of its own, is asked once more on another connection.
"""

import contextlib
from collections.abc import Callable
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

_MOST_CONNECTIONS: Final = 8


def share_of(connections: int) -> int:
    """How many of a process's connections are for single statements: a thread asks one at a time, and has at most one transaction besides."""
    return min(_MOST_CONNECTIONS, connections // 2)


Used = TypeVar("Used")
Rows = list[tuple[Any, ...]]
Values = Any  # what the driver takes


class QuickConnections:
    """The connections of one engine; each statement stands for itself. What the engine disposes of, is closed here too."""

    def __init__(self, engine: Engine, *, most: int = _MOST_CONNECTIONS) -> None:
        self._engine = engine
        self.dialect = engine.dialect
        self._failed = engine.dialect.loaded_dbapi.Error
        self._most = most
        self._made = 0
        self._lock = Lock()
        self._free: list[Any] = []
        event.listen(engine, "engine_disposed", lambda _engine: self._close_all())

    def rows(self, statement: str, values: Values) -> Rows:
        """Return the rows of a statement, which is committed by then and may be asked twice. Raises SQLAlchemyError.

        It reads, or inserts what is not there. On SQLite it only reads: a transaction that writes begins with `models.database`.
        """
        try:
            connection = self._take()
            if connection is None:
                return self._by_the_pool(statement, values)
            try:
                found = _ask(connection, statement, values)
            except self._failed:
                # Only what the server has hung up on, while nobody looked: what it refuses or is too slow for, it would be again.
                if not getattr(connection, "closed", False):
                    self._free.append(connection)
                    raise
                self._let_go(connection)
                return self._by_the_pool(statement, values)
            self._free.append(connection)
        except self._failed as error:
            raise self._as_sqlalchemy_does(statement, error) from error
        return found

    def given_away(self, use: Callable[[Any], Used]) -> Used:
        """Return what is made of a connection that is no longer ours, and is to be closed by whoever has it. Raises SQLAlchemyError."""
        try:
            return use(self._connected())
        except self._failed as error:
            raise self._as_sqlalchemy_does("", error) from error

    def _as_sqlalchemy_does(self, statement: str, error: BaseException) -> BaseException:
        return DBAPIError.instance(statement, None, error, self._failed, hide_parameters=True)

    def _take(self) -> Any:  # noqa: ANN401 - the driver's own connection; None where there is none to be had
        try:
            return self._free.pop()
        except IndexError:
            pass
        with self._lock:
            if self._made >= self._most:
                return None
            self._made += 1
        try:
            return self._connected()
        except BaseException:
            with self._lock:
                self._made -= 1
            raise

    def _connected(self) -> Any:  # noqa: ANN401
        # Also what the driver says where it cannot connect comes as it is: an engine translates it for its own connections alone.
        pooled = self._engine.raw_connection()
        driver: Any = pooled.dbapi_connection
        pooled.detach()
        _have_each_stand_for_itself(driver)
        return driver

    def _by_the_pool(self, statement: str, values: Values) -> Rows:
        connection = self._engine.raw_connection()
        driver: Any = connection.dbapi_connection
        try:
            _have_each_stand_for_itself(driver)
            return _ask(driver, statement, values)
        finally:
            if self._is_pools_again(driver):
                connection.close()
            else:
                connection.invalidate()

    def _is_pools_again(self, driver: Any) -> bool:  # noqa: ANN401
        try:
            _have_each_stand_for_itself(driver, wanted=False)
        except self._failed:  # it is broken, as whoever asked has heard
            return False
        return True

    def _let_go(self, connection: Any) -> None:  # noqa: ANN401
        with self._lock:
            self._made -= 1
        with contextlib.suppress(self._failed):
            connection.close()

    def _close_all(self) -> None:
        while self._free:
            with contextlib.suppress(IndexError):
                self._let_go(self._free.pop())


def _have_each_stand_for_itself(driver: Any, *, wanted: bool = True) -> None:  # noqa: ANN401
    """Begin no transaction around a statement: to PostgreSQL, that is two more trips. SQLite's driver begins none."""
    if hasattr(driver, "set_autocommit"):
        driver.set_autocommit(wanted)


def _ask(connection: Any, statement: str, values: Values) -> Rows:  # noqa: ANN401
    cursor = connection.cursor()
    cursor.execute(statement, values)
    rows: Rows = cursor.fetchall()
    cursor.close()
    return rows
