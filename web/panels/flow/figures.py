"""The figures of one look at Flow: which insight, over which window, with which filter. Nothing is worked out here itself."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

from msgspec import Struct

from insights.builds.pass_rate import PassRate, build_duration, pass_rate
from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS, RECENT_DAYS
from insights.facts.pull_requests import BuildFacts
from insights.flow.ageing import AgeingWork, ageing, bands_of
from insights.flow.arrivals import Arrivals, arrivals
from insights.flow.distribution import Distribution, Point, distribution, scatter
from insights.flow.headline import MERGED, Changes, Counted, Headline, headline, unreviewed_merges
from insights.flow.outcomes import Outcomes, outcomes
from insights.flow.size_table import SizeTable, size_table
from insights.flow.targets import HitRate, pickup_target
from insights.flow.where_time_goes import WeekOfStages, where_time_goes
from insights.flow.work_in_progress import work_in_progress
from insights.pull_requests.cohorts import Filter, merged_in
from insights.pull_requests.measurement import Measurement
from insights.pulse.open_to_merge import open_to_merge
from insights.pulse.pickup import pickup
from insights.result import Result, Window
from insights.settings import Target
from insights.statistics.percentiles import Spread
from web.panels.flow.choices import Choices

T = TypeVar("T")


class Supply(Struct, frozen=True, kw_only=True):
    """What the figures are worked out from."""

    measurements: Sequence[Measurement]
    """Of all that are open, and of all that were closed within 52 weeks."""
    recent: Sequence[Measurement]
    """Of all that are open, and of all that were closed within 90 days."""
    open: Sequence[Measurement]
    look: Look
    choices: Choices
    chosen: Filter
    target: Target | None = None
    changes: Changes | None = None

    @property
    def within_window(self) -> Sequence[Measurement]:
        """Those that a figure over the chosen window, or over its own of at most 90 days, needs."""
        return self.measurements if (self.choices.window_days or 0) > BASELINE_DAYS else self.recent

    @property
    def window(self) -> Window | None:
        """The window that the reader chose; None leaves each figure its own."""
        days = self.choices.window_days
        return None if days is None else self.look.last_days(days)


class Builds(Struct, frozen=True, kw_only=True):
    """What the builds of the main branch came to."""

    pass_rate: Result[PassRate]
    duration: Result[Spread]


class Keeper(Protocol):
    """Returns what was worked out under a name and is still true, or works it out."""

    def trend(self, name: str, make: Callable[[], T], /) -> T:
        """Something over weeks and months, of those that were closed."""

    def head(self, name: str, make: Callable[[], T], /) -> T:
        """Something of late, of those that were closed and of the moments of those that are open."""


class Figures(Struct, frozen=True, kw_only=True):
    """Everything that is worked out when it is looked at."""

    head: Headline
    in_progress: Result[float]
    in_progress_before: Result[float]
    target: Result[HitRate] | None
    where_time_goes: Result[tuple[WeekOfStages, ...]]
    distribution: Result[Distribution]
    scatter: Result[tuple[Point, ...]]
    arrivals: Result[Arrivals]
    outcomes: Result[Outcomes]
    ageing: Result[AgeingWork]
    sizes: Result[SizeTable]
    pass_rate: Result[PassRate]
    build_duration: Result[Spread]


def work_out(supply: Supply, builds: Builds, keep: Keeper) -> Figures:
    """Ask every insight. ``keep`` keeps what most of that which happens does not change: approvals, pushes, comments."""
    rows, look, chosen, window = supply.measurements, supply.look, supply.chosen, supply.window
    recent, within, weeks = supply.recent, supply.within_window, supply.choices.weeks
    span = look.last_days(RECENT_DAYS)
    return Figures(
        head=keep.head("head", lambda: headline(recent, look, chosen=chosen, changes=supply.changes)),
        in_progress=keep.head("in_progress", lambda: work_in_progress(recent, look, window=span, chosen=chosen)),
        in_progress_before=keep.head(
            "in_progress_before",
            lambda: work_in_progress(recent, look, window=look.days_before(span, RECENT_DAYS), chosen=chosen),
        ),
        target=keep.head("target", lambda: _target(supply)),
        where_time_goes=keep.trend("where_time_goes", lambda: where_time_goes(rows, look, weeks=weeks, chosen=chosen)),
        distribution=keep.trend("distribution", lambda: distribution(within, look, window=window, chosen=chosen)),
        scatter=keep.trend("scatter", lambda: scatter(within, look, window=window, chosen=chosen)),
        arrivals=keep.head("arrivals", lambda: arrivals(rows, look, weeks=weeks, chosen=chosen)),
        outcomes=keep.trend("outcomes", lambda: outcomes(within, look, window=window, chosen=chosen)),
        ageing=ageing(
            supply.open, look, chosen=chosen, bands=keep.trend("bands", lambda: bands_of(recent, look, chosen=chosen))
        ),
        sizes=keep.trend("sizes", lambda: size_table(within, look, window=window, chosen=chosen)),
        pass_rate=builds.pass_rate,
        build_duration=builds.duration,
    )


def _target(supply: Supply) -> Result[HitRate] | None:
    if supply.target is None:
        return None
    return pickup_target(supply.recent, supply.look, supply.target, chosen=supply.chosen)


def builds_of(facts: Sequence[BuildFacts], main_line: Collection[str], look: Look, window: Window | None) -> Builds:
    """Return what the builds of the main branch came to."""
    return Builds(
        pass_rate=pass_rate(facts, main_line, look, window=window),
        duration=build_duration(facts, main_line, look, window=window),
    )


OfPullRequests = Callable[[Sequence[Measurement], Supply], Result[Any]]


def _recent(supply: Supply) -> Window:
    return supply.look.last_days(RECENT_DAYS)


def _merged(rows: Sequence[Measurement], supply: Supply) -> Result[int]:
    cohort = merged_in(rows, _recent(supply), chosen=supply.chosen)
    return cohort.answer(MERGED, len(cohort))


def _unreviewed(rows: Sequence[Measurement], supply: Supply) -> Result[Counted]:
    return unreviewed_merges(merged_in(rows, _recent(supply), chosen=supply.chosen))


# The figures that rest on pull requests, by the name of their definition: what a list or a file of one is made with.
BY_NAME: Final[Mapping[str, OfPullRequests]] = {
    "merged": _merged,
    "open_to_merge": lambda rows, supply: open_to_merge(rows, supply.look, chosen=supply.chosen),
    "pickup": lambda rows, supply: pickup(rows, supply.look, chosen=supply.chosen),
    "review": lambda rows, supply: headline(rows, supply.look, chosen=supply.chosen).review.now,
    "unreviewed_merges": _unreviewed,
    "where_time_goes": lambda rows, supply: where_time_goes(
        rows, supply.look, weeks=supply.choices.weeks, chosen=supply.chosen
    ),
    "distribution": lambda rows, supply: distribution(rows, supply.look, window=supply.window, chosen=supply.chosen),
    "scatter": lambda rows, supply: scatter(rows, supply.look, window=supply.window, chosen=supply.chosen),
    "arrivals": lambda rows, supply: arrivals(rows, supply.look, weeks=supply.choices.weeks, chosen=supply.chosen),
    "outcomes": lambda rows, supply: outcomes(rows, supply.look, window=supply.window, chosen=supply.chosen),
    "ageing": lambda rows, supply: ageing(rows, supply.look, chosen=supply.chosen),
    "size_table": lambda rows, supply: size_table(rows, supply.look, window=supply.window, chosen=supply.chosen),
}
