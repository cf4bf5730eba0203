"""Which part of the time each stage takes, week by week.

Source: panels.md section 4, "Percentiles", and 5.3, section 2: percentiles of stages do not add up, so shares are shown: the sum of a
stage over the sum of all stages, with each pull request's cycle capped at the cohort's 95th percentile, so that one that
lay for months does not speak for the week. A capped pull request keeps the proportions of its stages. Unit: shares that
add up to 1.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import TREND_WEEKS, Week
from insights.pull_requests.cohorts import EVERYTHING, Filter, merged_by_week, merged_in, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import Stage, StageTimes
from insights.result import Definition, Result, Unit, Window
from insights.statistics.percentiles import percentile

DEFINITION = Definition(
    name="where_time_goes",
    version=1,
    title="Where time goes",
    text=(
        "Of all the time from first commit to merge, the part spent in each stage, for the pull requests merged in a "
        "week. One pull request counts at most as much as the 95th percentile of its week. Never answered: its time "
        "is pickup. Never approved: its time after the first answer is review."
    ),
    unit=Unit.SHARE,
    source="panels.md section 4",
)

CAP = 0.95


class WeekOfStages(Struct, frozen=True):
    """The shares of one week; None where nothing was merged, or nothing took any time."""

    week: Week
    n: int
    shares: Mapping[Stage, float] | None


def where_time_goes(
    measurements: Iterable[Measurement], look: Look, *, weeks: int = TREND_WEEKS, chosen: Filter = EVERYTHING
) -> Result[tuple[WeekOfStages, ...]]:
    """Return the shares of each week, oldest first; the running week is the last."""
    spans = look.last_weeks(weeks)
    window = Window(spans[0].window.start, spans[-1].window.end)
    cohort = with_known_activity(merged_in(measurements, window, chosen=chosen))
    bars = tuple(
        WeekOfStages(week, len(items), stage_shares(item.times(look) for item in items))
        for week, items in zip(spans, merged_by_week(cohort, spans), strict=True)
    )
    return cohort.answer(DEFINITION, bars if cohort.members else None)


def stage_shares(times: Iterable[StageTimes]) -> Mapping[Stage, float] | None:
    """Return the share of each stage in a cohort, each cycle capped at the cohort's 95th percentile."""
    lives = list(times)
    cycles = sorted(life.cycle for life in lives)
    if not cycles:
        return None
    cap = percentile(cycles, CAP)
    totals = {stage: sum(_capped(life, stage, cap) for life in lives) for stage in Stage}
    whole = sum(totals.values())
    return {stage: total / whole for stage, total in totals.items()} if whole else None


def _capped(life: StageTimes, stage: Stage, cap: timedelta) -> float:
    """Return the seconds of a stage, scaled down where the whole life is longer than the cap."""
    seconds = life.of(stage).total_seconds()
    return seconds * (cap / life.cycle) if life.cycle > cap else seconds
