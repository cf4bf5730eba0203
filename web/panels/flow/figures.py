"""The figures of one look at Flow: which insight, over which window, with which filter. Nothing is worked out here itself."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from insights.builds.pass_rate import PassRate, build_duration, pass_rate
from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import BuildFacts
from insights.flow.ageing import AgeingWork, ageing
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


class Supply(Struct, frozen=True, kw_only=True):
    """What the figures are worked out from."""

    measurements: Sequence[Measurement]
    look: Look
    choices: Choices
    chosen: Filter
    target: Target | None = None
    changes: Changes | None = None
    builds: Sequence[BuildFacts] = ()
    main_commits: frozenset[str] = frozenset()

    @property
    def window(self) -> Window | None:
        """The window that the reader chose; None leaves each figure its own."""
        days = self.choices.window_days
        return None if days is None else self.look.last_days(days)


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


def work_out(supply: Supply) -> Figures:
    """Ask every insight."""
    rows, look, chosen, window = supply.measurements, supply.look, supply.chosen, supply.window
    recent = look.last_days(RECENT_DAYS)
    return Figures(
        head=headline(rows, look, chosen=chosen, changes=supply.changes),
        in_progress=work_in_progress(rows, look, window=recent, chosen=chosen),
        in_progress_before=work_in_progress(rows, look, window=look.days_before(recent, RECENT_DAYS), chosen=chosen),
        target=None if supply.target is None else pickup_target(rows, look, supply.target, chosen=chosen),
        where_time_goes=where_time_goes(rows, look, weeks=supply.choices.weeks, chosen=chosen),
        distribution=distribution(rows, look, window=window, chosen=chosen),
        scatter=scatter(rows, look, window=window, chosen=chosen),
        arrivals=arrivals(rows, look, weeks=supply.choices.weeks, chosen=chosen),
        outcomes=outcomes(rows, look, window=window, chosen=chosen),
        ageing=ageing(rows, look, chosen=chosen),
        sizes=size_table(rows, look, window=window, chosen=chosen),
        pass_rate=pass_rate(supply.builds, supply.main_commits, look, window=window),
        build_duration=build_duration(supply.builds, supply.main_commits, look, window=window),
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
