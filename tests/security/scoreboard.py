"""What came of an attack run, at its end: entries withstood of those tried, for each family and database.

Counts travel with the report of each entry, from other processes too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.faults.figures import as_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.security.performance import Outcome

PROPERTY = "attack"
# Ends with the database, the family and the number of the entry.
_NAME = re.compile(r"test_attacks\.py::.*\[(?P<database>[a-z]+)-(?P<family>[A-Z]+)-")
ALL = "all"


@dataclass
class Score:
    """Of some entries: how many, how many were withstood, and what they saw."""

    tried: int = 0
    withstood: int = 0
    answers: int = 0
    faults: int = 0
    differences: int = 0
    seconds: float = 0.0

    def row(self, name: str) -> dict[str, str]:
        return {
            "entries": name,
            "passed / total": f"{self.withstood} / {self.tried}",
            "answers": f"{self.answers:,}",
            "of 5xx": str(self.faults),
            "401 bodies that differ": str(self.differences),
            "seconds": f"{self.seconds:,.1f}",
        }


def counts_of(outcome: Outcome) -> dict[str, int]:
    """What an entry's answers were: a 5xx that it lists is a dependency's fault that it caused, and is not counted."""
    listed = outcome.entry["expect"]["status"]
    bodies = outcome.laboratory.unauthorized_bodies.values()
    return {
        "answers": len(outcome.answers),
        "faults": sum(answer.status >= 500 and answer.status not in listed for answer in outcome.answers),
        "differences": sum(len(seen) - 1 for seen in bodies),
    }


def write_summary(terminalreporter) -> None:
    """One table for each database, where any entry ran."""
    scores: dict[str, dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    for database, family, report in _reports(terminalreporter):
        for name in (family, ALL):
            _add(scores[database][name], report)
    for database, families in sorted(scores.items()):
        named = sorted(families, key=lambda family: (family == ALL, family))
        terminalreporter.write_line("")
        terminalreporter.write(as_table(f"Attacks on {database}", [families[name].row(name) for name in named]))


def _reports(terminalreporter) -> Iterator[tuple[str, str, object]]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            found = _NAME.search(getattr(report, "nodeid", ""))
            # Tests that were deselected stand there too, and have no report.
            if found is not None and hasattr(report, "when"):
                yield found["database"], found["family"], report


def _add(score: Score, report) -> None:
    """An entry whose laboratory did not open was tried, and not withstood."""
    score.seconds += report.duration
    if report.when == "call" or (report.when == "setup" and report.failed):
        score.tried += 1
        score.withstood += report.when == "call" and report.passed
    for counts in (value for name, value in report.user_properties if name == PROPERTY and report.when == "call"):
        score.answers += counts["answers"]
        score.faults += counts["faults"]
        score.differences = max(score.differences, counts["differences"])
