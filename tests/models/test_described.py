"""What is stored, in words: of every table and every column, about this schema and no other."""

from __future__ import annotations

import pytest

from models.described import HISTORY, WORK, WORKSPACE, described_tables
from models.presence import Presence
from models.tables import Base, Turn

TABLES = {table.name: table for table in described_tables()}


def test_every_table_of_the_schema_is_described_once():
    """But those that hold nothing of an installation."""
    assert set(TABLES) == set(Base.metadata.tables) - {Presence.__tablename__, Turn.__tablename__}
    assert len(described_tables()) == len(TABLES)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_and_column_says_what_it_is_for(name):
    table = TABLES[name]
    assert table.area in {HISTORY, WORKSPACE, WORK}
    assert table.about.endswith(".")
    assert [column.name for column in table.columns if not column.about] == []
    assert [column.name for column in table.columns] == list(Base.metadata.tables[name].c.keys())


def test_no_table_is_described_that_is_not_there():
    from models import described

    assert set(described._PLAIN) <= set(TABLES)
    columns = {column.name for table in described_tables() for column in table.columns}
    assert set(described._COMMON) <= columns


def test_a_columns_own_words_go_before_the_common_ones():
    columns = {column.name: column.about for column in TABLES["setup_audit"].columns}
    assert columns["actor_uuid"] == "The account of the administrator; none once it was erased."


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("pull_requests", "number", "number"),
        ("pull_requests", "title", "text"),
        ("pull_requests", "created_at", "time"),
        ("pull_requests", "is_draft", "yes or no"),
        ("repositories", "state", "held | gone"),
    ],
)
def test_kinds_are_told_in_plain_words(table, column, kind):
    assert {one.name: one.kind for one in TABLES[table].columns}[column] == kind


def test_words_of_a_parent_count_for_its_tables():
    columns = {column.name: column.about for column in TABLES["installations"].columns}
    assert columns["next_attempt_at"]
    assert columns["served_at"].startswith("When a worker last began one of its deliveries")
