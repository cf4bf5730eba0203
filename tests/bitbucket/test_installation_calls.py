"""The scopes of the descriptor are those of the calls that the service makes."""

from __future__ import annotations

import ast
from pathlib import Path

from bitbucket.installation_calls import ACCESS_OPERATIONS, INSTALLATION_OPERATIONS, scopes_used

OPERATIONS = (*INSTALLATION_OPERATIONS, *ACCESS_OPERATIONS)
ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_descriptor_asks_for_what_is_called_and_no_more():
    assert scopes_used() == {"account", "repository", "repository:admin", "pullrequest", "issue", "pipeline"}
    assert scopes_used(has_access_page=False) == {"account", "repository", "pullrequest", "issue", "pipeline"}


def test_every_operation_declares_its_own():
    assert all(isinstance(operation.scopes, frozenset) for operation in OPERATIONS)


def test_what_the_service_calls_is_listed_and_nothing_else():
    listed = {(operation.__module__, operation.__name__) for operation in OPERATIONS}
    assert operations_called_by_the_service() == listed


def operations_called_by_the_service():
    """(module, function) of every operation that sync, jobs, web, cli, models or the top-level modules name."""
    modules = {operation.__module__ for operation in OPERATIONS}
    files = [path for folder in ("sync", "jobs", "web", "cli", "models") for path in (ROOT / folder).rglob("*.py")]
    called = set()
    for path in [*files, *ROOT.glob("*.py")]:
        called |= {use for use in uses_of_bitbucket(ast.parse(path.read_text("utf-8"))) if use[0] in modules}
    return {
        (module, name)
        for module, name in called
        if hasattr(getattr(__import__(module, fromlist=[name]), name, None), "scopes")
    }


def uses_of_bitbucket(tree):
    """`from bitbucket.refs import branch` and `from bitbucket import refs; refs.branch(…)` are the two ways to name one."""
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "bitbucket":
            aliases |= {alias.asname or alias.name: f"bitbucket.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bitbucket."):
            yield from ((node.module, alias.name) for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr
