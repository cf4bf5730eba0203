"""Rows of vector files as parameters: the copies kept here, the shared ones where present, or the caller's file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared"
DEFAULTS = {
    "qsh": (
        HERE / "vectors" / "qsh.json",
        SHARED / "vectors" / "qsh.json",
        SHARED / "bitbucket" / "lifecycle" / "jwt-qsh-vectors.json",
    ),
    "jwt": (HERE / "vectors" / "jwt.json", SHARED / "vectors" / "jwt.json"),
}


def pytest_generate_tests(metafunc):
    for kind in DEFAULTS:
        if f"{kind}_row" in metafunc.fixturenames:
            metafunc.parametrize(f"{kind}_row", rows(metafunc.config.getoption(f"--{kind}-vectors"), kind))


def rows(chosen: Path | None, kind: str) -> list:
    files = [chosen] if chosen else [path for path in DEFAULTS[kind] if path.exists()]
    return [
        pytest.param(row, id=f"{file.parent.parent.name}-{file.stem}-{number}-{row['name']}")
        for file in files
        for number, row in enumerate(read_rows(file))
    ]


def read_rows(file: Path) -> list[dict]:
    """Both forms: a list of rows, and `{"secret": …, "tests": […]}` whose rows carry a signed address."""
    content = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(content, list):
        return content
    return [row | {"secret": content["secret"]} for row in content["tests"]]
