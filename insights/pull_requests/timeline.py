"""The strip that explains a pull request's number: its segments, and ticks for what happened in them.

Source: panels.md 5.2, "Timeline strip": ticks for pushes, responses, approvals and force-pushes.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from insights.facts.pull_requests import EventFacts, EventKind
from insights.people.bots import Directory
from insights.pull_requests.stages import Segment, segments_of
from insights.pull_requests.stamps import Stamps
from insights.result import Definition, Unit

DEFINITION = Definition(
    name="timeline",
    version=1,
    title="Timeline",
    text=(
        "From the first commit (by its author's date, at most 30 days before the opening) to the merge, or to now: "
        "coding until it was opened, draft until it was ready, pickup until the first answer by another person, review "
        "until the required approvals, then the wait for the merge. Time as a draft later on is draft again."
    ),
    unit=Unit.DURATION,
    source="panels.md section 4, time stamps and stages",
)


class TickKind(StrEnum):
    """What a tick stands for."""

    PUSH = "push"
    FORCE_PUSH = "force_push"
    COMMENT = "comment"
    CHANGES_REQUEST = "changes_request"
    APPROVAL = "approval"


_TICKS = {
    EventKind.PUSHED: TickKind.PUSH,
    EventKind.FORCE_PUSHED: TickKind.FORCE_PUSH,
    EventKind.COMMENTED: TickKind.COMMENT,
    EventKind.CHANGES_REQUESTED: TickKind.CHANGES_REQUEST,
    EventKind.APPROVED: TickKind.APPROVAL,
}
_ANSWER_TICKS = frozenset({TickKind.COMMENT, TickKind.CHANGES_REQUEST, TickKind.APPROVAL})


class Tick(Struct, frozen=True):
    """One thing that happened."""

    kind: TickKind
    at: datetime
    actor: str | None


class Timeline(Struct, frozen=True):
    """The strip from its first segment's start to its last one's end."""

    segments: tuple[Segment, ...]
    ticks: tuple[Tick, ...]


def timeline(
    stamps: Stamps,
    events: Iterable[EventFacts],
    *,
    author: str | None,
    directory: Directory,
    until: datetime,
) -> Timeline:
    """Draw the strip up to ``until``. Answers are those of other people; pushes are anybody's."""
    ticks = (
        Tick(_TICKS[event.kind], event.at, event.actor)
        for event in events
        if event.kind in _TICKS and stamps.first <= event.at <= until
    )
    shown = (
        tick for tick in ticks if tick.kind not in _ANSWER_TICKS or directory.is_other_person(tick.actor, author=author)
    )
    return Timeline(segments_of(stamps, until=until), tuple(shown))
