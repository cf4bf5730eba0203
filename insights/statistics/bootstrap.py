"""Whether a median has changed: the bootstrap interval of the ratio of two medians.

Source: panels.md section 4, "Change arrows"; the percentile bootstrap is Efron 1979. Unit: a ratio, 1 for no change.

A resample of n draws with replacement is not made draw by draw. Its median rests on one or two of its order statistics, and
the k-th smallest of n draws from a sorted sample is that sample's item at floor(n · U), where U is the k-th smallest of n
uniform numbers, which is Beta(k, n + 1 - k) distributed (Efron 1979, section 3, has the same distribution in closed form).
So a resample costs a few random numbers, whatever n is, and the interval is the one that drawing would give.
"""

from collections.abc import Iterable, Sequence
from random import Random

from msgspec import Struct

from insights.statistics.percentiles import percentile

RESAMPLES = 1_000
CONFIDENCE = 0.80


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
    random = Random(seed)  # noqa: S311 - a repeatable sequence is the point
    ratios = sorted(
        _ratio(_resampled_median(second, random), _resampled_median(first, random)) for _ in range(resamples)
    )
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
    if before:
        return now / before
    return 1.0 if not now else float("inf")


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile that bears infinities, which a median of zero in the window before gives."""
    position = (len(ordered) - 1) * share
    index = int(position)
    low, high = ordered[index], ordered[min(index + 1, len(ordered) - 1)]
    return low if low == high or position == index else percentile((low, high), position - index)
