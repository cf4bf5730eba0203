"""The word beside a figure that is compared with the window before: up, down, or no clear change.

Source: panels.md section 4, "Change arrows": a change is claimed only where both windows have ten or more, and the 80 %
bootstrap interval of the ratio of medians excludes 1.
"""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from insights.statistics.bootstrap import Interval, ratio_of_medians, ratio_of_survival_medians
from insights.statistics.kaplan_meier import Wait, survival_curve
from insights.statistics.percentiles import percentile

LEAST_FOR_CHANGE = 10


class ChangeWord(StrEnum):
    """What may be said."""

    UP = "up"
    DOWN = "down"
    NO_CLEAR_CHANGE = "no_clear_change"
    TOO_FEW = "too_few"


class Change(Struct, frozen=True, kw_only=True):
    """A change of the median. ``ratio`` is now to before, None where one of the two is not known or before is zero."""

    word: ChangeWord
    n_before: int
    n_now: int
    ratio: float | None = None
    interval: Interval | None = None


def change_of_median(before: Sequence[timedelta], now: Sequence[timedelta], *, seed: int = 0) -> Change:
    """Compare the medians of two windows."""
    if min(len(before), len(now)) < LEAST_FOR_CHANGE:
        return Change(word=ChangeWord.TOO_FEW, n_before=len(before), n_now=len(now))
    old, new = (sorted(item.total_seconds() for item in durations) for durations in (before, now))
    medians = percentile(old, 0.5), percentile(new, 0.5)
    return _change(len(old), len(new), medians, ratio_of_medians(old, new, seed=seed))


def change_of_survival_median(before: Sequence[Wait], now: Sequence[Wait], *, seed: int = 0) -> Change:
    """Compare the Kaplan-Meier medians of two windows in which some waits are not over."""
    if min(len(before), len(now)) < LEAST_FOR_CHANGE:
        return Change(word=ChangeWord.TOO_FEW, n_before=len(before), n_now=len(now))
    old, new = (survival_curve(waits).quantile(0.5) for waits in (before, now))
    medians = _seconds(old), _seconds(new)
    return _change(len(before), len(now), medians, ratio_of_survival_medians(before, now, seed=seed))


def _change(n_before: int, n_now: int, medians: tuple[float | None, float | None], interval: Interval) -> Change:
    old, new = medians
    ratio = None if not old or new is None else new / old
    return Change(word=_word(interval), n_before=n_before, n_now=n_now, ratio=ratio, interval=interval)


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


def _word(interval: Interval) -> ChangeWord:
    if interval.holds(1.0):
        return ChangeWord.NO_CLEAR_CHANGE
    return ChangeWord.UP if interval.low > 1 else ChangeWord.DOWN
