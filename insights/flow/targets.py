"""How often the team's own target for pickup is met. Never per person.

Source: panels.md 5.7, "targets": for example 80 % picked up in 4 working hours, shown as a line and a hit rate. Unit: share.
"""

from collections.abc import Iterable

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Filter
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Flag
from insights.pulse.pickup import pickup_cohort
from insights.result import Definition, Exclusion, Result, Unit, Window
from insights.settings import Target

DEFINITION = Definition(
    name="pickup_target",
    version=1,
    title="Pickup target",
    text=(
        "The part of the pull requests that became ready in the window and were answered within the target's time. One "
        "that still waits counts as missed once that time is over, and not at all before."
    ),
    unit=Unit.SHARE,
    source="panels.md 5.7",
)


class HitRate(Struct, frozen=True):
    """How many were in time, their share, and whether that is what the team wanted."""

    hits: int
    share: float
    is_met: bool


def pickup_target(
    measurements: Iterable[Measurement],
    look: Look,
    target: Target,
    *,
    window: Window | None = None,
    chosen: Filter = EVERYTHING,
) -> Result[HitRate]:
    """Compare the pickups of a window, by default the last 28 days, with the target."""

    def is_undecided(item: Measurement) -> bool:
        return item.has(Flag.UNANSWERED) and item.times(look).pickup < target.within

    cohort = pickup_cohort(measurements, window or look.last_days(RECENT_DAYS), chosen=chosen)
    decided = cohort.without(Exclusion.TOO_YOUNG, is_undecided)
    if not decided.members:
        return decided.answer(DEFINITION, None)
    hits = sum(not item.has(Flag.UNANSWERED) and item.times(look).pickup <= target.within for item in decided)
    share = hits / len(decided)
    return decided.answer(DEFINITION, HitRate(hits, share, is_met=share >= target.share))
