"""How long pull requests wait for their first answer by another person.

Source: panels.md 5.1, "Pickup": the cohort is those that became ready in the window, so that slow ones show early. Those not answered yet
count as "at least this long": an open one until now, a declined one until its decline (Kaplan-Meier). Those merged
without an answer are left out and counted. Unit: duration.
"""

from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, became_ready_in, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Exclusion, Result, Unit, Window
from insights.statistics.kaplan_meier import SurvivalCurve, Wait, survival_curve
from insights.statistics.percentiles import LEAST_FOR_MEDIAN, LEAST_FOR_P85

DEFINITION = Definition(
    name="pickup",
    version=1,
    title="Pickup",
    text=(
        "From ready for review to the first comment, approval or request for changes by another person; bots stop no "
        "clock, and time as a draft does not count. Of the pull requests that became ready in the window. Those still "
        "waiting count as at least as long as they have waited, those declined unanswered until then. Those merged "
        "unanswered are left out and counted."
    ),
    unit=Unit.DURATION,
    source="panels.md 5.1; Kaplan and Meier 1958",
)


class Estimate(Struct, frozen=True):
    """A time; with ``is_lower_bound`` all that can be said is that it is longer than this."""

    time: timedelta
    is_lower_bound: bool = False


class Pickup(Struct, frozen=True):
    """The median and the 85th percentile; ``p85`` is None with fewer than 20."""

    p50: Estimate
    p85: Estimate | None


def pickup(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[Pickup]:
    """Estimate the pickup time of those that became ready in the window, by default the last 28 days."""
    cohort = pickup_cohort(measurements, window or look.last_days(RECENT_DAYS), chosen=chosen)
    curve = survival_curve(pickup_waits(cohort, look))
    return cohort.answer(DEFINITION, _value(curve))


def pickup_cohort(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those that became ready in the window and were answered, or may yet be."""
    return (
        with_known_activity(became_ready_in(measurements, window, chosen=chosen))
        .without(Exclusion.UNREVIEWED, lambda item: item.has(Flag.UNREVIEWED))
        .without(Exclusion.ANSWERED_AS_DRAFT, _is_merged_unanswered)
    )


def pickup_waits(cohort: Cohort, look: Look) -> list[Wait]:
    """Return the waits of a pickup cohort, those not over included."""
    return [Wait(item.times(look).pickup, is_over=not item.has(Flag.UNANSWERED)) for item in cohort]


def _is_merged_unanswered(item: Measurement) -> bool:
    """Return whether one was merged with no answer after ready; where it is not unreviewed, the draft was commented on."""
    return item.state is PullRequestState.MERGED and item.has(Flag.UNANSWERED)


def _value(curve: SurvivalCurve) -> Pickup | None:
    if curve.n < LEAST_FOR_MEDIAN:
        return None
    return Pickup(_estimate(curve, 0.5), _estimate(curve, 0.85) if curve.n >= LEAST_FOR_P85 else None)


def _estimate(curve: SurvivalCurve, share: float) -> Estimate:
    time = curve.quantile(share)
    return Estimate(curve.longest, is_lower_bound=True) if time is None else Estimate(time)
