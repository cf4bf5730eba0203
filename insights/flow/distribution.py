"""How open-to-merge is distributed: a histogram with bins that double, and a point for each pull request.

Source: panels.md 5.3, sections 3 and 4.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Filter, merged_in
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.size import SizeBucket
from insights.pulse.open_to_merge import open_to_merge_times
from insights.result import Definition, Result, Unit, Window
from insights.statistics.bins import Bin, binned
from insights.statistics.percentiles import Spread, spread

HISTOGRAM = Definition(
    name="distribution",
    version=1,
    title="Distribution",
    text="How many merged pull requests took how long from ready to merged; each bin is twice as wide as the one before.",
    unit=Unit.COUNT,
    source="panels.md 5.3",
)
SCATTER = Definition(
    name="scatter",
    version=1,
    title="Each pull request",
    text="Every merged pull request by the day it was merged and the time from ready to merged. The outliers are worth a talk.",
    unit=Unit.DURATION,
    source="panels.md 5.3",
)


class Distribution(Struct, frozen=True):
    """The bins, and the percentiles where there are enough."""

    bins: tuple[Bin, ...]
    spread: Spread | None


class Point(Struct, frozen=True, gc=False):
    """One merged pull request."""

    id: int
    merged_at: datetime
    time: timedelta
    bucket: SizeBucket | None


def distribution(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[Distribution]:
    """Return the histogram of those merged in the window, by default the last 90 days."""
    cohort = merged_in(measurements, window or look.last_days(BASELINE_DAYS), chosen=chosen)
    times = open_to_merge_times(cohort, look)
    return cohort.answer(HISTOGRAM, Distribution(binned(times), spread(times)) if times else None)


def scatter(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[tuple[Point, ...]]:
    """Return a point for each merged in the window, by default the last 90 days, in the order of merging."""
    cohort = merged_in(measurements, window or look.last_days(BASELINE_DAYS), chosen=chosen)
    points = sorted(
        (
            Point(item.id, item.merged_at, item.times(look).open_to_merge, item.bucket)
            for item in cohort
            if item.merged_at is not None
        ),
        key=lambda point: (point.merged_at, point.id),
    )
    return cohort.answer(SCATTER, tuple(points) or None)
