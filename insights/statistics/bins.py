"""Bins of durations whose width doubles, for a histogram with a logarithmic axis.

Source: panels.md 5.3, section 3: edges at 1, 2, 4 and 8 hours, 1, 2, 4, 8, 16 and 32 days.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

EDGES = (
    *(timedelta(hours=hours) for hours in (1, 2, 4, 8)),
    *(timedelta(days=days) for days in (1, 2, 4, 8, 16, 32)),
)


class Bin(Struct, frozen=True):
    """One bin: durations of at least ``low`` and less than ``high``; the last has no upper edge."""

    low: timedelta
    high: timedelta | None
    count: int


def binned(durations: Iterable[timedelta]) -> tuple[Bin, ...]:
    """Count durations into the bins. A duration on an edge belongs to the bin above it."""
    counts = [0] * (len(EDGES) + 1)
    for duration in durations:
        counts[bisect_right(EDGES, duration)] += 1
    lows = (timedelta(0), *EDGES)
    return tuple(Bin(low, high, count) for low, high, count in zip(lows, (*EDGES, None), counts, strict=True))
