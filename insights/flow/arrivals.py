"""Whether as many pull requests leave as arrive.

Source: panels.md 5.3, section 5; CHAOSS, "Change Request Closure Ratio": those closed over those opened in the same period.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import TREND_WEEKS, Week
from insights.flow.work_in_progress import open_at
from insights.pull_requests.cohorts import EVERYTHING, Filter, population
from insights.pull_requests.measurement import Measurement
from insights.result import Definition, Result, Unit, Window

DEFINITION = Definition(
    name="arrivals",
    version=1,
    title="Arrival and departure",
    text=(
        "Pull requests opened and merged in each week, and how many were open at its end, drafts included. The closure "
        "ratio is those closed (merged, declined or superseded) divided by those opened over all the weeks."
    ),
    unit=Unit.COUNT,
    source="CHAOSS, Change Request Closure Ratio; panels.md 5.3",
)


class WeekOfArrivals(Struct, frozen=True, kw_only=True):
    """What one week brought; ``open_at_end`` is now for the running week."""

    week: Week
    opened: int
    merged: int
    closed: int
    open_at_end: int


class Arrivals(Struct, frozen=True):
    """The weeks, oldest first; ``closure_ratio`` is None where nothing was opened."""

    weeks: tuple[WeekOfArrivals, ...]
    closure_ratio: float | None


def arrivals(
    measurements: Iterable[Measurement], look: Look, *, weeks: int = TREND_WEEKS, chosen: Filter = EVERYTHING
) -> Result[Arrivals]:
    """Count each week. Give all that were open at any time of the weeks."""
    spans = look.last_weeks(weeks)
    window = Window(spans[0].window.start, spans[-1].window.end)
    cohort = population(measurements, chosen=chosen)
    opened = sorted(item.stamps.opened for item in cohort)
    merged = sorted(item.merged_at for item in cohort if item.merged_at is not None)
    closed = sorted(item.stamps.closed for item in cohort if item.stamps.closed is not None)
    ends = open_at(cohort, [week.window.end for week in spans], drafts=True)
    bars = tuple(
        WeekOfArrivals(
            week=week,
            opened=_within(opened, week.window),
            merged=_within(merged, week.window),
            closed=_within(closed, week.window),
            open_at_end=end,
        )
        for week, end in zip(spans, ends, strict=True)
    )
    arrived = _within(opened, window)
    ratio = _within(closed, window) / arrived if arrived else None
    return cohort.over(window).answer(DEFINITION, Arrivals(bars, ratio) if cohort.members else None)


def _within(ordered: Sequence[datetime], window: Window) -> int:
    """Count the moments of an ascending sequence that a window holds."""
    return bisect_left(ordered, window.end) - bisect_left(ordered, window.start)
