"""What is said of each fault at the end of a run, and that the index lists what the specification does."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults.accounting import Entry, FaultIndex, entries_of
from tests.faults.index import FAULTS

SPECIFIED = Path(__file__).parents[3] / "shared" / "attacks" / "faults.json"


class Options:
    """Those of tests/conftest.py that the index reads."""

    def pytest_addoption(self, parser):
        parser.addoption("--long", action="store_true")


def report(outcome, *, when="call", test="one", faults=("K1",), seconds=1.0):
    properties = [("fault", fault) for fault in faults]
    return SimpleNamespace(
        nodeid=test, when=when, outcome=outcome, duration=seconds, user_properties=properties, sections=[]
    )


def test_it_lists_what_the_specification_does():
    if not SPECIFIED.exists():
        pytest.skip("../shared/attacks/faults.json is not here")
    specified = [fault["id"] for fault in json.loads(SPECIFIED.read_text(encoding="utf-8"))["faults"]]
    assert list(FAULTS) == specified


def test_a_test_counts_once_and_by_its_worst_phase():
    reports = [report("passed", when="setup"), report("passed"), report("failed", when="teardown")]
    entry = entries_of({"": reports[:1], "passed": reports[1:2], "error": reports[2:]})["K1"]
    assert (dict(entry.outcomes), entry.seconds) == ({"failed": 1}, 3.0)


def test_a_test_of_two_faults_counts_for_both():
    entries = entries_of({"passed": [report("passed", faults=("K1", "D4"))]})
    assert [fault for fault, entry in entries.items() if entry.outcomes] == ["K1", "D4"]


@pytest.mark.parametrize(
    ("outcomes", "has_tests", "said"),
    [
        ([], False, "MISSING"),
        ([], True, "not run"),
        (["passed", "passed"], True, "passed"),
        (["passed", "skipped"], True, "passed, 1 skipped"),
        (["skipped"], True, "skipped"),
        (["passed", "failed"], True, "1 FAILED"),
    ],
)
def test_it_says_what_became_of_an_entry(outcomes, has_tests, said):
    reports = [report(outcome, test=str(number)) for number, outcome in enumerate(outcomes)]
    assert entries_of({"": reports}).get("K1", Entry()).outcome(has_tests=has_tests) == said


@pytest.mark.parametrize(
    ("ids", "code", "said"),
    [
        (list(FAULTS), 0, "38 of 38 entries: all passed"),
        (list(FAULTS)[1:], 1, "37 of 38 entries: K1 MISSING"),
        ([*FAULTS, "Z9"], 4, "tries Z9, which tests/faults/index.py does not list"),
    ],
)
def test_a_run_without_a_test_of_an_entry_fails(tmp_path, monkeypatch, capsys, ids, code, said):
    """In a run of its own, of tests that try what they say and nothing else."""
    marks = "".join(f'@pytest.mark.fault("{fault}")\ndef test_{fault}(): pass\n' for fault in ids)
    (tmp_path / f"test_{len(ids)}.py").write_text(f"import pytest\n{marks}", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = fault\n", encoding="utf-8")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", str(tmp_path)]
    ended = pytest.main(options, plugins=[Options(), FaultIndex(is_counting=True, tests=tmp_path)])
    printed = "".join(capsys.readouterr())
    assert (ended, said in printed) == (code, True), printed


def test_a_run_of_some_files_misses_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "test_some.py").write_text(
        'import pytest\n@pytest.mark.fault("K1")\ndef test(): pass\n', encoding="utf-8"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = fault\n", encoding="utf-8")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = ["-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", str(tmp_path / "test_some.py")]
    assert pytest.main(options, plugins=[Options(), FaultIndex(is_counting=True, tests=tmp_path)]) == 0
    assert "1 of 38 entries: K2" in capsys.readouterr().out
