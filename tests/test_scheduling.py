"""What is dear to open is opened by one process: the tests that use it are handed out together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduling import TOGETHER, group_of

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/security/test_attacks.py::test_it[sqlite-TOK-01]", "laboratory"),
        ("tests/security/test_attacks.py::test_it[postgres-TOK-01]", "laboratory on PostgreSQL"),
        ("tests/faults/test_burst.py::test_it", "faults 1"),
        ("tests/faults/test_races.py::test_it", "faults 2"),
        ("tests/end_to_end/test_flow.py::test_it", "browser"),
    ],
)
def test_those_that_share_are_together(nodeid, group):
    assert group_of(nodeid) == group


def test_any_other_is_by_itself():
    assert group_of("tests/connect/test_qsh.py::test_it[a]") == "tests/connect/test_qsh.py::test_it[a]"


def test_no_group_is_empty():
    """A file that was renamed would leave its group in silence."""
    files = [path.relative_to(HERE.parent).as_posix() for path in HERE.rglob("test_*.py")]
    nodeids = [f"{file}::test_it[{database}-1]" for file in files for database in ("sqlite", "postgres")]
    assert {name for _, name in TOGETHER} <= {group_of(nodeid) for nodeid in nodeids}
