"""A migration says whether the code before it goes on running: its name is read, and what it does is held against it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from models import schema
from models.schema import is_fit

MIGRATIONS = sorted((Path(schema.__file__).parent / "migrations/versions").glob("[0-9]*.py"))
NAMED = re.compile(r"(?P<number>\d{4})(?:_from_(?P<oldest>\d{4}))?")
ADDING = {"create_table", "create_index"}


def revision_of(path):
    (name,) = re.findall(r'^revision: str = "(.+)"$', path.read_text(), flags=re.MULTILINE)
    return NAMED.fullmatch(name)


def operations_in(source):
    """What its `upgrade`, and what that calls, does to the schema: everything but its way back."""
    tree = ast.parse(source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name != "downgrade"]
    calls = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Call)]
    return [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in {"op", "batch"}
    ]


def is_adding(call):
    """Code that does not know of it can go on writing: a new column may stay empty, or fills itself."""
    if call.func.attr in ADDING:
        return True
    if call.func.attr != "add_column":
        return False
    words = {word.arg: ast.unparse(word.value) for word in ast.walk(call) if isinstance(word, ast.keyword)}
    return words.get("nullable") != "False" or "server_default" in words


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_that_lets_older_code_run_only_adds(path):
    named = revision_of(path)
    assert named is not None, "a number, or a number and the oldest code that goes on running"
    assert path.name.startswith(named["number"])
    if named["oldest"] is not None:
        assert [ast.unparse(call) for call in operations_in(path.read_text()) if not is_adding(call)] == []


def test_none_lets_code_run_that_one_before_it_has_stopped():
    oldest = [one["oldest"] or one["number"] for one in map(revision_of, MIGRATIONS)]
    assert oldest == sorted(oldest)


@pytest.mark.parametrize(
    ("operation", "adds"),
    [
        ("op.create_table('a', sa.Column('b', sa.Text(), nullable=False))", True),
        ("op.add_column('a', sa.Column('b', sa.Text()))", True),
        ("op.add_column('a', sa.Column('b', sa.Integer(), nullable=False, server_default='0'))", True),
        ("op.add_column('a', sa.Column('b', sa.Integer(), nullable=False))", False),
        ("op.drop_column('a', 'b')", False),
        ("op.alter_column('a', 'b', nullable=False)", False),
        ("op.execute('DELETE FROM a')", False),
    ],
)
def test_what_counts_as_adding(operation, adds):
    (call,) = operations_in(f"def upgrade():\n    {operation}\n")
    assert is_adding(call) is adds


def test_this_code_serves_from_its_own_schema_and_not_from_none():
    assert is_fit(schema.head_version())
    assert not is_fit(None)
