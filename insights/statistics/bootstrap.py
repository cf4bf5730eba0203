"""Whether a median has changed: the bootstrap interval of the ratio of two medians.

Source: panels.md section 4, "Change arrows"; the percentile bootstrap is Efron 1979. Unit: a ratio, 1 for no change.

A resample of n draws with replacement is not made draw by draw. Its median rests on one or two of its order statistics, and
the k-th smallest of n draws from a sorted sample is that sample's item at floor(n · U), where U is the k-th smallest of n
uniform numbers, which is Beta(k, n + 1 - k) distributed (Efron 1979, section 3, has the same distribution in closed form).
So a resample costs a few random numbers, whatever n is, and the interval is the one that drawing would give. Only where
some waits are not over are the draws made, since a Kaplan-Meier median rests on all of them.
"""

from collections.abc import Callable, Iterable, Sequence
from math import inf
from random import Random

from msgspec import Struct

from insights.statistics.kaplan_meier import ROUNDING, Wait
from insights.statistics.percentiles import percentile

RESAMPLES = 1_000
CONFIDENCE = 0.80
HALF = 0.5 + ROUNDING

Draw = Callable[[Random], float]


class Interval(Struct, frozen=True):
    """Where a value lies with the stated confidence."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether the value lies in the interval, its ends included."""
        return self.low <= value <= self.high


def ratio_of_medians(
    before: Iterable[float], now: Iterable[float], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Return the 80 % bootstrap interval of median(now) / median(before), for numbers that are not negative.

    The same numbers in any order with the same seed give the same interval. Raises ValueError for an empty sample.
    """
    first, second = sorted(before), sorted(now)
    if not first or not second:
        raise ValueError("an empty sample has no median")
    return _interval(
        lambda random: _resampled_median(first, random),
        lambda random: _resampled_median(second, random),
        seed=seed,
        resamples=resamples,
    )


def ratio_of_survival_medians(
    before: Iterable[Wait], now: Iterable[Wait], *, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """Return the interval as above for the Kaplan-Meier medians of waits, some of which are not over.

    A resample whose curve stays above one half has no median; it counts as longer than any.
    """
    first, second = _Curve(before), _Curve(now)
    if not first.seconds or not second.seconds:
        raise ValueError("an empty sample has no median")
    return _interval(first.resampled_median, second.resampled_median, seed=seed, resamples=resamples)


class _Curve:
    """Some waits in order, made ready for many resamples; at one time those that are over come first."""

    def __init__(self, waits: Iterable[Wait]) -> None:
        ordered = sorted(waits, key=lambda wait: (wait.duration, not wait.is_over))
        self.seconds = [wait.duration.total_seconds() for wait in ordered]
        self._is_over = [wait.is_over for wait in ordered]

    def resampled_median(self, random: Random) -> float:
        """Draw as many waits as there are and return the median of their Kaplan-Meier curve."""
        n = len(self.seconds)
        counts = [0] * n
        for index in random.choices(range(n), k=n):
            counts[index] += 1
        at_risk, still = n, 1.0
        for seconds, is_over, count in zip(self.seconds, self._is_over, counts, strict=True):
            if is_over and count:
                still *= 1 - count / at_risk
                if still <= HALF:
                    return seconds
            at_risk -= count
        return inf


def _interval(before: Draw, after: Draw, *, seed: int, resamples: int) -> Interval:
    random = Random(seed)  # noqa: S311 - a repeatable sequence is the point
    ratios = sorted(_ratio(after(random), before(random)) for _ in range(resamples))
    tail = (1 - CONFIDENCE) / 2
    return Interval(_quantile(ratios, tail), _quantile(ratios, 1 - tail))


def _resampled_median(ordered: Sequence[float], random: Random) -> float:
    """Draw the median of one resample of a sorted sample."""
    n = len(ordered)
    half = n // 2
    if n % 2:
        return ordered[_index(random.betavariate(half + 1, n - half), n)]
    lower = random.betavariate(half, n + 1 - half)
    # Given the half-th smallest, the others above it are uniform on what is left: this is the least of them.
    upper = lower + (1 - lower) * (1 - random.random() ** (1 / (n - half)))
    return (ordered[_index(lower, n)] + ordered[_index(upper, n)]) / 2


def _index(uniform: float, n: int) -> int:
    return min(int(uniform * n), n - 1)


def _ratio(now: float, before: float) -> float:
    """Divide; a median of zero, or one that is longer than any, on both sides is no change."""
    if now == before:
        return 1.0
    return now / before if before else inf


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile that bears infinities."""
    position = (len(ordered) - 1) * share
    index = int(position)
    low, high = ordered[index], ordered[min(index + 1, len(ordered) - 1)]
    return low if low == high or position == index else percentile((low, high), position - index)
