"""Where a pull request's time went: stages that add up exactly, on both clocks.

Source: panels.md section 4. coding = opened - first, draft = ready - opened, pickup = responded - ready, review = approved -
responded, merge wait = merged - approved. Never answered: pickup runs to the end. Never approved: review runs to the end.
Time spent as a draft after it was ready is taken out of the stage it fell into and added to ``draft``: so the five
still add up to the cycle, and pickup + review + merge wait to open-to-merge.

The stages are the spans that the life is cut into, measured one by one; they add up because nothing is measured twice.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.working import WorkingClock
from insights.pull_requests.stamps import Stamps
from insights.settings import ClockKind

_NONE = timedelta(0)


class Stage(StrEnum):
    """The stages in the order of a life."""

    CODING = "coding"
    DRAFT = "draft"
    PICKUP = "pickup"
    REVIEW = "review"
    MERGE_WAIT = "merge_wait"


OPEN_STAGES = (Stage.PICKUP, Stage.REVIEW, Stage.MERGE_WAIT)
"""The stages of open-to-merge."""


class Segment(Struct, frozen=True, gc=False):
    """A span of a life that belongs to one stage. A stage may have several, with times as a draft between them."""

    stage: Stage
    start: datetime
    end: datetime


class StageTimes(Struct, frozen=True, gc=False):
    """How long each stage took, on one clock."""

    coding: timedelta = _NONE
    draft: timedelta = _NONE
    pickup: timedelta = _NONE
    review: timedelta = _NONE
    merge_wait: timedelta = _NONE

    def of(self, stage: Stage) -> timedelta:
        """Return the time of one stage."""
        time: timedelta = getattr(self, stage.value)
        return time

    @property
    def cycle(self) -> timedelta:
        """From the first commit to the end."""
        return self.coding + self.draft + self.open_to_merge

    @property
    def open_to_merge(self) -> timedelta:
        """From ready to the end, times as a draft left out."""
        return self.pickup + self.review + self.merge_wait

    def from_stage_on(self, stage: Stage) -> timedelta:
        """Return the time of one stage of open-to-merge and of those after it."""
        return sum((self.of(later) for later in OPEN_STAGES[OPEN_STAGES.index(stage) :]), _NONE)


class Stages(Struct, frozen=True, gc=False):
    """The same stages on the wall clock and on the working clock."""

    wall: StageTimes
    work: StageTimes

    def on(self, kind: ClockKind) -> StageTimes:
        """Return the times on one of the clocks."""
        return self.wall if kind is ClockKind.WALL else self.work


def segments_of(stamps: Stamps, *, until: datetime) -> tuple[Segment, ...]:
    """Cut a life into its segments, in order and without gaps, up to ``until`` (the merge, or now)."""
    bounds = (
        (Stage.CODING, stamps.first, stamps.opened),
        (Stage.DRAFT, stamps.opened, stamps.ready),
        (Stage.PICKUP, stamps.ready, stamps.responded),
        (Stage.REVIEW, stamps.responded, stamps.approved),
        (Stage.MERGE_WAIT, stamps.approved, until),
    )
    return tuple(
        segment
        for stage, start, end in bounds
        if start is not None
        for segment in _cut(stage, start, end, stamps, until)
    )


def pickup_so_far(stamps: Stamps, *, look: Look) -> timedelta:
    """Return the pickup of one that is open, up to now: what ``stages_of`` says of it, without the other stages."""
    if stamps.ready is None:
        return _NONE
    until = max(look.now, stamps.opened)
    spans = _cut(Stage.PICKUP, stamps.ready, stamps.responded, stamps, until)
    return sum((look.between(one.start, one.end) for one in spans if one.stage is Stage.PICKUP), _NONE)


def stages_of(stamps: Stamps, *, until: datetime, clock: WorkingClock) -> Stages:
    """Measure the stages up to ``until`` on both clocks."""
    segments = segments_of(stamps, until=until)
    return Stages(
        wall=_summed((segment.stage, segment.end - segment.start) for segment in segments),
        work=_summed((segment.stage, clock.work(segment.start, segment.end)) for segment in segments),
    )


def entered_at(stamps: Stamps, stage: Stage) -> datetime | None:
    """Return when a stage of open-to-merge began; None for one that was not reached."""
    return {Stage.PICKUP: stamps.ready, Stage.REVIEW: stamps.responded, Stage.MERGE_WAIT: stamps.approved}[stage]


def time_since(stamps: Stamps, start: datetime, *, until: datetime, look: Look) -> timedelta:
    """Return the time from a moment after ready up to another, times as a draft left out."""
    drafts = ((max(span.start, start), min(span.end or until, until)) for span in stamps.later_drafts)
    return look.between(start, until) - sum((look.between(*span) for span in drafts if span[0] < span[1]), _NONE)


def stage_now(stamps: Stamps) -> Stage:
    """Return the stage that an open pull request is in."""
    if stamps.ready is None or any(span.end is None for span in stamps.later_drafts):
        return Stage.DRAFT
    if stamps.responded is None:
        return Stage.PICKUP
    return Stage.REVIEW if stamps.approved is None else Stage.MERGE_WAIT


def _cut(stage: Stage, start: datetime, end: datetime | None, stamps: Stamps, until: datetime) -> Iterator[Segment]:
    """Yield what a stage between two moments comes to: nothing where it took no time."""
    whole = Segment(stage, start, until if end is None else end)
    return (segment for segment in _without_drafts(whole, stamps, until) if segment.start < segment.end)


def _without_drafts(whole: Segment, stamps: Stamps, until: datetime) -> Iterator[Segment]:
    """Yield a segment with the later times as a draft cut out of it, and those as segments of their own."""
    at = whole.start
    for span in stamps.later_drafts if whole.stage in OPEN_STAGES else ():
        start, end = max(span.start, at), min(span.end or until, whole.end)
        if start < end:
            yield Segment(whole.stage, at, start)
            yield Segment(Stage.DRAFT, start, end)
            at = end
    yield Segment(whole.stage, at, whole.end)


def _summed(times: Iterable[tuple[Stage, timedelta]]) -> StageTimes:
    totals = dict.fromkeys(Stage, _NONE)
    for stage, time in times:
        totals[stage] += time
    return StageTimes(**{stage.value: time for stage, time in totals.items()})
