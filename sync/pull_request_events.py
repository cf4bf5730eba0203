"""What each event about a pull request does to our rows.

Every body holds the whole pull request as it was after the event: that is recorded first, and then what the event adds.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bitbucket.comments import Comment
from bitbucket.paths import is_other_uuid
from bitbucket.pull_request_activity import Mark
from bitbucket.resources import PullRequest, Resource, User
from insights.facts.pull_requests import EventKind, PullRequestState
from sync.errors import DeliveryUnusable
from sync.event import FOREIGN, Event
from sync.history.accounts import account_of
from sync.history.moments import plausible
from sync.history.projection import Projection
from sync.history.pull_requests import record_snapshots
from sync.history.reviews import CommentTold, Happening, record_happenings, record_told_comments
from sync.history.snapshots import snapshot_of

NO_PULL_REQUEST: Final = "The event is about no pull request."

_LARGEST_NUMBER: Final = 2**31 - 1
_LARGEST_COMMENT: Final = 2**63 - 1


class Payload(Resource, frozen=True, kw_only=True):
    """The members of a body that are read here. Nobody has recorded a request for changes: both names are understood."""

    pullrequest: PullRequest | None = None
    actor: User | None = None
    approval: Mark | None = None
    changes_request: Mark | None = None
    changes_requested: Mark | None = None
    comment: Comment | None = None


Recorder = Callable[[Projection, Event], str | None]
"""Records what an event tells. Returns None, or why there was nothing to record."""

_Addition = Callable[[Projection, Event, Payload, PullRequest], None]


def _recorder(
    add: _Addition | None = None,
    *,
    is_change: bool = False,
    is_opening: bool = False,
    ended_as: PullRequestState | None = None,
) -> Recorder:
    """`is_change`: the actor has made the pull request what it is now; `ended_as`: and that was its end."""

    def record(projection: Projection, event: Event) -> str | None:
        payload = event.read(Payload)
        told = payload.pullrequest
        if told is None:
            return NO_PULL_REQUEST
        _check_number(told.id, _LARGEST_NUMBER)
        end = told.destination
        if end is not None and end.repository is not None and is_other_uuid(end.repository.uuid, event.facts.uuid):
            return FOREIGN
        snapshot = snapshot_of(
            told,
            as_of=event.as_of,
            is_read=False,
            actor=payload.actor if is_change or ended_as else None,
            is_opening=is_opening,
            ended_as=ended_as,
        )
        record_snapshots(projection, [snapshot])
        if add is not None:
            add(projection, event, payload, told)
        return None

    return record


def _given(kind: EventKind) -> _Addition:
    """A verdict: dated by the verdict itself."""

    def add(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
        mark = _mark(payload)
        at = mark.date if mark.date is not None else _updated_at(told, event)
        _record_verdict(projection, event, payload, told, kind=kind, at=plausible(at, as_of=event.as_of))

    return add


def _withdrawn(kind: EventKind) -> _Addition:
    """A verdict taken back: whether its date is that of the verdict or of the withdrawal is not documented."""

    def add(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
        at = _updated_at(told, event)
        date = _mark(payload).date
        if date is not None:
            at = max(at, plausible(date, as_of=event.as_of))
        _record_verdict(projection, event, payload, told, kind=kind, at=at)

    return add


def _record_verdict(  # noqa: PLR0913 - an event, and what it tells
    projection: Projection, event: Event, payload: Payload, told: PullRequest, *, kind: EventKind, at: datetime
) -> None:
    actor = account_of(_mark(payload).user) or account_of(payload.actor)
    happening = Happening(number=told.id, kind=kind, at=at, actor=actor)
    record_happenings(projection, [happening], as_of=event.as_of)


def _mark(payload: Payload) -> Mark:
    return payload.approval or payload.changes_request or payload.changes_requested or Mark()


def _commented(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
    comment = _comment(payload)
    if comment is not None:
        record_told_comments(projection, told.id, [CommentTold.of(comment, as_of=_clock(comment, told, event))])


def _comment_deleted(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
    comment = _comment(payload)
    if comment is not None:
        gone = CommentTold.of(comment, as_of=_clock(comment, told, event), was_deleted=True)
        record_told_comments(projection, told.id, [gone])


def _resolved(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
    comment = _comment(payload)
    if comment is not None:
        clock = _clock(comment, told, event)
        thread = CommentTold.of(comment, as_of=clock).resolved(by=account_of(payload.actor), at=clock)
        record_told_comments(projection, told.id, [thread])


def _reopened(projection: Projection, event: Event, payload: Payload, told: PullRequest) -> None:
    comment = _comment(payload)
    if comment is not None:
        clock = _clock(comment, told, event)
        record_told_comments(projection, told.id, [CommentTold.of(comment, as_of=clock).reopened()])
        reopening = Happening(
            number=told.id,
            kind=EventKind.THREAD_REOPENED,
            at=clock,
            actor=account_of(payload.actor),
            comment=comment.id,
        )
        record_happenings(projection, [reopening], as_of=event.as_of)


def _comment(payload: Payload) -> Comment | None:
    """The comment; None for one that is its author's alone as yet."""
    comment = payload.comment
    if comment is None or comment.pending:
        return None
    _check_number(comment.id, _LARGEST_COMMENT)
    if comment.parent is not None:
        _check_number(comment.parent.id, _LARGEST_COMMENT)
    return comment


def _updated_at(told: PullRequest, event: Event) -> datetime:
    return event.as_of if told.updated_on is None else plausible(told.updated_on, as_of=event.as_of)


def _clock(comment: Comment, told: PullRequest, event: Event) -> datetime:
    """When a comment was as it is told. The time of an event is cut to seconds; these are not, and all of them move with it."""
    times = [plausible(time, as_of=event.as_of) for time in (told.updated_on, comment.updated_on) if time is not None]
    return max(times, default=event.as_of)


def _check_number(number: int, largest: int) -> None:
    if not 0 < number <= largest:
        raise DeliveryUnusable(f"{number} is no number of a pull request or comment.")


created: Final = _recorder(is_change=True, is_opening=True)
updated: Final = _recorder(is_change=True)
pushed: Final = _recorder(is_change=True)
fulfilled: Final = _recorder(ended_as=PullRequestState.MERGED)
rejected: Final = _recorder(ended_as=PullRequestState.DECLINED)
superseded: Final = _recorder(ended_as=PullRequestState.SUPERSEDED)
approved: Final = _recorder(_given(EventKind.APPROVED))
unapproved: Final = _recorder(_withdrawn(EventKind.UNAPPROVED))
changes_requested: Final = _recorder(_given(EventKind.CHANGES_REQUESTED))
changes_request_removed: Final = _recorder(_withdrawn(EventKind.CHANGES_REQUEST_REMOVED))
commented: Final = _recorder(_commented)
comment_deleted: Final = _recorder(_comment_deleted)
comment_resolved: Final = _recorder(_resolved)
comment_reopened: Final = _recorder(_reopened)
