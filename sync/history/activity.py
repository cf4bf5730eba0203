"""Recording activity logs: what Bitbucket still knows of a pull request's past."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from bitbucket.pull_request_activity import Activity, Mark, Update
from insights.facts.pull_requests import EventKind, PullRequestState
from models.history import pull_requests
from models.history.columns import SHORT_HASH_LENGTH
from models.history.pull_requests import ClosingSource
from models.history.sightings import SightingRow
from sync.history.accounts import account_of
from sync.history.merging import with_closing
from sync.history.moments import plausible
from sync.history.projection import Projection
from sync.history.pull_requests import record_sightings
from sync.history.reviews import Happening, record_comments, record_happenings
from sync.history.snapshots import Closing

_ENDS = frozenset(PullRequestState) - {PullRequestState.OPEN}


def record_activity(projection: Projection, number: int, log: Sequence[Activity], *, observed_at: datetime) -> None:
    """Record the whole log of a pull request that we hold, read at a moment: the moment before the first request.

    Of a pull request that we do not hold nothing is recorded. Verdicts that were withdrawn are not in the log.
    """
    row = pull_requests.held(projection.session, projection.repository, {number}).get(number)
    if row is None:
        return
    updates = [entry.update for entry in log if entry.update is not None and entry.update.date is not None]
    _record_updates(projection, number, updates, observed_at=observed_at)
    given = [
        *_verdicts(number, EventKind.APPROVED, (entry.approval for entry in log), observed_at),
        *_verdicts(number, EventKind.CHANGES_REQUESTED, (entry.changes_requested for entry in log), observed_at),
    ]
    record_happenings(projection, given, as_of=observed_at)
    said = [entry.comment for entry in log if entry.comment is not None]
    record_comments(projection, number, said, observed_at=observed_at)
    after = replace(row, activity_as_of=max(observed_at, row.activity_as_of or observed_at))
    for end in _ends(updates, row.state, observed_at):
        after = with_closing(after, end)
    pull_requests.store(projection.session, [after])
    was_known = row.is_watched or row.activity_as_of is not None
    if not was_known or after.differs_from(row):
        projection.note_change(number)


def _record_updates(projection: Projection, number: int, updates: Sequence[Update], *, observed_at: datetime) -> None:
    accounts = [account_of(update.author) for update in updates]
    ids = projection.people(accounts, as_of=observed_at)
    seen = [
        SightingRow(
            repository_id=projection.repository.id,
            pull_request=number,
            at=plausible(update.date, as_of=observed_at),
            head=_head(update),
            is_draft=bool(update.draft),
            actor_id=ids[account.uuid] if account else None,
        )
        for update, account in zip(updates, accounts, strict=True)
        if update.date is not None
    ]
    record_sightings(projection, seen)


def _head(update: Update) -> str:
    commit = update.source.commit if update.source is not None else None
    return commit.hash[:SHORT_HASH_LENGTH] if commit is not None else ""


def _verdicts(number: int, kind: EventKind, marks: Iterable[Mark | None], observed_at: datetime) -> list[Happening]:
    return [
        Happening(
            number=number,
            kind=kind,
            at=plausible(mark.date, as_of=observed_at),
            actor=account_of(mark.user),
        )
        for mark in marks
        if mark is not None and mark.date is not None
    ]


def _ends(updates: Iterable[Update], state: PullRequestState, observed_at: datetime) -> list[Closing]:
    """When the log says that it came to the end that we know."""
    return [
        Closing(plausible(update.date, as_of=observed_at), ClosingSource.ACTIVITY)
        for update in updates
        if update.date is not None and state in _ENDS and update.state == state
    ]
