"""What became of the pull requests that were closed.

Source: panels.md section 4, "Declined / superseded": each as a share of all closed in the window. Unit: counts and shares.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.cohorts import EVERYTHING, Filter, closed_in
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Result, Unit, Window

DEFINITION = Definition(
    name="outcomes",
    version=1,
    title="Outcome mix",
    text=(
        "Of all pull requests closed in the window, the part that was merged, declined or superseded. How many of the "
        "merged ones their own author merged, and how many were rewritten by a force-push after the first answer, "
        "stands beside it for information."
    ),
    unit=Unit.SHARE,
    source="panels.md section 4",
)

CLOSED = (PullRequestState.MERGED, PullRequestState.DECLINED, PullRequestState.SUPERSEDED)


class Outcomes(Struct, frozen=True, kw_only=True):
    """How many of each, their shares of all, and two numbers about the merged ones."""

    counts: Mapping[PullRequestState, int]
    shares: Mapping[PullRequestState, float]
    self_merged: int
    rewritten_after_review: int


def outcomes(
    measurements: Iterable[Measurement], look: Look, *, window: Window | None = None, chosen: Filter = EVERYTHING
) -> Result[Outcomes]:
    """Return the mix of those closed in the window, by default the last 28 days."""
    cohort = closed_in(measurements, window or look.last_days(RECENT_DAYS), chosen=chosen)
    if not cohort.members:
        return cohort.answer(DEFINITION, None)
    counts = Counter(item.state for item in cohort)
    merged = [item for item in cohort if item.state is PullRequestState.MERGED]
    return cohort.answer(
        DEFINITION,
        Outcomes(
            counts={state: counts[state] for state in CLOSED},
            shares={state: counts[state] / len(cohort) for state in CLOSED},
            self_merged=sum(item.has(Flag.SELF_MERGED) for item in merged),
            rewritten_after_review=sum(item.has(Flag.REWRITTEN_AFTER_REVIEW) for item in merged),
        ),
    )
