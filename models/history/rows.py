"""How rows of history are read and written: as frozen structs that have the columns of their table but for the id."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import asdict, fields
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from models.base import Base
from models.dialects import upsert

RowT = TypeVar("RowT", bound=Struct)
KeyT = TypeVar("KeyT")


def columns_of(table: type[Base], row: type[Struct]) -> Sequence[ColumnElement[Any]]:
    """The columns that a struct of this kind is made of, to be selected."""
    return [table.__table__.c[field.name] for field in fields(row)]


def read(session: Session, row: type[RowT], selected: Select[*tuple[Any, ...]]) -> list[RowT]:
    """The selected rows, as structs."""
    return [row(**values) for values in session.execute(selected).mappings()]


def grouped(rows: Iterable[RowT], key: Callable[[RowT], KeyT]) -> Mapping[KeyT, list[RowT]]:
    """Rows by what they belong to, in their order; what has none has an empty list."""
    found: dict[KeyT, list[RowT]] = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


def write(session: Session, table: type[Base], rows: Iterable[Struct], *, key: Sequence[str]) -> None:
    """Write whole rows in one statement, new or not."""
    upsert(session, table, [asdict(row) for row in rows], key=key)
