"""SECURITY.md names tests, and this holds it to those that there are: a promise whose proof is gone is no promise."""

from __future__ import annotations

import ast
import json
import re

import pytest

from tests.house_figures import ROOT
from tests.security.attack_files import OWN

DOCUMENT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
# Numbers of Atlassian's security requirements for cloud apps.
REQUIREMENTS = ["1.1", "1.2", "1.4", "2", "3", "4", "5", "6.2, 6.3", "7.2", "7.3", "7.4", "8.1", "9", "10", "11"]
TEST = re.compile(r"`(tests/[A-Za-z0-9_/]+(?:\.py|/))(?:::(test_[a-z0-9_]+))?`")
ENTRY = re.compile(r"`((?:TOK|CLM|QSH|LIF|TEN|WHK|INP|WEB|OUT|LEK|CTL)-\d\d)`")


def section(title):
    return DOCUMENT.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows_of(title):
    """The cells of a section's table, row by row, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names_of_tests(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_atlassians_has_its_row():
    numbers = [
        re.match(r"(\d+(?:\.\d)?(?:, \d+\.\d)?) ", row[0])[1]
        for row in rows_of("Atlassian's requirements for cloud apps")
    ]
    assert numbers == REQUIREMENTS


@pytest.mark.parametrize(
    "title", ["What is promised, and which test proves it", "Atlassian's requirements for cloud apps"]
)
def test_every_row_names_its_proof(title):
    rows = rows_of(title)
    assert len(rows) > 10
    named = [
        row[0] for row in rows if not (TEST.search(row[-1]) or ENTRY.search(row[-1]) or "`make mutants`" in row[-1])
    ]
    assert named == []


def test_every_test_that_is_named_is_there():
    named = TEST.findall(DOCUMENT)
    assert len(named) > 20
    absent = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or (name and name not in names_of_tests(ROOT / path))
    ]
    assert absent == []


def test_every_attack_that_is_named_is_played():
    played = {entry["id"] for entry in json.loads(OWN.read_text(encoding="utf-8"))["attacks"]}
    named = set(ENTRY.findall(DOCUMENT))
    assert len(named) > 10
    assert named <= played
