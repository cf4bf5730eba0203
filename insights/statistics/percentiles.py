"""Percentiles of durations, and how many facts each needs.

Source: panels.md section 4, "Percentiles": linear interpolation between the two nearest order statistics (Hyndman and Fan
1996, type 7: what spreadsheets, R and numpy do by default). Fewer than 5: none; fewer than 20: the median only.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

LEAST_FOR_MEDIAN = 5
LEAST_FOR_P85 = 20

Quantity = TypeVar("Quantity", float, timedelta)


class Spread(Struct, frozen=True):
    """The median and the 85th percentile of some durations; ``p85`` is None where there are fewer than 20."""

    p50: timedelta
    p85: timedelta | None = None


def percentile(ordered: Sequence[Quantity], share: float) -> Quantity:
    """Return the type 7 percentile of an ascending sequence. ``share`` is 0.5 for the median.

    Raises ValueError for an empty sequence or a share outside 0 to 1.
    """
    if not ordered:
        raise ValueError("nothing has no percentile")
    if not 0 <= share <= 1:
        raise ValueError(f"a percentile's share lies between 0 and 1, not at {share}")
    position = (len(ordered) - 1) * share
    index = min(int(position), len(ordered) - 1)
    low = ordered[index]
    high = ordered[min(index + 1, len(ordered) - 1)]
    return low + (high - low) * (position - index)


def spread(durations: Iterable[timedelta]) -> Spread | None:
    """Return what may be said of some durations, given how many there are; None for fewer than five."""
    ordered = sorted(durations)
    if len(ordered) < LEAST_FOR_MEDIAN:
        return None
    p85 = percentile(ordered, 0.85) if len(ordered) >= LEAST_FOR_P85 else None
    return Spread(percentile(ordered, 0.5), p85)


def percentile_rank(ordered: Sequence[float], value: float) -> float:
    """Return the share of an ascending sequence that lies below a value, its equals counted half: 0 to 1.

    The mid-rank makes a value in the middle of many equals stand at their middle. Raises ValueError for nothing.
    """
    if not ordered:
        raise ValueError("nothing has no rank in nothing")
    return (bisect_left(ordered, value) + bisect_right(ordered, value)) / (2 * len(ordered))
