"""How long pull requests take from ready to merged.

Source: panels.md section 4 and 5.1: ``t_merge - t_ready``, times as a draft left out, of those merged in the window; the sparkline is
the median of each of twelve weeks. Unit: duration.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS, SPARKLINE_WEEKS, Week
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, merged_by_week, merged_in
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.tally import Tally
from insights.result import Definition, Result, Unit, Window
from insights.statistics.kaplan_meier import Wait
from insights.statistics.percentiles import Spread, spread

DEFINITION = Definition(
    name="open_to_merge",
    version=1,
    title="Open to merge",
    text=(
        "From ready for review to the merge, time as a draft left out, of the pull requests merged in the window. "
        "Declined ones are never in a duration. The merge is the moment Bitbucket merged it; later comments do not "
        "move it."
    ),
    unit=Unit.DURATION,
    source="panels.md section 4 and 5.1; GitLab's median time to merge",
)


class WeeklyMedian(Struct, frozen=True):
    """The median of one week; None with fewer than five merged."""

    week: Week
    n: int
    p50: timedelta | None


def open_to_merge(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[Spread]:
    """Return the median and 85th percentile of those merged in the window, by default the last 28 days."""
    window = window or look.last_days(RECENT_DAYS)
    return open_to_merge_of(open_to_merge_tally(measurements, look, window, chosen=chosen), window)


def open_to_merge_tally(
    measurements: Iterable[Measurement], look: Look, window: Window, *, chosen: Filter = EVERYTHING
) -> Tally:
    """Return what the figure needs of some of those merged in the window."""
    cohort = merged_in(measurements, window, chosen=chosen)
    return Tally.of(cohort, (Wait(time, is_over=True) for time in open_to_merge_times(cohort, look)))


def open_to_merge_of(tally: Tally, window: Window) -> Result[Spread]:
    """Return the figure from the tally of all of them."""
    return tally.answer(DEFINITION, spread(tally.over), window)


def open_to_merge_times(cohort: Cohort, look: Look) -> list[timedelta]:
    """Return the time of each member, in their order."""
    return [item.times(look).open_to_merge for item in cohort]


def weekly_medians(
    measurements: Iterable[Measurement], look: Look, *, weeks: int = SPARKLINE_WEEKS, chosen: Filter = EVERYTHING
) -> Result[tuple[WeeklyMedian, ...]]:
    """Return the median of each week, oldest first; the running week is the last."""
    spans = look.last_weeks(weeks)
    window = Window(spans[0].window.start, spans[-1].window.end)
    cohort = merged_in(measurements, window, chosen=chosen)
    points = tuple(
        _point(week, [item.times(look).open_to_merge for item in items])
        for week, items in zip(spans, merged_by_week(cohort, spans), strict=True)
    )
    return cohort.answer(DEFINITION, points if cohort.members else None)


def weekly_median(week: Week, merged: Tally) -> WeeklyMedian:
    """Return the median of one week, from the tally of those merged in it."""
    return _point(week, merged.over)


def _point(week: Week, times: Sequence[timedelta]) -> WeeklyMedian:
    usual = spread(times)
    return WeeklyMedian(week, len(times), usual.p50 if usual else None)
