"""Statements: those that SQLAlchemy offers in each dialect separately, and how many rows one has changed."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CursorResult, Delete, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from models.base import Base


def insert_unless_there(
    session: Session, table: type[Base], values: Mapping[str, Any], *, key: Sequence[str]
) -> ReturningInsert[int]:
    """INSERT … ON CONFLICT DO NOTHING RETURNING id: gives no row where one with the same key is there already."""
    id_column = table.__table__.c.id
    return insert_into(session, table).values(**values).on_conflict_do_nothing(index_elements=key).returning(id_column)


def insert_into(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """INSERT INTO a table, with what the database offers for conflicts."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """As `insert_into`, for the dialect of this name."""
    assert isinstance(table.__table__, Table)  # noqa: S101 -- tells the type checker: a mapped class has one
    if dialect == "postgresql":
        return postgresql.insert(table.__table__)
    return sqlite.insert(table.__table__)


def upsert(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]], *, key: Sequence[str]) -> None:
    """Insert many rows in one statement; where one with the same key is there, give it the other values instead.

    All rows have the same columns, and no two the same key.
    """
    if not rows:
        return
    statement = _upsert(session.get_bind().dialect.name, table, tuple(rows[0]), tuple(key))
    session.execute(statement, list(rows))


@cache
def _upsert(
    dialect: str, table: type[Base], names: tuple[str, ...], key: tuple[str, ...]
) -> postgresql.Insert | sqlite.Insert:
    """The statement for rows with these columns. To put it together takes longer than to execute it."""
    insert = insert_for(dialect, table)
    values = {name: insert.excluded[name] for name in names if name not in key}
    if not values:
        return insert.on_conflict_do_nothing(index_elements=key)
    return insert.on_conflict_do_update(index_elements=key, set_=values)


def changed_rows(session: Session, statement: Update | Delete) -> int:
    """Execute an UPDATE or DELETE and say how many rows it met. Objects that the session has loaded before do not see it."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 -- tells the type checker: these statements always give one
    return result.rowcount
