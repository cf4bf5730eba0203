"""Statements: those that SQLAlchemy offers in each dialect separately, and how many rows one has changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from models.base import Base


def insert_unless_there(
    session: Session, table: type[Base], values: Mapping[str, Any], *, key: Sequence[str]
) -> ReturningInsert[int]:
    """INSERT … ON CONFLICT DO NOTHING RETURNING id: gives no row where one with the same key is there already."""
    id_column = table.__table__.c.id
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(**values).on_conflict_do_nothing(index_elements=key).returning(id_column)
    return sqlite.insert(table).values(**values).on_conflict_do_nothing(index_elements=key).returning(id_column)


def changed_rows(session: Session, statement: Update | Delete) -> int:
    """Execute an UPDATE or DELETE and say how many rows it met. Objects that the session has loaded before do not see it."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 -- tells the type checker: these statements always give one
    return result.rowcount
