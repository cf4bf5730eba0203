"""Runs migrations on the connection that `models.schema` hands over, within its transaction. There is no offline mode."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from models.base import OutsideText, UtcDateTime
from models.tables import Base


def render_item(type_: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Our column types as the plain ones that they are in the database: a migration must not change when our code does."""
    if type_ == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, OutsideText):
        return f"sa.String(length={item.length})"
    return False


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite cannot alter much: tables are rebuilt instead.
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
