"""Whether a wait is usual here: measured against the repository's own past, never against an industry table.

Source: panels.md 5.1, "Pace lozenge": up to the median of the same stage over 90 days it is on pace, up to the 85th percentile slower
than usual, above that overdue. With fewer than 20 past pull requests nothing is said but the hours.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from insights.pull_requests.cohorts import Cohort
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import Stage
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Unit
from insights.settings import ClockKind
from insights.statistics.percentiles import spread

DEFINITION = Definition(
    name="pace",
    version=1,
    title="Pace",
    text=(
        "How long this has waited, compared with how long pull requests merged here in the last 90 days spent in the "
        "same stage. Up to their median: on pace. Up to their 85th percentile: slower than usual. Above: overdue. "
        "Nothing is said where fewer than 20 are known."
    ),
    unit=Unit.STATE,
    source="panels.md 5.1",
)

_NONE = timedelta(0)


class Pace(StrEnum):
    """The word on the lozenge."""

    ON_PACE = "on_pace"
    SLOWER_THAN_USUAL = "slower_than_usual"
    OVERDUE = "overdue"


class Yardstick(Struct, frozen=True, kw_only=True):
    """How long past pull requests spent in a stage; the percentiles are None where too few are known."""

    n: int
    p50: timedelta | None = None
    p85: timedelta | None = None


UNKNOWN = Yardstick(n=0)


def yardsticks(past: Cohort, kind: ClockKind) -> Mapping[Stage, Yardstick]:
    """Return the yardstick of every stage from a cohort of merged pull requests."""
    return {stage: _yardstick(_times(past, stage, kind)) for stage in Stage}


def pace_of(waited: timedelta, yardstick: Yardstick) -> Pace | None:
    """Return the word for a wait; None where the yardstick has no 85th percentile."""
    if yardstick.p50 is None or yardstick.p85 is None:
        return None
    if waited <= yardstick.p50:
        return Pace.ON_PACE
    return Pace.SLOWER_THAN_USUAL if waited <= yardstick.p85 else Pace.OVERDUE


def _yardstick(times: list[timedelta]) -> Yardstick:
    usual = spread(times)
    return Yardstick(n=len(times), p50=usual.p50, p85=usual.p85) if usual else Yardstick(n=len(times))


def _times(past: Iterable[Measurement], stage: Stage, kind: ClockKind) -> list[timedelta]:
    return [item.stages.on(kind).of(stage) for item in past if item.stages is not None and _passed(item, stage)]


def _passed(item: Measurement, stage: Stage) -> bool:
    """Return whether a pull request really went through a stage: not answered, it had no pickup that could be a measure."""
    match stage:
        case Stage.DRAFT:
            return item.stages is not None and item.stages.wall.draft > _NONE
        case Stage.PICKUP:
            return not item.has(Flag.UNANSWERED) and not item.has(Flag.ACTIVITY_UNKNOWN)
        case Stage.REVIEW:
            return item.stamps.responded is not None and not item.has(Flag.ACTIVITY_UNKNOWN)
        case Stage.MERGE_WAIT:
            return item.stamps.approved is not None
    return not item.has(Flag.FIRST_COMMIT_ASSUMED)
