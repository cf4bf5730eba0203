"""Charts of durations: how many took how long, each one by its day, those that are open by their stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log2
from typing import Final

from web.charts.scales import Counting, Lasting, coarse, rounded
from web.charts.shapes import Bar, Point, Segment, Tick

HEIGHT: Final = 200
SPREAD: Final = 0.7
"""The part of a lane over which its points are spread, so that those of one age do not hide each other."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One pull request that a chart shows: when it was merged, or in which lane it stands, and how long it took."""

    at: datetime
    span: timedelta
    look: str
    tip: str
    url: str


def histogram(counts: Sequence[int], tips: Sequence[str], look: str, scale: Counting) -> tuple[Bar, ...]:
    """Draw one bar a bin, without gaps wider than a hair: the bins touch."""
    width = 100 / len(counts)
    return tuple(
        Bar(
            rounded(place * width + 0.3),
            scale.y(count),
            rounded(width - 0.6),
            rounded(scale.height - scale.y(count)),
            look,
            tip,
        )
        for place, (count, tip) in enumerate(zip(counts, tips, strict=True))
        if count
    )


def edge_ticks(labels: Sequence[str]) -> tuple[Tick, ...]:
    """Label the edges between bins; every other has no room on a narrow page."""
    width = 100 / (len(labels) + 1)
    return tuple(
        Tick(rounded((place + 1) * width), label, is_minor=place % 2 == 1) for place, label in enumerate(labels)
    )


def place_among(span: timedelta, edges: Sequence[timedelta]) -> float:
    """Return where a duration lies on an axis of bins that double, in per cent; between two edges by its logarithm."""
    width = 100 / (len(edges) + 1)
    if span < edges[0]:
        return rounded(width * (span / edges[0]))
    for place, (low, high) in enumerate(pairwise(edges), start=1):
        if span < high:
            return rounded(width * (place + log2(span / low) / log2(high / low)))
    return rounded(width * (len(edges) + min(log2(span / edges[-1]), 1)))


def upright(x: float, height: float, look: str) -> Segment:
    """Draw a line from top to bottom; what it means stands with the keys, where there is room at any width."""
    return Segment(x, 0, x, height, look)


def scatter(dots: Sequence[Dot], start: datetime, end: datetime, scale: Lasting) -> tuple[Point, ...]:
    """Put each at its day and its duration."""
    whole = end - start
    return tuple(
        Point(coarse(100 * ((dot.at - start) / whole)), round(scale.y(dot.span)), dot.look, dot.tip, dot.url)
        for dot in dots
    )


def lanes(dots: Mapping[str, Sequence[Dot]], scale: Lasting) -> tuple[Point, ...]:
    """Put those of each lane into its own part of the width, side by side in their order."""
    width = 100 / max(len(dots), 1)
    return tuple(
        Point(
            coarse((lane + _offset(place, len(items))) * width),
            round(scale.y(dot.span)),
            dot.look,
            dot.tip,
            dot.url,
        )
        for lane, items in enumerate(dots.values())
        for place, dot in enumerate(items)
    )


def bands(limits: Sequence[tuple[timedelta, timedelta | None] | None], scale: Lasting) -> tuple[Segment, ...]:
    """Draw for each lane the lines that half, and 85 of 100, stayed below."""
    width = 100 / max(len(limits), 1)
    lines = []
    for lane, limit in enumerate(limits):
        for span, look in zip(limit or (), ("p50", "p85"), strict=False):
            if span is not None:
                y = scale.y(span)
                lines.append(Segment(rounded((lane + 0.05) * width), y, rounded((lane + 0.95) * width), y, look))
    return tuple(lines)


def lane_ticks(labels: Sequence[str]) -> tuple[Tick, ...]:
    """Name each lane below its middle; on a narrow page the keys must do."""
    width = 100 / max(len(labels), 1)
    return tuple(Tick(rounded((lane + 0.5) * width), label, is_minor=True) for lane, label in enumerate(labels))


def _offset(place: int, items: int) -> float:
    return 0.5 if items == 1 else (1 - SPREAD) / 2 + SPREAD * place / (items - 1)
