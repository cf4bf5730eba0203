"""Figures of a test, shown as a table at the end of the run: they travel with its report, from other processes too."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROPERTY = "figures"
WIDTH = 150


class Figures:
    """Rows of one table: what was tried, and what came of it."""

    def __init__(self, record: Callable[[str, object], None], *, title: str) -> None:
        self._record = record
        self._title = title

    def row(self, **figures: object) -> None:
        self._record(PROPERTY, (self._title, {name.replace("_", " "): str(value) for name, value in figures.items()}))


def as_table(title: str, rows: list[Mapping[str, str]]) -> str:
    table = Table(title=title, title_justify="left")
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(row.get(name, "") for name in names))
    written = io.StringIO()
    Console(file=written, width=WIDTH).print(table)
    return written.getvalue()


def write_summary(terminalreporter) -> None:
    """The tables of every test that has reported figures."""
    tables: dict[str, list[Mapping[str, str]]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for title, row in (value for name, value in report.user_properties if name == PROPERTY):
                    tables.setdefault(title, []).append(row)
    for title, rows in sorted(tables.items()):
        terminalreporter.write_line("")
        terminalreporter.write(as_table(title, rows))


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that so many per cent do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0
