"""What the Flow page is made of: figures at its head, sections with a chart and a table, and what is said below each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from insights.clock.look import Look
from insights.definitions import definition_of
from insights.result import Result
from web.charts.shapes import Chart
from web.panels import result_words
from web.panels.parts import Lozenge


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; a number stands on the right."""

    text: str
    url: str = ""
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """The same data as the chart; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A definition as it stands behind the "i"."""

    title: str
    text: str
    source: str
    version: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of the head: its value, its 85th percentile, the same of the window before, and what that means."""

    name: str
    label: str
    value: str
    beside: str
    before: str
    change: Lozenge | None
    basis: str
    list_url: str
    list_fragment_url: str
    is_quiet: bool
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Section:
    """One section. Without a chart, ``silence`` says why; ``small`` is what stands below, ``lists`` are more tables."""

    name: str
    title: str
    finding: str
    chart: Chart | None
    table: Table | None
    silence: str
    small: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    charts: tuple[Chart, ...] = ()
    csv_url: str = ""
    json_url: str = ""
    list_url: str = ""
    list_fragment_url: str = ""


def meaning(result: Result[Any]) -> Meaning:
    """Return the definition of a figure as it is shown."""
    found = definition_of(result.definition)
    return Meaning(found.title, found.text, found.source, f"{found.name}, {found.version}")


def small(look: Look, *results: Result[Any]) -> tuple[str, ...]:
    """Return what stands below a chart: on what it rests, what was left out, what is assumed."""
    return tuple(line for result in results for line in _small(look, result) if line)


def rows(*lines: Iterable[str | Cell]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a table."""
    return tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in line) for line in lines)


def _small(look: Look, result: Result[Any]) -> tuple[str, ...]:
    return (
        result_words.basis(result, look),
        result_words.left_out(result.exclusions),
        *result_words.footnotes(result),
    )
