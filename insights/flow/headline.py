"""The figures at the head of the Flow page, each beside the same figure of the 28 days before.

Source: panels.md 5.3, section 1. A change is named only where the bootstrap interval of the ratio of medians excludes 1.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, merged_in, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Flag
from insights.pulse.open_to_merge import DEFINITION as OPEN_TO_MERGE
from insights.pulse.open_to_merge import open_to_merge_times
from insights.pulse.pickup import Pickup, pickup, pickup_cohort, pickup_waits
from insights.result import Definition, Exclusion, Result, Unit
from insights.statistics.change import Change, change_of_median, change_of_survival_median
from insights.statistics.percentiles import Spread, spread

T = TypeVar("T")

MERGED = Definition(
    name="merged",
    version=1,
    title="Merged",
    text="Pull requests by people merged into the main branch or a long-lived one in the window, without sync ones.",
    unit=Unit.COUNT,
    source="panels.md 5.3",
)
REVIEW = Definition(
    name="review",
    version=1,
    title="Review",
    text=(
        "From the first answer by another person to the moment the required approvals were there for good: if "
        "approvals are reset, the clock goes on. Never approved: to the merge. Of the pull requests merged in the "
        "window; those merged unanswered are left out."
    ),
    unit=Unit.DURATION,
    source="panels.md section 4",
)
UNREVIEWED = Definition(
    name="unreviewed_merges",
    version=1,
    title="Unreviewed merges",
    text=(
        "Pull requests merged in the window to which no other person had said anything before the merge: no comment, "
        "no approval, no request for changes. The author's own approval does not count, nor a bot's word."
    ),
    unit=Unit.SHARE,
    source="panels.md section 4",
)


class Compared(Struct, Generic[T], frozen=True):
    """A figure of this window and of the one before; ``change`` is None for a figure that has no median."""

    now: Result[T]
    before: Result[T]
    change: Change | None = None


class Counted(Struct, frozen=True):
    """So many, and their share of all."""

    count: int
    share: float


class Headline(Struct, frozen=True, kw_only=True):
    """The head of the page; the work in progress stands in flow/work_in_progress.py."""

    merged: Compared[int]
    open_to_merge: Compared[Spread]
    pickup: Compared[Pickup]
    review: Compared[Spread]
    unreviewed: Compared[Counted]


def headline(measurements: Iterable[Measurement], look: Look, *, chosen: Filter = EVERYTHING) -> Headline:
    """Work out the head of the page."""
    rows = tuple(measurements)
    window = look.last_days(RECENT_DAYS)
    before = look.days_before(window, RECENT_DAYS)
    merged = merged_in(rows, window, chosen=chosen), merged_in(rows, before, chosen=chosen)
    return Headline(
        merged=Compared(merged[0].answer(MERGED, len(merged[0])), merged[1].answer(MERGED, len(merged[1]))),
        open_to_merge=_open_to_merge(merged, look),
        pickup=_pickup(rows, look, chosen),
        review=_review(merged, look),
        unreviewed=Compared(unreviewed_merges(merged[0]), unreviewed_merges(merged[1])),
    )


def unreviewed_merges(merged: Cohort) -> Result[Counted]:
    """Return how many of a cohort of merged ones nobody else looked at, and their share."""
    known = with_known_activity(merged)
    if not known.members:
        return known.answer(UNREVIEWED, None)
    count = sum(item.has(Flag.UNREVIEWED) for item in known)
    return known.answer(UNREVIEWED, Counted(count, count / len(known)))


def _open_to_merge(merged: tuple[Cohort, Cohort], look: Look) -> Compared[Spread]:
    now, before = (open_to_merge_times(cohort, look) for cohort in merged)
    answers = [cohort.answer(OPEN_TO_MERGE, spread(times)) for cohort, times in zip(merged, (now, before), strict=True)]
    return Compared(answers[0], answers[1], change_of_median(before, now))


def _pickup(rows: tuple[Measurement, ...], look: Look, chosen: Filter) -> Compared[Pickup]:
    window = look.last_days(RECENT_DAYS)
    windows = window, look.days_before(window, RECENT_DAYS)
    now, before = (pickup_waits(pickup_cohort(rows, span, chosen=chosen), look) for span in windows)
    answers = [pickup(rows, look, window=span, chosen=chosen) for span in windows]
    return Compared(answers[0], answers[1], change_of_survival_median(before, now))


def _review(merged: tuple[Cohort, Cohort], look: Look) -> Compared[Spread]:
    answered = tuple(map(_answered, merged))
    now, before = ([item.times(look).review for item in cohort] for cohort in answered)
    answers = [cohort.answer(REVIEW, spread(times)) for cohort, times in zip(answered, (now, before), strict=True)]
    return Compared(answers[0], answers[1], change_of_median(before, now))


def _answered(merged: Cohort) -> Cohort:
    return (
        with_known_activity(merged)
        .without(Exclusion.UNREVIEWED, lambda item: item.has(Flag.UNREVIEWED))
        .without(Exclusion.ANSWERED_AS_DRAFT, lambda item: item.has(Flag.UNANSWERED))
    )
