"""Charts with one column a week: shares that stack to the whole, two counts beside each other with a line, one count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from web.charts.scales import Counting, counting, rounded
from web.charts.shapes import Bar, Key, Segment, Tick

HEIGHT: Final = 160
GAP: Final = 0.2
"""The part of a column that is left empty."""

MOST_TOLD: Final = 26
"""Columns of which each part says what it is under the pointer; narrower ones are read in the table."""

LABEL_EVERY: Final = 4
MINOR_EVERY: Final = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One week: what its axis says, and what a reader hears of it."""

    label: str
    tip: str


def week_ticks(columns: Sequence[Column]) -> tuple[Tick, ...]:
    """Label every fourth week from the last one back; on a narrow page every eighth."""
    width = 100 / max(len(columns), 1)
    return tuple(
        Tick(rounded((place + 0.5) * width), column.label, is_minor=back % MINOR_EVERY != 0)
        for place, column in enumerate(columns)
        if (back := len(columns) - 1 - place) % LABEL_EVERY == 0
    )


def stacked(
    columns: Sequence[Column], shares: Sequence[Mapping[str, float] | None], looks: Sequence[Key], height: int = HEIGHT
) -> tuple[Bar, ...]:
    """Stack the shares of each week to the whole height, the first look at the bottom; an empty week has no column."""
    bars = []
    for place, (column, parts) in enumerate(zip(columns, shares, strict=True)):
        x, width = _column(place, len(columns))
        share, bottom = 0.0, height
        for key in looks if parts is not None else ():
            part = (parts or {}).get(key.look, 0.0)
            share += part
            # Whole pixels, measured from the edges: no hair of the ground shows between two stages.
            top = round(height * (1 - share))
            if top < bottom:
                tip = f"{column.tip}, {key.label}: {round(100 * part)} %" if len(columns) <= MOST_TOLD else ""
                bars.append(Bar(x, top, width, bottom - top, key.look, tip))
            bottom = top
    return tuple(bars)


def paired(
    columns: Sequence[Column], counts: Sequence[tuple[int, int]], looks: tuple[Key, Key], scale: Counting
) -> tuple[Bar, ...]:
    """Put two counts beside each other in each week."""
    bars = []
    for place, (column, pair) in enumerate(zip(columns, counts, strict=True)):
        x, width = _column(place, len(columns))
        for side, (count, key) in enumerate(zip(pair, looks, strict=True)):
            if count:
                y = round(scale.y(count))
                tip = f"{column.tip}, {key.label}: {count}" if len(columns) <= MOST_TOLD else ""
                bars.append(
                    Bar(rounded(x + side * width / 2), y, rounded(width / 2), round(scale.height - y), key.look, tip)
                )
    return tuple(bars)


def single(columns: Sequence[Column], counts: Sequence[int], key: Key, scale: Counting) -> tuple[Bar, ...]:
    """Put one count into each week."""
    bars = []
    for place, (column, count) in enumerate(zip(columns, counts, strict=True)):
        x, width = _column(place, len(columns))
        if count:
            y = round(scale.y(count))
            bars.append(Bar(x, y, width, round(scale.height - y), key.look, f"{column.tip}: {count}"))
    return tuple(bars)


def line(values: Sequence[float | None], look: str, scale: Counting) -> tuple[Segment, ...]:
    """Join the middles of the weeks; where a week has no value the line is broken."""
    width = 100 / max(len(values), 1)
    places = [(rounded((place + 0.5) * width), value) for place, value in enumerate(values)]
    return tuple(
        Segment(x1, scale.y(first), x2, scale.y(second), look)
        for (x1, first), (x2, second) in pairwise(places)
        if first is not None and second is not None
    )


def count_ticks(scale: Counting) -> tuple[Tick, ...]:
    """Label the lines of a scale of counts."""
    return tuple(Tick(scale.y(value), f"{value:g}") for value in scale.ticks())


def share_ticks(height: int = HEIGHT) -> tuple[Tick, ...]:
    """Label the lines of a scale of shares."""
    return (Tick(height, "0 %"), Tick(height / 2, "50 %"), Tick(0, "100 %"))


def scale_of(*series: Sequence[float], height: int = HEIGHT) -> Counting:
    """Return one scale for several series."""
    return counting([value for values in series for value in values], height)


def _column(place: int, columns: int) -> tuple[float, float]:
    """Return where a column begins and how wide it is."""
    width = 100 / columns
    return rounded((place + GAP / 2) * width), rounded((1 - GAP) * width)
