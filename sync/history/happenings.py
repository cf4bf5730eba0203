"""What has happened to a pull request, from how it was seen over time. Pure: rows in, events out.

Whoever told what, and in which order, the same sightings give the same events. An event is dated by the first sighting
that shows it; of a change that nobody was seen to make, nobody is the actor.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from insights.facts.pull_requests import EventKind, PullRequestState, ReviewState
from models.history.comments import CommentRow
from models.history.events import EventRow
from models.history.pull_requests import PullRequestRow
from models.history.sightings import SightingRow
from sync.history import verdicts

_ENDS = {
    PullRequestState.MERGED: EventKind.MERGED,
    PullRequestState.DECLINED: EventKind.DECLINED,
    PullRequestState.SUPERSEDED: EventKind.SUPERSEDED,
}
_RESETS = {
    ReviewState.APPROVED: (EventKind.APPROVALS_RESET, EventKind.UNAPPROVED),
    ReviewState.CHANGES_REQUESTED: (EventKind.CHANGES_REQUESTS_RESET, EventKind.CHANGES_REQUEST_REMOVED),
}


def happenings(
    row: PullRequestRow,
    *,
    seen: Sequence[SightingRow],
    comments: Iterable[CommentRow],
    told: Sequence[EventRow],
    forced: Collection[str],
) -> list[EventRow]:
    """Every event that follows; `told` are the verdicts that were given and withdrawn, `forced` heads that came by force.

    `seen` is in the order of the moments.
    """
    events = [_event(row, EventKind.OPENED, row.created_at, actor_id=row.author_id)]
    events += _pushes(row, seen, forced)
    events += _resets(row, seen, told)
    events += _drafts(row, seen)
    events += _words(row, comments)
    if row.closed_at is not None and row.state in _ENDS:
        events.append(_event(row, _ENDS[row.state], row.closed_at, actor_id=row.closed_by_id))
    return events


def _pushes(row: PullRequestRow, seen: Sequence[SightingRow], forced: Collection[str]) -> Iterator[EventRow]:
    for _, new in _moves(seen):
        kind = EventKind.FORCE_PUSHED if new.head in forced else EventKind.PUSHED
        yield _event(row, kind, new.at, subject=new.head, actor_id=new.actor_id)


def _moves(seen: Sequence[SightingRow]) -> Iterator[tuple[SightingRow, SightingRow]]:
    """Each change of the head: the last sighting before, and the first after it."""
    return (pair for pair in pairwise(one for one in seen if one.head) if pair[0].head != pair[1].head)


def _resets(row: PullRequestRow, seen: Sequence[SightingRow], told: Sequence[EventRow]) -> Iterator[EventRow]:
    """Verdicts of one kind that all vanished with a push: Bitbucket drops them, where a repository is set so."""
    for before, after in pairwise(one for one in seen if one.head and one.verdicts is not None):
        if before.head == after.head:
            continue
        stood, stands = verdicts.decode(before.verdicts or ""), verdicts.decode(after.verdicts or "").values()
        for state, (reset, withdrawal) in _RESETS.items():
            withdrawn = {
                event.subject for event in told if event.kind is withdrawal and before.at < event.at <= after.at
            }
            dropped = {uuid for uuid, verdict in stood.items() if verdict is state} - withdrawn
            if dropped and state not in stands:
                yield _event(row, reset, after.at)


def _drafts(row: PullRequestRow, seen: Sequence[SightingRow]) -> Iterator[EventRow]:
    for before, after in pairwise(seen):
        if before.is_draft != after.is_draft:
            kind = EventKind.DRAFTED if after.is_draft else EventKind.READIED
            yield _event(row, kind, after.at, actor_id=after.actor_id)


def _words(row: PullRequestRow, comments: Iterable[CommentRow]) -> Iterator[EventRow]:
    for one in comments:
        if not one.is_deleted:
            yield _event(row, EventKind.COMMENTED, one.created_at, subject=str(one.comment), actor_id=one.author_id)


def _event(
    row: PullRequestRow, kind: EventKind, at: datetime, *, subject: str = "", actor_id: int | None = None
) -> EventRow:
    return EventRow(
        repository_id=row.repository_id,
        pull_request=row.number,
        kind=kind,
        at=at,
        subject=subject,
        actor_id=actor_id,
    )
