"""What a figure needs of a cohort, and no more: so much can be kept of each day, and added up for a window.

A window of a busy repository holds thousands, and a merge changes one of them. Whoever keeps the tally of each day works out one
day anew, and adds up: what comes out is what one pass over all of them gives.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec import Struct

from insights.pull_requests.cohorts import Cohort
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Exclusion, Result, WhyNot, Window
from insights.statistics.kaplan_meier import Wait

T = TypeVar("T")


class Tally(Struct, frozen=True, kw_only=True):
    """The ids of a cohort's members, their waits that are over and those that are not, all ascending, and the counts."""

    ids: Sequence[int] = ()
    over: Sequence[timedelta] = ()
    going_on: Sequence[timedelta] = ()
    exclusions: Mapping[Exclusion, int] = {}
    footnotes: Mapping[Flag, int] = {}

    @classmethod
    def of(cls, cohort: Cohort, waits: Iterable[Wait]) -> "Tally":
        """Return the tally of a cohort, and of one wait for each of its members."""
        over: list[timedelta] = []
        going_on: list[timedelta] = []
        for wait in waits:
            (over if wait.is_over else going_on).append(wait.duration)
        return cls(
            ids=tuple(member.id for member in cohort),
            over=sorted(over),
            going_on=sorted(going_on),
            exclusions=cohort.exclusions,
            footnotes=cohort.footnotes,
        )

    @classmethod
    def together(cls, parts: Sequence["Tally"]) -> "Tally":
        """Return the tally of several cohorts that share no member."""
        # Each part is in order already: sorting finds its runs, and merges them.
        return cls(
            ids=sorted(number for part in parts for number in part.ids),
            over=sorted(time for part in parts for time in part.over),
            going_on=sorted(time for part in parts for time in part.going_on),
            exclusions=_sum(part.exclusions for part in parts),
            footnotes=_sum(part.footnotes for part in parts),
        )

    def answer(
        self, definition: Definition, value: T | None, window: Window, *, last: Sequence[Exclusion] = ()
    ) -> Result[T]:
        """Return what ``Cohort.answer`` does. ``last`` are the reasons that are told last, in this order."""
        why_not = (WhyNot.TOO_FEW if self.ids else WhyNot.NO_DATA) if value is None else None
        reasons = (*sorted(self.exclusions.keys() - set(last)), *(one for one in last if one in self.exclusions))
        return Result(
            definition=definition.id,
            n=len(self.ids),
            value=value,
            why_not=why_not,
            window=window,
            exclusions={reason: self.exclusions[reason] for reason in reasons},
            flags={flag.value: self.footnotes[flag] for flag in sorted(self.footnotes)},
            members=tuple(self.ids),
        )


def _sum(counts: Iterable[Mapping[T, int]]) -> Mapping[T, int]:
    total: Counter[T] = Counter()
    for one in counts:
        total.update(one)
    return total
