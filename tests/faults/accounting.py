"""What became of each fault of the index in a run: `--faults` collects the tests that try one, and counts them at the end.

Without the option nothing is counted, and tests that are marked `only_in_faults` are left out, for their time. With it only
tests/faults, tests/equality and what carries the marker `fault` elsewhere is run. An entry that no test tries fails a run of
all tests; a run of some files says nothing of the others.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.figures import as_table
from tests.faults.index import FAULTS

PROPERTY = "fault"
HOMES = ("tests/faults/", "tests/equality/")
MARKER = "mark.fault("
TESTS = Path(__file__).parents[1]


@dataclass
class Entry:
    """The tests of one fault, by outcome."""

    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def outcome(self, *, has_tests: bool) -> str:
        if not has_tests:
            return "MISSING"
        if bad := self.outcomes["failed"]:
            return f"{bad} FAILED"
        if not self.outcomes["passed"]:
            return "not run" if not self.outcomes else "skipped"
        return "passed" if not self.outcomes["skipped"] else f"passed, {self.outcomes['skipped']} skipped"


class FaultIndex:
    """A plugin of one run."""

    def __init__(self, *, is_counting: bool, tests: Path = TESTS) -> None:
        self._tests = tests
        self._is_counting = is_counting
        self._tried: set[str] = set()
        self._is_whole = False

    def pytest_ignore_collect(self, collection_path):
        """Reading a file is quicker than importing what it tests."""
        if not self._is_counting or not collection_path.match("test_*.py") or _is_at_home(collection_path):
            return None
        return MARKER not in collection_path.read_text(encoding="utf-8") or None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config, items):
        """Before -k and -m take any away: an entry that they leave out is not missing."""
        self._is_whole = any(
            self._tests.samefile(config.invocation_params.dir / one.split("::")[0]) for one in config.args
        )
        for item in items:
            faults = faults_of(item)
            self._tried.update(faults)
            item.user_properties.extend((PROPERTY, fault) for fault in faults)
        dropped = [item for item in items if self._is_out(item, is_long=config.option.long)]
        if dropped:
            config.hook.pytest_deselected(items=dropped)
            items[:] = [item for item in items if item not in set(dropped)]

    def _is_out(self, item, *, is_long):
        if item.get_closest_marker("long_form") and not is_long:
            return True
        if self._is_counting:
            return not (faults_of(item) or _is_at_home(item.path))
        return item.get_closest_marker("only_in_faults") is not None

    def missing(self) -> list[str]:
        return [fault for fault in FAULTS if self._is_whole and fault not in self._tried]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        if self._is_counting and self.missing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter):
        """After every other table: its last line is what a run of the whole index comes to."""
        if self._is_counting:
            entries = entries_of(terminalreporter.stats)
            terminalreporter.write_line("")
            terminalreporter.write(as_table("Every fault of the index", self._rows(entries)))
            terminalreporter.write_line(self._closing_line(entries))

    def _rows(self, entries):
        missing = self.missing()
        return [
            {
                "fault": fault,
                "what": title,
                "tests": str(entries[fault].outcomes.total()),
                "outcome": entries[fault].outcome(has_tests=fault not in missing),
                "seconds": f"{entries[fault].seconds:.1f}",
            }
            for fault, title in FAULTS.items()
        ]

    def _closing_line(self, entries):
        others: dict[str, list[str]] = {}
        missing = self.missing()
        for fault, entry in entries.items():
            outcome = entry.outcome(has_tests=fault not in missing)
            if not outcome.startswith("passed"):
                others.setdefault(outcome, []).append(fault)
        passed = len(FAULTS) - sum(map(len, others.values()))
        said = "; ".join(f"{', '.join(faults)} {outcome}" for outcome, faults in others.items())
        return f"{passed} of {len(FAULTS)} entries: {said or 'all passed'}"


def faults_of(item) -> list[str]:
    """The faults that a test tries; one that the index does not know is an error."""
    named = list(dict.fromkeys(fault for mark in item.iter_markers("fault") for fault in mark.args))
    if unknown := [fault for fault in named if fault not in FAULTS]:
        raise pytest.UsageError(f"{item.nodeid} tries {', '.join(unknown)}, which tests/faults/index.py does not list")
    return named


def _is_at_home(path):
    return any(home in path.as_posix() for home in HOMES)


def entries_of(stats) -> dict[str, Entry]:
    """From the reports of a run: set-up, call and end of a test count as one."""
    entries = {fault: Entry() for fault in FAULTS}
    seen: dict[str, str] = {}
    for report in _phases(stats):
        worst = max(seen.get(report.nodeid, ""), report.outcome, key=["", "passed", "skipped", "failed"].index)
        for fault in (value for name, value in report.user_properties if name == PROPERTY):
            entry = entries[fault]
            entry.seconds += report.duration
            if before := seen.get(report.nodeid):
                entry.outcomes[before] -= 1
            entry.outcomes[worst] += 1
        seen[report.nodeid] = worst
    return {fault: Entry(+entry.outcomes, entry.seconds) for fault, entry in entries.items()}


def _phases(stats):
    reports = {id(report): report for some in stats.values() for report in some}
    return [one for one in reports.values() if getattr(one, "when", None) and hasattr(one, "user_properties")]
