"""How old the open pull requests are, beside how old past ones were when they left the same stage.

Source: panels.md 5.3, section 6. Unit: working age since the opening. The bands are percentiles of the age at which pull requests
merged in the last 90 days left each stage.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, merged_in, open_now, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import Stage, stage_now
from insights.result import Definition, Result, Unit
from insights.statistics.percentiles import Spread, spread

DEFINITION = Definition(
    name="ageing",
    version=1,
    title="Ageing work in progress",
    text=(
        "Every open pull request by its stage and its age since it was opened. The bands say at which age pull "
        "requests merged in the last 90 days had left that stage: half of them below the first line, 85 of 100 below "
        "the second."
    ),
    unit=Unit.DURATION,
    source="Vacanti, Actionable Agile Metrics, 2015; panels.md 5.3",
)

STAGES = (Stage.DRAFT, Stage.PICKUP, Stage.REVIEW, Stage.MERGE_WAIT)


class Ageing(Struct, frozen=True):
    """An open pull request."""

    id: int
    stage: Stage
    age: timedelta


class AgeingWork(Struct, frozen=True):
    """The open ones, oldest first, and the band of each stage; None where fewer than five left it."""

    items: tuple[Ageing, ...]
    bands: Mapping[Stage, Spread | None]


Bands = Mapping[Stage, Spread | None]


def ageing(
    measurements: Iterable[Measurement], look: Look, *, chosen: Filter = EVERYTHING, bands: Bands | None = None
) -> Result[AgeingWork]:
    """Place the open ones. n counts them; the bands rest on those merged in the last 90 days, unless they are given."""
    rows = tuple(measurements)
    cohort = open_now(rows, chosen=chosen)
    items = [Ageing(item.id, stage_now(item.stamps), look.since(item.stamps.opened)) for item in cohort]
    items.sort(key=lambda item: (-item.age, item.id))
    beside = bands_of(rows, look, chosen=chosen) if bands is None else bands
    return cohort.answer(DEFINITION, AgeingWork(tuple(items), beside) if items else None)


def bands_of(measurements: Iterable[Measurement], look: Look, *, chosen: Filter = EVERYTHING) -> Bands:
    """Return the ages at which those merged in the last 90 days left each stage."""
    past = with_known_activity(merged_in(measurements, look.last_days(BASELINE_DAYS), chosen=chosen))
    return {stage: _band(past, stage, look) for stage in STAGES}


def _band(past: Cohort, stage: Stage, look: Look) -> Spread | None:
    return spread(
        look.between(item.stamps.opened, left) for item in past if (left := _left_at(item, stage)) is not None
    )


def _left_at(item: Measurement, stage: Stage) -> datetime | None:
    """Return when a merged pull request left a stage that it was in."""
    stamps = item.stamps
    match stage:
        case Stage.DRAFT:
            return stamps.ready if stamps.ready is not None and stamps.ready > stamps.opened else None
        case Stage.PICKUP:
            return stamps.responded
        case Stage.REVIEW:
            return None if stamps.responded is None else stamps.approved or stamps.closed
    return stamps.closed if stamps.approved is not None else None
