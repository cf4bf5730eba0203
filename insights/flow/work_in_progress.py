"""How many pull requests are open at a time.

Source: panels.md 5.3, section 1: the median of the number open and ready at the end of each local day. Unit: pull requests.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS, ends_of_days
from insights.pull_requests.cohorts import EVERYTHING, Filter, population
from insights.pull_requests.measurement import Measurement
from insights.result import Definition, Result, Unit, WhyNot, Window
from insights.statistics.percentiles import percentile

DEFINITION = Definition(
    name="work_in_progress",
    version=1,
    title="Work in progress",
    text=(
        "Pull requests by people that were open and no draft at the end of a day: the median over the days of the "
        "window, in the workspace's time zone. n is the number of days."
    ),
    unit=Unit.COUNT,
    source="panels.md 5.3",
)


def work_in_progress(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[float]:
    """Return the median number open, by default over 28 days. Give all that were open at any time of the window."""
    span = window or look.last_days(RECENT_DAYS)
    cohort = population(measurements, chosen=chosen)
    counts = open_at(cohort, tuple(ends_of_days(span, look.clock)))
    return Result(
        definition=DEFINITION.id,
        n=len(counts),
        value=percentile([float(count) for count in sorted(counts)], 0.5) if counts else None,
        why_not=None if counts else WhyNot.NO_DATA,
        window=span,
        exclusions=cohort.exclusions,
    )


def open_at(measurements: Iterable[Measurement], moments: Sequence[datetime], *, drafts: bool = False) -> list[int]:
    """Return how many were open just before each of some ascending moments; with ``drafts``, those in draft too.

    Just before: what happens at the very end of a day or week belongs to the next, here as in every window.
    """
    if not moments:
        return []
    lived = (item for item in measurements if item.stamps.closed is None or item.stamps.closed >= moments[0])
    steps = sorted(step for item in lived for step in _steps(item, drafts=drafts))
    counts, open_now, index = [], 0, 0
    for moment in moments:
        while index < len(steps) and steps[index][0] < moment:
            open_now += steps[index][1]
            index += 1
        counts.append(open_now)
    return counts


def _steps(item: Measurement, *, drafts: bool) -> Iterator[tuple[datetime, int]]:
    """Yield the moments at which one pull request starts (+1) and stops (-1) to be counted."""
    stamps = item.stamps
    start = stamps.opened if drafts else stamps.ready
    if start is None:
        return
    yield start, 1
    for span in () if drafts else stamps.later_drafts:
        yield span.start, -1
        if span.end is not None:
            yield span.end, 1
    is_counted_at_the_end = drafts or not any(span.end is None for span in stamps.later_drafts)
    if stamps.closed is not None and is_counted_at_the_end:
        yield max(stamps.closed, start), -1
