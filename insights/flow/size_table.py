"""What size costs: the times of each size bucket.

Source: panels.md 5.3, section 7. The pickup here is that of merged pull requests that were answered, so that both columns are about the
same ones. Unit: durations; the factor is a ratio of medians.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Filter, merged_in
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Exclusion, Result, Unit, Window
from insights.statistics.percentiles import spread

DEFINITION = Definition(
    name="size_table",
    version=1,
    title="Size and time",
    text=(
        "Merged pull requests by size (lines added and removed, generated files left out): how many, the median time "
        "to the first answer of those that got one, and the median from ready to merged. No median below five."
    ),
    unit=Unit.DURATION,
    source="panels.md 5.3",
)


class SizeRow(Struct, frozen=True, kw_only=True):
    """One bucket."""

    bucket: SizeBucket
    n: int
    pickup_p50: timedelta | None
    open_to_merge_p50: timedelta | None


class SizeTable(Struct, frozen=True):
    """The five buckets, and how many times longer L takes than S from ready to merged, where both are known."""

    rows: tuple[SizeRow, ...]
    large_to_small: float | None


def size_table(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[SizeTable]:
    """Return the table of those merged in the window, by default the last 90 days."""
    cohort = merged_in(measurements, window or look.last_days(BASELINE_DAYS), chosen=chosen)
    known = cohort.without(Exclusion.SIZE_UNKNOWN, lambda item: item.bucket is None)
    rows = tuple(_row(bucket, [item for item in known if item.bucket is bucket], look) for bucket in SizeBucket)
    return known.answer(DEFINITION, SizeTable(rows, _factor(rows)) if known.members else None)


def _row(bucket: SizeBucket, items: list[Measurement], look: Look) -> SizeRow:
    answered = (item for item in items if not item.has(Flag.UNANSWERED) and not item.has(Flag.ACTIVITY_UNKNOWN))
    return SizeRow(
        bucket=bucket,
        n=len(items),
        pickup_p50=_median(item.times(look).pickup for item in answered),
        open_to_merge_p50=_median(item.times(look).open_to_merge for item in items),
    )


def _median(times: Iterable[timedelta]) -> timedelta | None:
    usual = spread(times)
    return usual.p50 if usual else None


def _factor(rows: Iterable[SizeRow]) -> float | None:
    times = {row.bucket: row.open_to_merge_p50 for row in rows}
    small, large = times[SizeBucket.S], times[SizeBucket.L]
    return large / small if small and large is not None else None
