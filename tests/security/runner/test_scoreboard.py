"""Tests of the table at the end of an attack run: what did not open was tried, and nothing is counted twice."""

from __future__ import annotations

from types import SimpleNamespace

from tests.security import scoreboard


def report(name, when="call", *, passed=True, **counts):
    found = {"answers": 1, "faults": 0, "differences": 0} | counts
    return SimpleNamespace(
        nodeid=f"tests/security/test_attacks.py::test_the_service_withstands_it[{name}]",
        when=when,
        passed=passed,
        failed=not passed,
        duration=1.0,
        user_properties=[(scoreboard.PROPERTY, found)],
    )


def written(*reports):
    lines = []
    reporter = SimpleNamespace(stats={"any": list(reports)}, write_line=lines.append, write=lines.append)
    scoreboard.write_summary(reporter)
    return "\n".join(lines)


def row(table, name):
    (line,) = [line for line in table.splitlines() if line.startswith(f"│ {name} ")]
    return [cell.strip() for cell in line.strip("│").split("│")]


def test_each_family_and_all_together_are_counted_by_database():
    table = written(
        report("sqlite-TOK-01"),
        report("sqlite-TOK-02", passed=False, answers=3, faults=1),
        report("sqlite-LIF-22-variant-15", differences=1),
    )
    assert row(table, "TOK") == ["TOK", "1 / 2", "4", "1", "0", "2.0"]
    assert row(table, "LIF") == ["LIF", "1 / 1", "1", "0", "1", "1.0"]
    assert row(table, "all") == ["all", "2 / 3", "5", "1", "1", "3.0"]
    assert "Attacks on sqlite" in table
    assert "Attacks on postgres" in written(report("postgres-TOK-01"))


def test_setting_up_and_tearing_down_take_time_and_are_no_entries():
    table = written(report("sqlite-TOK-01", "setup"), report("sqlite-TOK-01"), report("sqlite-TOK-01", "teardown"))
    assert row(table, "all") == ["all", "1 / 1", "1", "0", "0", "3.0"]


def test_an_entry_whose_laboratory_did_not_open_was_tried():
    assert row(written(report("sqlite-TOK-01", "setup", passed=False)), "all")[1] == "0 / 1"


def test_what_was_deselected_was_not_tried():
    deselected = SimpleNamespace(nodeid=report("sqlite-TOK-01").nodeid, user_properties=[])
    assert row(written(deselected, report("sqlite-TOK-01")), "all")[1] == "1 / 1"


def test_other_tests_are_not_in_it():
    assert written(SimpleNamespace(nodeid="tests/test_app.py::test_it[sqlite-A-1]", user_properties=[])) == ""
