"""Recording reviews: verdicts that were given and withdrawn, comments, threads that were resolved and reopened."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bitbucket.comments import Comment
from insights.facts.pull_requests import EventKind
from models.history import comments, events
from models.history.comments import CommentRow
from models.history.events import EventRow
from models.history.people import Account
from sync.history.accounts import account_of
from sync.history.moments import plausible
from sync.history.projection import Projection


class Happening(Struct, frozen=True, kw_only=True):
    """Something that was told as such: a verdict, or a thread resolved or reopened. `comment` is the thread's first."""

    number: int
    kind: EventKind
    at: datetime
    actor: Account | None
    comment: int | None = None


def record_happenings(projection: Projection, told: Sequence[Happening], *, as_of: datetime) -> None:
    """Add what has happened; a verdict of nobody cannot be told from another's, and is left out."""
    ids = projection.people((one.actor for one in told), as_of=as_of)
    rows = [
        EventRow(
            repository_id=projection.repository.id,
            pull_request=one.number,
            kind=one.kind,
            at=one.at,
            subject=str(one.comment) if one.comment is not None else one.actor.uuid if one.actor else "",
            actor_id=ids[one.actor.uuid] if one.actor else None,
        )
        for one in told
    ]
    _add(projection, [row for row in rows if row.subject])


def _add(projection: Projection, rows: Sequence[EventRow]) -> None:
    numbers = {row.pull_request for row in rows}
    projection.told_pull_requests |= numbers
    by_number = events.held(projection.session, projection.repository, numbers)
    known = {event.key for number in numbers for event in by_number[number]}
    new = {row.key: row for row in rows if row.key not in known}
    events.store(projection.session, list(new.values()))
    if new:
        projection.note_change(*(row.pull_request for row in new.values()))


class CommentTold(Struct, frozen=True, kw_only=True):
    """One comment as it was told at a moment."""

    comment: int
    as_of: datetime
    is_read: bool = False
    parent: int | None = None
    author: Account | None = None
    created_at: datetime
    is_deleted: bool = False
    resolved_at: datetime | None = None
    resolved_by: Account | None = None

    @classmethod
    def of(cls, told: Comment, *, as_of: datetime, is_read: bool = False, was_deleted: bool = False) -> "CommentTold":
        """What a resource says; `was_deleted`: the event was its deletion."""
        resolution = told.resolution
        resolved_on = None if resolution is None else resolution.created_on or told.updated_on or as_of
        return cls(
            comment=told.id,
            as_of=as_of,
            is_read=is_read,
            parent=None if told.parent is None else told.parent.id,
            author=account_of(told.user),
            created_at=as_of if told.created_on is None else plausible(told.created_on, as_of=as_of),
            is_deleted=told.deleted or was_deleted,
            resolved_at=None if resolved_on is None else plausible(resolved_on, as_of=as_of),
            resolved_by=None if resolution is None else account_of(resolution.user),
        )

    def resolved(self, *, by: Account | None, at: datetime) -> "CommentTold":
        """The same with its thread resolved, by these where it does not say itself."""
        return self if self.resolved_at is not None else replace(self, resolved_at=at, resolved_by=by)

    def reopened(self) -> "CommentTold":
        """The same with its thread open."""
        return replace(self, resolved_at=None, resolved_by=None)


def record_comments(projection: Projection, number: int, told: Iterable[Comment], *, observed_at: datetime) -> None:
    """Record all comments of a pull request, as the API lists them: one that we hold and that is not listed was deleted."""
    read = [CommentTold.of(one, as_of=observed_at, is_read=True) for one in told if not one.pending]
    record_told_comments(projection, number, read)
    held = comments.held(projection.session, projection.repository, {number})[number]
    listed = {one.comment for one in read}
    gone = [row for row in held if row.comment not in listed and not row.is_deleted and row.as_of <= observed_at]
    deleted = [replace(row, is_deleted=True, as_of=observed_at) for row in gone]
    _store(projection, deleted, held={row.comment: row for row in gone})


def record_told_comments(projection: Projection, number: int, told: Sequence[CommentTold]) -> None:
    """Record some comments of a pull request; threads among them that are resolved have been resolved."""
    projection.told_pull_requests.add(number)
    for as_of in sorted({one.as_of for one in told}):
        _record_comments(projection, number, [one for one in told if one.as_of == as_of], as_of=as_of)


def _record_comments(projection: Projection, number: int, told: Sequence[CommentTold], *, as_of: datetime) -> None:
    ids = projection.people((who for one in told for who in (one.author, one.resolved_by)), as_of=as_of)
    held = {row.comment: row for row in comments.held(projection.session, projection.repository, {number})[number]}
    rows = dict(held)
    for one in told:
        row = CommentRow(
            repository_id=projection.repository.id,
            pull_request=number,
            comment=one.comment,
            parent=one.parent,
            author_id=ids[one.author.uuid] if one.author else None,
            created_at=one.created_at,
            is_deleted=one.is_deleted,
            resolved_at=one.resolved_at,
            resolved_by_id=ids[one.resolved_by.uuid] if one.resolved_by else None,
            as_of=as_of,
        )
        rows[one.comment] = merged_comment(rows.get(one.comment), row, is_read=one.is_read)
    _store(projection, [row for comment, row in rows.items() if row != held.get(comment)], held=held)
    resolved = [
        Happening(
            number=number,
            kind=EventKind.THREAD_RESOLVED,
            at=one.resolved_at,
            actor=one.resolved_by,
            comment=one.comment,
        )
        for one in told
        if one.resolved_at is not None
    ]
    if resolved:
        record_happenings(projection, resolved, as_of=as_of)


def merged_comment(held: CommentRow | None, told: CommentRow, *, is_read: bool) -> CommentRow:
    """Which of two tellings counts. Pure. Deleted beats not deleted, then the later one counts; see `merging`."""
    if held is None:
        return told
    is_newer = _rank(told) > _rank(held) or (is_read and told.as_of > held.as_of)
    newer, older = (told, held) if is_newer else (held, told)
    return replace(
        newer,
        parent=newer.parent if newer.parent is not None else older.parent,
        author_id=newer.author_id if newer.author_id is not None else older.author_id,
        created_at=min(newer.created_at, older.created_at),
    )


def _rank(row: CommentRow) -> tuple[Any, ...]:
    return (row.is_deleted, row.as_of, row.resolved_at is not None, row.resolved_at and row.resolved_at.timestamp())


def _store(projection: Projection, rows: Sequence[CommentRow], *, held: Mapping[int, CommentRow]) -> None:
    comments.store(projection.session, rows)
    # That something is still true is worth a note and no change.
    news = [
        row
        for row in rows
        if row.comment not in held or replace(row, as_of=held[row.comment].as_of) != held[row.comment]
    ]
    if news:
        projection.note_change(*(row.pull_request for row in news))
