"""Histories are deleted whole, in batches, and nobody else's with them."""

from __future__ import annotations

from models.history.deletion import HISTORY_TABLES
from models.tables import Base


def test_every_table_with_rows_of_a_repository_is_deleted_from():
    tables = {name for name, table in Base.metadata.tables.items() if "repository_id" in table.c}
    assert tables == {table.__tablename__ for table in HISTORY_TABLES}
