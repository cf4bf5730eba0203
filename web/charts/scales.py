"""From values to places: linear from zero for what is counted, logarithmic for durations that span from minutes to months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor, log, log10
from typing import Final

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
DURATION_STEPS: Final = (
    timedelta(minutes=15),
    HOUR,
    4 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    8 * DAY,
    16 * DAY,
    32 * DAY,
    64 * DAY,
    128 * DAY,
    256 * DAY,
    512 * DAY,
    1024 * DAY,
)
"""Where a logarithmic axis of durations may have its ends and its lines."""


@dataclass(frozen=True, slots=True)
class Counting:
    """A linear scale from zero, down from the top of a plot of this height."""

    top: float
    height: float

    def y(self, value: float) -> float:
        """Return how far below the top a value lies."""
        return coarse(self.height * (1 - value / self.top))

    def ticks(self) -> tuple[float, ...]:
        """Return the values with a line: zero, the middle where it is whole, the top."""
        middle = self.top / 2
        return (0, middle, self.top) if middle == int(middle) or self.top < 1 else (0, self.top)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A logarithmic scale of durations; what lies outside its ends is put on them."""

    low: timedelta
    high: timedelta
    height: float

    def y(self, span: timedelta) -> float:
        """Return how far below the top a duration lies."""
        kept = min(max(span, self.low), self.high)
        return coarse(self.height * (1 - log(kept / self.low) / log(self.high / self.low)))

    def ticks(self) -> tuple[timedelta, ...]:
        """Return the durations with a line: the steps between the ends, every other where there are many."""
        steps = [step for step in DURATION_STEPS if self.low <= step <= self.high]
        return tuple(steps[:: 2 if len(steps) > MOST_LINES else 1])


MOST_LINES: Final = 7


def counting(values: Sequence[float], height: float) -> Counting:
    """Return a scale that holds these counts and ends at a round number."""
    return Counting(round_up(max(values, default=0)), height)


def lasting(spans: Sequence[timedelta], height: float) -> Lasting:
    """Return a scale that holds these durations and ends at steps; at least from an hour to a day."""
    shortest, longest = min((*spans, HOUR)), max((*spans, DAY))
    low = max((step for step in DURATION_STEPS if step <= shortest), default=DURATION_STEPS[0])
    high = min((step for step in DURATION_STEPS if step >= longest), default=DURATION_STEPS[-1])
    return Lasting(low, high, height)


def round_up(value: float) -> float:
    """Return the next number of 1, 2, 4, 5, 6, 8 or 10 times a power of ten; at least 1."""
    if value <= 1:
        return 1
    power = 10.0 ** floor(log10(value))
    return next(float(ceil(step * power)) for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value)


def rounded(place: float) -> float:
    """Return a place across in hundredths of a per cent: columns beside each other must not differ."""
    return round(place, 2)


def coarse(place: float) -> float:
    """Return a place in tenths: nobody sees less, and hundreds of them are a good part of a page's weight."""
    return round(place, 1)
