"""The pull requests behind a figure, with a count of those left out and why.

Source: panels.md section 4, "Population" and "Windows". A cohort's members and its exclusions add up to all the pull requests that
the window would have held. What a filter hides was never looked for and is not counted.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct

from insights.clock.windows import Week
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.population import Series
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Exclusion, Result, WhyNot, Window

T = TypeVar("T")

# What a reader must know of a figure; the other flags describe the pull requests and not the figure.
FOOTNOTES = frozenset({Flag.READY_ASSUMED, Flag.FIRST_COMMIT_ASSUMED, Flag.CODING_CAPPED, Flag.NEVER_APPROVED})


class Filter(Struct, frozen=True, kw_only=True):
    """What a reader chose to look at; None is everything."""

    series: Series = Series.HUMAN
    destination: str | None = None
    buckets: frozenset[SizeBucket] | None = None
    ids: frozenset[int] | None = None
    """For a path prefix: the pull requests that touch it, which the storage floor knows."""

    def admits(self, measurement: Measurement) -> bool:
        """Return whether a pull request is looked at at all."""
        return (
            self.destination in {None, measurement.destination_branch}
            and (self.buckets is None or measurement.bucket in self.buckets)
            and (self.ids is None or measurement.id in self.ids)
        )


EVERYTHING = Filter()


class Cohort(Struct, frozen=True):
    """Some pull requests in the order of their ids, the window they were taken from, and who was left out."""

    members: tuple[Measurement, ...]
    window: Window | None = None
    exclusions: Mapping[Exclusion, int] = {}

    def __len__(self) -> int:
        return len(self.members)

    def __iter__(self) -> Iterator[Measurement]:
        return iter(self.members)

    def without(self, reason: Exclusion, should_go: Callable[[Measurement], bool]) -> "Cohort":
        """Return the cohort less those that a rule names, counted under its reason."""
        kept = tuple(member for member in self.members if not should_go(member))
        gone = len(self.members) - len(kept)
        exclusions = Counter(self.exclusions)
        exclusions[reason] += gone
        return Cohort(kept, self.window, +exclusions)

    def over(self, window: Window) -> "Cohort":
        """Return the cohort as the one behind a figure over a window."""
        return Cohort(self.members, window, self.exclusions)

    @property
    def footnotes(self) -> Counter[Flag]:
        """What a reader must know of the members, and of how many of them."""
        return Counter(
            flag for member in self.members if member.stamps.flags for flag in member.stamps.flags & FOOTNOTES
        )

    def answer(self, definition: Definition, value: T | None, *, otherwise: WhyNot = WhyNot.TOO_FEW) -> Result[T]:
        """Return a value worked out from this cohort as a Result; for None the reason is "too few", or another."""
        why_not = (otherwise if self.members else WhyNot.NO_DATA) if value is None else None
        footnotes = self.footnotes
        return Result(
            definition=definition.id,
            n=len(self.members),
            value=value,
            why_not=why_not,
            window=self.window,
            exclusions=self.exclusions,
            flags={flag.value: footnotes[flag] for flag in sorted(footnotes)},
            members=tuple(member.id for member in self.members),
        )


def merged_in(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those merged in a window. Those declined and superseded in it are left out and counted."""
    candidates = (item for item in measurements if window.holds(item.stamps.closed or _if_lost(item)))
    return _cohort(candidates, window, chosen, _not_merged)


def became_ready_in(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those that first became ready for review in a window, whatever became of them since."""
    return _cohort((item for item in measurements if window.holds(item.stamps.ready)), window, chosen)


def opened_in(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those opened in a window."""
    return _cohort((item for item in measurements if window.holds(item.stamps.opened)), window, chosen)


def closed_in(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those merged, declined or superseded in a window."""
    candidates = (
        item
        for item in measurements
        if item.state is not PullRequestState.OPEN and window.holds(item.stamps.closed or _if_lost(item))
    )
    return _cohort(candidates, window, chosen)


def population(measurements: Iterable[Measurement], *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return all that belong to the series, open or closed, whenever that was."""
    return _cohort(measurements, None, chosen)


def open_now(measurements: Iterable[Measurement], *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those that are open."""
    return population((item for item in measurements if item.state is PullRequestState.OPEN), chosen=chosen)


def _cohort(
    candidates: Iterable[Measurement],
    window: Window | None,
    chosen: Filter,
    rule: Callable[[Measurement], Exclusion | None] = lambda _: None,
) -> Cohort:
    members: list[Measurement] = []
    exclusions: Counter[Exclusion] = Counter()
    for item in candidates:
        if chosen.admits(item):
            if reason := rule(item) or _outside(item, chosen.series):
                exclusions[reason] += 1
            else:
                members.append(item)
    return Cohort(tuple(sorted(members, key=lambda item: item.id)), window, dict(sorted(exclusions.items())))


def _outside(item: Measurement, series: Series) -> Exclusion | None:
    """Return why a pull request is not of the series; a bot's is left out of people's and taken into the bots'."""
    if series is Series.HUMAN or item.exclusion not in {None, Exclusion.BOT_AUTHOR}:
        return item.exclusion
    return None if item.is_bot else Exclusion.HUMAN_AUTHOR


def _not_merged(item: Measurement) -> Exclusion | None:
    return _NOT_MERGED.get(item.state)


_NOT_MERGED = {
    PullRequestState.DECLINED: Exclusion.DECLINED,
    PullRequestState.SUPERSEDED: Exclusion.SUPERSEDED,
}


def _if_lost(item: Measurement) -> datetime | None:
    # One whose merge time is lost is looked for where it was opened, so that it is counted once and seen.
    return item.stamps.opened if item.exclusion is Exclusion.MERGE_TIME_UNKNOWN else None


def merged_by_week(cohort: Cohort, weeks: Sequence[Week]) -> tuple[list[Measurement], ...]:
    """Return the members merged in each of some weeks that follow each other."""
    starts = [week.window.start for week in weeks]
    groups: tuple[list[Measurement], ...] = tuple([] for _ in weeks)
    for item in cohort:
        if item.merged_at is not None and starts[0] <= item.merged_at < weeks[-1].window.end:
            groups[bisect_right(starts, item.merged_at) - 1].append(item)
    return groups


def with_known_activity(cohort: Cohort) -> Cohort:
    """Return the cohort less those whose activity log has not been read: nobody knows when they were answered."""
    return cohort.without(Exclusion.ACTIVITY_UNKNOWN, lambda item: item.has(Flag.ACTIVITY_UNKNOWN))
