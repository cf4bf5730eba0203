"""INSERT of several rows in the driver's own words: put together once, which costs more than to execute it, and kept by its length."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam

from models.base import Base
from models.dialects import insert_for
from models.quick_connections import QuickConnections


class InsertUnlessThere:
    """INSERT of `count` rows with these columns. Where one with the same key is there, or comes twice, the first one stays."""

    def __init__(
        self, dialect: Dialect, table: type[Base], names: Sequence[str], *, key: Sequence[str], count: int
    ) -> None:
        columns = [table.__table__.c[name] for name in names]
        rows = [
            {column.name: bindparam(f"{column.name}_{number}", type_=column.type) for column in columns}
            for number in range(count)
        ]
        insert = insert_for(dialect.name, table).values(rows).on_conflict_do_nothing(index_elements=key)
        compiled = insert.returning(*(table.__table__.c[name] for name in ("id", *key))).compile(dialect=dialect)
        self._statement = str(compiled)
        self._names = None if compiled.positional else [value.key for row in rows for value in row.values()]
        self._processors = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns]

    def execute(self, connection: Connection, rows: Sequence[Sequence[object]]) -> dict[tuple[Any, ...], int]:
        """Insert rows, each in the order of the names. Returns the row ids of those that were not there, by their keys."""
        inserted = connection.exec_driver_sql(self._statement, self._arguments(rows))
        return {tuple(key): row_id for row_id, *key in inserted}

    def execute_alone(
        self, connections: QuickConnections, rows: Sequence[Sequence[object]]
    ) -> dict[tuple[Any, ...], int]:
        """Do the same on PostgreSQL as a transaction that is this statement: it is committed in the trip that brings it there."""
        inserted = connections.rows(self._statement, self._arguments(rows))
        return {tuple(key): row_id for row_id, *key in inserted}

    def _arguments(self, rows: Sequence[Sequence[object]]) -> Any:  # noqa: ANN401 - what the driver takes
        given = [
            process(value) if process else value
            for row in rows
            for process, value in zip(self._processors, row, strict=True)
        ]
        return tuple(given) if self._names is None else dict(zip(self._names, given, strict=True))
