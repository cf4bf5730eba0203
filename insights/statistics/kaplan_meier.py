"""How long until something happens, where some are still waiting: the Kaplan-Meier estimate.

Source: Kaplan and Meier 1958. A wait that is not over says "at least this long" and counts in full until then; leaving
such waits out would make a repository look the faster the more it leaves unanswered.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

# Survival is a product of fractions: five steps of ten can come out a hair above one half.
_ROUNDING = 1e-12


class Wait(Struct, frozen=True, gc=False):
    """One wait: how long, and whether it ended in what was waited for (else it is censored)."""

    duration: timedelta
    is_over: bool


class SurvivalCurve(Struct, frozen=True):
    """The share still waiting after each time at which a wait ended. ``longest`` is the longest wait of all."""

    n: int
    ended: int
    times: tuple[timedelta, ...]
    shares: tuple[float, ...]
    longest: timedelta

    def quantile(self, share: float) -> timedelta | None:
        """Return the first time by which ``share`` of the waits are over; None where the curve stops short of it."""
        remaining = 1 - share + _ROUNDING
        return next((at for at, still in zip(self.times, self.shares, strict=True) if still <= remaining), None)


def survival_curve(waits: Iterable[Wait]) -> SurvivalCurve:
    """Estimate the curve. At one time, waits end before others are censored, as is usual. No waits: an empty curve."""
    ended: Counter[timedelta] = Counter()
    left: Counter[timedelta] = Counter()
    for wait in waits:
        left[wait.duration] += 1
        if wait.is_over:
            ended[wait.duration] += 1
    at_risk = n = left.total()
    still, times, shares = 1.0, [], []
    for at in sorted(left):
        if ended[at]:
            still *= 1 - ended[at] / at_risk
            times.append(at)
            shares.append(still)
        at_risk -= left[at]
    return SurvivalCurve(n, ended.total(), tuple(times), tuple(shares), max(left, default=timedelta(0)))


def survival_quantiles(
    ended: Sequence[timedelta], censored: Sequence[timedelta], shares: Sequence[float]
) -> tuple[timedelta | None, ...]:
    """Return the quantiles of the curve of two ascending sequences of waits, without making the curve.

    It stops at the last quantile that is asked for: for many small questions about one growing set of waits. ``shares``
    ascend. The answers are those of ``survival_curve(...).quantile``.
    """
    found: list[timedelta | None] = []
    at_risk, still, gone = len(ended) + len(censored), 1.0, 0
    index = 0
    while index < len(ended) and len(found) < len(shares):
        at = ended[index]
        same = bisect_right(ended, at, index) - index
        before = bisect_left(censored, at, gone)
        at_risk -= before - gone
        gone = before
        still *= 1 - same / at_risk
        at_risk -= same
        index += same
        while len(found) < len(shares) and still <= 1 - shares[len(found)] + _ROUNDING:
            found.append(at)
    return (*found, *[None] * (len(shares) - len(found)))
