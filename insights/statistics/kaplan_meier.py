"""How long until something happens, where some are still waiting: the Kaplan-Meier estimate.

Source: Kaplan and Meier 1958. A wait that is not over says "at least this long" and counts in full until then; leaving
such waits out would make a repository look the faster the more it leaves unanswered.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil

from msgspec import Struct

# Survival is a product of fractions: five steps of ten can come out a hair above one half.
ROUNDING = 1e-12


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
        remaining = 1 - share + ROUNDING
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

    For many small questions about one growing set of waits, few of them censored. Between two censorings the curve falls by
    equal steps, so that the step that reaches a quantile can be worked out: with m censored and n ended waits this takes m
    searches in n. ``shares`` ascend. The answers are those of ``survival_curve(...).quantile``.
    """
    found: list[timedelta | None] = []
    at_risk, still, start = len(ended) + len(censored), 1.0, 0
    for leaves_at in (*censored, None):
        # At one time, waits end before others are censored.
        end = len(ended) if leaves_at is None else bisect_right(ended, leaves_at)
        steps = end - start
        while steps and len(found) < len(shares):
            step = _step_to(1 - shares[len(found)] + ROUNDING, still, at_risk)
            if step > steps:
                break
            found.append(ended[start + step - 1])
        still *= (at_risk - steps) / at_risk if steps else 1
        at_risk -= steps + 1
        start = end
    return (*found, *[None] * (len(shares) - len(found)))


def _step_to(target: float, still: float, at_risk: int) -> int:
    """Return how many equal steps bring a curve down to a target; with ``at_risk`` steps it would be at zero."""
    return max(ceil(at_risk * (1 - target / still)), 1)
