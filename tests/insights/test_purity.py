"""Numbers come from facts alone: nothing in the package reads a clock, a file, the network, or chance without a seed."""

import ast
import sys
from pathlib import Path

import pytest

import insights

PACKAGE = Path(insights.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED = frozenset({"insights", "msgspec"})
# What reads the world outside, by the name it is called by.
READS = frozenset({"open", "input", "now", "utcnow", "today", "time", "perf_counter", "read_text", "urandom", "getenv"})


def tree_of(path):
    return ast.parse(path.read_text())


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_the_standard_library_and_nothing_that_is_heavy(path):
    foreign = {name.split(".")[0] for name in imported(tree_of(path))} - sys.stdlib_module_names

    assert foreign <= ALLOWED


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_reads_neither_a_clock_nor_a_file(path):
    assert not set(called(tree_of(path))) & READS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_chance_is_seeded(path):
    tree = tree_of(path)
    assert "secrets" not in set(imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Random":
            assert node.args, "Random() without a seed"
        if isinstance(node, ast.Import):
            assert not any(name.name == "random" for name in node.names), "the module-wide generator has no seed"


def test_the_arithmetic_knows_nothing_of_pull_requests():
    for path in sorted((PACKAGE / "statistics").glob("*.py")):
        ours = {name for name in imported(tree_of(path)) if name.startswith("insights.")}
        assert all(name.startswith("insights.statistics") for name in ours), path.name


def test_facts_know_nothing_of_judgement():
    for path in sorted((PACKAGE / "facts").glob("*.py")):
        ours = {name for name in imported(tree_of(path)) if name.startswith("insights.")}
        assert all(name.startswith("insights.facts") for name in ours), path.name


def test_one_life_knows_nothing_of_the_pages():
    pages = ("insights.pulse", "insights.flow", "insights.branches", "insights.builds", "insights.deployments")
    for path in sorted((PACKAGE / "pull_requests").glob("*.py")):
        assert not [name for name in imported(tree_of(path)) if name.startswith(pages)], path.name
