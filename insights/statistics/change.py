"""The word beside a figure that is compared with the window before: up, down, or no clear change.

Source: panels.md section 4, "Change arrows": a change is claimed only where both windows have ten or more, and the 80 %
bootstrap interval of the ratio of medians excludes 1.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from insights.statistics.bootstrap import Interval, ratio_of_medians
from insights.statistics.percentiles import percentile

LEAST_FOR_CHANGE = 10


class ChangeWord(StrEnum):
    """What may be said."""

    UP = "up"
    DOWN = "down"
    NO_CLEAR_CHANGE = "no_clear_change"
    TOO_FEW = "too_few"


class Change(Struct, frozen=True, kw_only=True):
    """A change of the median. ``ratio`` is now to before, None where the median before is zero or too few are known."""

    word: ChangeWord
    n_before: int
    n_now: int
    ratio: float | None = None
    interval: Interval | None = None


def change_of_median(before: Sequence[timedelta], now: Sequence[timedelta], *, seed: int = 0) -> Change:
    """Compare the medians of two windows."""
    counts = len(before), len(now)
    if min(counts) < LEAST_FOR_CHANGE:
        return Change(word=ChangeWord.TOO_FEW, n_before=counts[0], n_now=counts[1])
    old, new = (sorted(item.total_seconds() for item in durations) for durations in (before, now))
    interval = ratio_of_medians(old, new, seed=seed)
    median_before = percentile(old, 0.5)
    return Change(
        word=_word(interval),
        n_before=counts[0],
        n_now=counts[1],
        ratio=percentile(new, 0.5) / median_before if median_before else None,
        interval=interval,
    )


def _word(interval: Interval) -> ChangeWord:
    if interval.holds(1.0):
        return ChangeWord.NO_CLEAR_CHANGE
    return ChangeWord.UP if interval.low > 1 else ChangeWord.DOWN
