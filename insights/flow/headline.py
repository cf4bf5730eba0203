"""The figures at the head of the Flow page, each beside the same figure of the 28 days before.

Source: panels.md 5.3, section 1. A change is named only where the bootstrap interval of the ratio of medians excludes 1. The
changes are worked out apart from the figures: a thousand resamples are work for the night, and their words are kept.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
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
from insights.result import Definition, Exclusion, Result, Unit, Window
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
    """A figure of this window and of the one before; ``change`` is None where none was worked out."""

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


class Changes(Struct, frozen=True, kw_only=True):
    """What has changed since the 28 days before."""

    open_to_merge: Change
    pickup: Change
    review: Change


def headline(
    measurements: Iterable[Measurement],
    look: Look,
    *,
    chosen: Filter = EVERYTHING,
    changes: Changes | None = None,
) -> Headline:
    """Work out the head of the page; ``changes`` are those of the last night, or of now."""
    rows = tuple(measurements)
    now, before = _windows(look)
    merged = {window: merged_in(rows, window, chosen=chosen) for window in (now, before)}

    def compared(figure: Callable[[Window], Result[T]], change: Change | None = None) -> Compared[T]:
        return Compared(figure(now), figure(before), change)

    return Headline(
        merged=compared(lambda window: merged[window].answer(MERGED, len(merged[window]))),
        open_to_merge=compared(
            lambda window: merged[window].answer(OPEN_TO_MERGE, spread(open_to_merge_times(merged[window], look))),
            changes.open_to_merge if changes else None,
        ),
        pickup=compared(
            lambda window: pickup(rows, look, window=window, chosen=chosen), changes.pickup if changes else None
        ),
        review=compared(lambda window: _review(merged[window], look), changes.review if changes else None),
        unreviewed=compared(lambda window: unreviewed_merges(merged[window])),
    )


def changes(measurements: Iterable[Measurement], look: Look, *, chosen: Filter = EVERYTHING) -> Changes:
    """Compare the medians of both windows: some tens of milliseconds for a hundred pull requests in each."""
    rows = tuple(measurements)
    now, before = _windows(look)
    merged_now, merged_before = (merged_in(rows, window, chosen=chosen) for window in (now, before))
    waits_now, waits_before = (
        pickup_waits(pickup_cohort(rows, window, chosen=chosen), look) for window in (now, before)
    )
    return Changes(
        open_to_merge=change_of_median(open_to_merge_times(merged_before, look), open_to_merge_times(merged_now, look)),
        pickup=change_of_survival_median(waits_before, waits_now),
        review=change_of_median(
            _review_times(_answered(merged_before), look), _review_times(_answered(merged_now), look)
        ),
    )


def unreviewed_merges(merged: Cohort) -> Result[Counted]:
    """Return how many of a cohort of merged ones nobody else looked at, and their share."""
    known = with_known_activity(merged)
    if not known.members:
        return known.answer(UNREVIEWED, None)
    count = sum(item.has(Flag.UNREVIEWED) for item in known)
    return known.answer(UNREVIEWED, Counted(count, count / len(known)))


def _windows(look: Look) -> tuple[Window, Window]:
    window = look.last_days(RECENT_DAYS)
    return window, look.days_before(window, RECENT_DAYS)


def _review(merged: Cohort, look: Look) -> Result[Spread]:
    answered = _answered(merged)
    return answered.answer(REVIEW, spread(_review_times(answered, look)))


def _review_times(answered: Cohort, look: Look) -> list[timedelta]:
    return [item.times(look).review for item in answered]


def _answered(merged: Cohort) -> Cohort:
    return (
        with_known_activity(merged)
        .without(Exclusion.UNREVIEWED, lambda item: item.has(Flag.UNREVIEWED))
        .without(Exclusion.ANSWERED_AS_DRAFT, lambda item: item.has(Flag.UNANSWERED))
    )
