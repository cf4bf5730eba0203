"""How long pull requests wait for their first answer by another person.

Source: panels.md 5.1, "Pickup": the cohort is those that became ready in the window, so that slow ones show early. Those not answered yet
count as "at least this long": an open one until now, a declined one until its decline (Kaplan-Meier). Those merged
without an answer are left out and counted. Unit: duration.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, became_ready_in, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import pickup_so_far
from insights.pull_requests.stamps import Flag
from insights.pull_requests.tally import Tally
from insights.result import Definition, Exclusion, Result, Unit, Window
from insights.statistics.kaplan_meier import Wait, survival_quantiles
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

_LEFT_OUT_LAST = (Exclusion.ACTIVITY_UNKNOWN, Exclusion.UNREVIEWED, Exclusion.ANSWERED_AS_DRAFT)
"""As ``pickup_cohort`` leaves them out, after all others."""


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
    window = window or look.last_days(RECENT_DAYS)
    return pickup_of(pickup_tally(measurements, look, window, chosen=chosen), window)


def pickup_tally(
    measurements: Iterable[Measurement], look: Look, window: Window, *, chosen: Filter = EVERYTHING
) -> Tally:
    """Return what the figure needs of some of those that became ready in the window."""
    cohort = pickup_cohort(measurements, window, chosen=chosen)
    return Tally.of(cohort, pickup_waits(cohort, look))


def pickup_of(tally: Tally, window: Window) -> Result[Pickup]:
    """Return the figure from the tally of all of them."""
    return tally.answer(DEFINITION, _value(tally), window, last=_LEFT_OUT_LAST)


def settled_at(item: Measurement) -> datetime | None:
    """Return when one became ready whose wait no clock changes any more; None for one that is still to be looked at.

    What is settled was closed after it became ready: so it is found among those closed since a window began.
    """
    ready, closed = item.stamps.ready, item.stamps.closed
    is_settled = item.stages is not None and ready is not None and closed is not None and ready <= closed
    return ready if is_settled else None


def pickup_cohort(measurements: Iterable[Measurement], window: Window, *, chosen: Filter = EVERYTHING) -> Cohort:
    """Return those that became ready in the window and were answered, or may yet be."""
    return (
        with_known_activity(became_ready_in(measurements, window, chosen=chosen))
        .without(Exclusion.UNREVIEWED, lambda item: item.has(Flag.UNREVIEWED))
        .without(Exclusion.ANSWERED_AS_DRAFT, _is_merged_unanswered)
    )


def pickup_waits(cohort: Cohort, look: Look) -> list[Wait]:
    """Return the waits of a pickup cohort, those not over included."""
    return [Wait(_waited(item, look), is_over=not item.has(Flag.UNANSWERED)) for item in cohort]


def _waited(item: Measurement, look: Look) -> timedelta:
    return pickup_so_far(item.stamps, look=look) if item.stages is None else item.stages.on(look.kind).pickup


def _is_merged_unanswered(item: Measurement) -> bool:
    """Return whether one was merged with no answer after ready; where it is not unreviewed, the draft was commented on."""
    return item.state is PullRequestState.MERGED and item.has(Flag.UNANSWERED)


def _value(tally: Tally) -> Pickup | None:
    if len(tally.ids) < LEAST_FOR_MEDIAN:
        return None
    longest = max((*tally.over[-1:], *tally.going_on[-1:]))
    p50, p85 = (_estimate(time, longest) for time in survival_quantiles(tally.over, tally.going_on, (0.5, 0.85)))
    return Pickup(p50, p85 if len(tally.ids) >= LEAST_FOR_P85 else None)


def _estimate(time: timedelta | None, longest: timedelta) -> Estimate:
    return Estimate(longest, is_lower_bound=True) if time is None else Estimate(time)
