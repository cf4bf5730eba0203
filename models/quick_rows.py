"""Rows that nearly every request reads: by one statement that is compiled once, and made into objects only where they are new.

The row is read in each request, except where the database shows by itself that nothing was committed since it was read
(`models.kept_answers`). What is kept besides is what was made of a row with these very values and no others: a rotation, an
uninstall, any change by any process on any machine makes another row, and the next request sees that one. So nobody has to be told
to forget anything, on either database.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any, Final, Generic, TypeVar, cast

from sqlalchemy import Engine, bindparam, inspect, select
from sqlalchemy.orm import InstrumentedAttribute, make_transient_to_detached

from models.base import Base
from models.kept_answers import KeptAnswers
from models.quick_connections import Rows

Row = TypeVar("Row", bound=Base)

MOST_ROWS: Final = 4096


class QuickRows(Generic[Row]):
    """The rows of one table, found by columns of text or numbers. They are detached: read them, do not change them."""

    def __init__(self, engine: Engine, kept: KeptAnswers, *key: InstrumentedAttribute[Any]) -> None:
        self._engine = engine
        self._kept = kept
        self._key = key
        self._mapped = cast("type[Row]", key[0].class_)
        self._columns = tuple(inspect(self._mapped).columns)
        self._names = [inspect(self._mapped).get_property_by_column(column).key for column in self._columns]
        self._made = lru_cache(MOST_ROWS)(self._make)

    def all(self, *values: object) -> Sequence[Row]:
        """Return the rows with these values of the key, as they stand now."""
        statement, names = self._statement
        given = dict(zip(names, values, strict=True)) if names else values
        return self._kept.made_of(statement, given, self._all_made)

    def find(self, *values: object) -> Row | None:
        """Return the row with these values of the key, which no two rows share, as it stands now."""
        rows = self.all(*values)
        return rows[0] if rows else None

    def _all_made(self, rows: Rows) -> Sequence[Row]:
        return [self._made(tuple(row)) for row in rows]

    @cached_property
    def _statement(self) -> tuple[str, Sequence[str]]:
        """The statement in the driver's own words, and the names of its parameters where the driver wants names."""
        parameters = [bindparam(f"key_{number}", type_=column.type) for number, column in enumerate(self._key)]
        chosen = (column == parameter for column, parameter in zip(self._key, parameters, strict=True))
        compiled = select(*self._columns).where(*chosen).compile(dialect=self._engine.dialect)
        return str(compiled), () if compiled.positional else [parameter.key for parameter in parameters]

    @cached_property
    def _processors(self) -> Sequence[Any]:
        """What makes the values of the driver those of the columns; None where they are."""
        dialect = self._engine.dialect
        return [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._columns]

    def _make(self, row: tuple[Any, ...]) -> Row:
        made = self._mapped()
        for name, process, value in zip(self._names, self._processors, row, strict=True):
            setattr(made, name, process(value) if process else value)
        make_transient_to_detached(made)
        return made
