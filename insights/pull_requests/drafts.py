"""When a pull request was a draft.

Source: panels.md section 4, "Drafts": the clock starts at the first transition to ready; later draft intervals are subtracted;
where Bitbucket does not say when that was, the opening is taken and the pull request counted in a footnote.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from insights.facts.pull_requests import EventFacts, EventKind, PullRequestFacts


class DraftSpan(Struct, frozen=True, gc=False):
    """A time as a draft; ``end`` is None while it lasts."""

    start: datetime
    end: datetime | None


class Drafts(Struct, frozen=True):
    """``ready_at`` is None for what was never ready; ``later`` are the times as a draft after that."""

    ready_at: datetime | None
    later: tuple[DraftSpan, ...] = ()
    is_assumed: bool = False

    def is_draft_at(self, at: datetime) -> bool:
        """Return whether it was a draft at a moment after its opening."""
        if self.ready_at is None or at < self.ready_at:
            return True
        return any(span.start <= at and (span.end is None or at < span.end) for span in self.later)


def drafts_of(facts: PullRequestFacts, events: Iterable[EventFacts]) -> Drafts:
    """Read the draft times from events in their order.

    A first "ready" tells of a pull request opened as a draft, a first "draft" of one opened ready. With neither, one that
    is a draft now has always been one.
    """
    flips = [event for event in events if event.kind in {EventKind.READIED, EventKind.DRAFTED}]
    if not flips:
        return _without_flips(facts)
    starts_ready = flips[0].kind is EventKind.DRAFTED
    ready_at = facts.created_at if starts_ready else max(flips[0].at, facts.created_at)
    return Drafts(ready_at, tuple(_spans(flips if starts_ready else flips[1:], facts)))


def _without_flips(facts: PullRequestFacts) -> Drafts:
    if facts.is_draft:
        return Drafts(None)
    return Drafts(facts.created_at, is_assumed=not facts.is_draft_history_known)


def _spans(flips: list[EventFacts], facts: PullRequestFacts) -> Iterable[DraftSpan]:
    """Yield the times between "draft" and the next "ready"; a repeated word changes nothing, nor one before the opening."""
    since: datetime | None = None
    for flip in flips:
        at = max(flip.at, facts.created_at)
        if flip.kind is EventKind.DRAFTED:
            since = since or at
        elif since is not None:
            if since < at:
                yield DraftSpan(since, at)
            since = None
    if since is not None:
        yield DraftSpan(since, None)
