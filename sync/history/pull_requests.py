"""Recording pull requests: from the bodies of events, from lists and single answers of the API."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from bitbucket.resources import PullRequest
from models.history import participants, people, pull_requests, sightings
from models.history.columns import SHORT_HASH_LENGTH
from models.history.follow_ups import FollowUpKind
from models.history.participants import ParticipantRow
from models.history.pull_requests import PullRequestRow
from models.history.sightings import SightingRow
from sync.history import verdicts
from sync.history.merging import merged, merged_parts
from sync.history.projection import Projection
from sync.history.snapshots import Snapshot, snapshot_of


def record_pull_requests(projection: Projection, told: Iterable[PullRequest], *, observed_at: datetime) -> None:
    """Record answers of the API that we asked for at a moment: the moment before the request was sent.

    A list must have been asked with `fields`, so that reviewers, participants and `draft` are in it.
    """
    record_snapshots(projection, [snapshot_of(one, as_of=observed_at, is_read=True) for one in told])


def record_snapshots(projection: Projection, told: Sequence[Snapshot]) -> None:
    """Record what was told of some pull requests; of one, in whatever order."""
    if not told:
        return
    numbers = {one.number for one in told}
    projection.told_pull_requests |= numbers
    ids = _people(projection, told)
    held = pull_requests.held(projection.session, projection.repository, numbers)
    parts_held = participants.held(projection.session, projection.repository, numbers)
    rows, parts = dict(held), {number: list(parts_held[number]) for number in numbers}
    for one in told:
        row = merged(rows.get(one.number), one, repository_id=projection.repository.id, ids=ids)
        now = merged_parts(row, parts[one.number], one, ids=ids)
        if now is not None:
            parts[one.number] = now
            row = replace(row, participants_updated_at=one.updated_at, participants_as_of=one.as_of)
        rows[one.number] = row
    _store(projection, held, rows)
    for number in numbers:
        _drop_parts(projection, number, parts_held[number], parts[number])
    _store_parts(projection, parts_held, parts)
    record_sightings(projection, [_sighting(projection, one, ids) for one in told])


def _store(projection: Projection, held: Mapping[int, PullRequestRow], rows: Mapping[int, PullRequestRow]) -> None:
    new = [row for number, row in rows.items() if row != held.get(number)]
    pull_requests.store(projection.session, new)
    changed = [row.number for row in new if row.differs_from(held.get(row.number))]
    if changed:
        projection.note_change(*changed)
    for row in new:
        before = held.get(row.number)
        if before is not None and before.destination_branch != row.destination_branch:
            # What it brings depends on where it goes.
            projection.ask(FollowUpKind.DIFFSTAT, str(row.number))
            projection.ask(FollowUpKind.PULL_REQUEST_COMMITS, str(row.number))


def _drop_parts(
    projection: Projection, number: int, held: Iterable[ParticipantRow], parts: Iterable[ParticipantRow]
) -> None:
    gone = {one.person_id for one in held} - {one.person_id for one in parts}
    participants.drop(projection.session, projection.repository, number, gone)
    if gone:
        projection.note_change(number)


def _store_parts(
    projection: Projection,
    held: Mapping[int, Sequence[ParticipantRow]],
    parts: Mapping[int, Sequence[ParticipantRow]],
) -> None:
    new = [one for number, rows in parts.items() for one in rows if one not in held[number]]
    participants.store(projection.session, new)
    if new:
        projection.note_change(*(one.pull_request for one in new))


def _people(projection: Projection, told: Sequence[Snapshot]) -> Mapping[str, int]:
    """The rows of everybody who is mentioned, by uuid."""
    ids: dict[str, int] = {}
    for as_of in sorted({one.as_of for one in told}):
        accounts = [account for one in told if one.as_of == as_of for account in one.accounts()]
        ids.update(projection.people(accounts, as_of=as_of))
    return ids


def _sighting(projection: Projection, told: Snapshot, ids: Mapping[str, int]) -> SightingRow:
    standing = {part.account.uuid: part.state for part in told.participants or () if part.state is not None}
    return SightingRow(
        repository_id=projection.repository.id,
        pull_request=told.number,
        at=told.updated_at,
        head=(told.head or "")[:SHORT_HASH_LENGTH],
        is_draft=bool(told.is_draft),
        verdicts=None if told.participants is None else verdicts.encode(standing),
        actor_id=ids[told.actor.uuid] if told.actor else None,
    )


def record_sightings(projection: Projection, told: Iterable[SightingRow]) -> None:
    """Add sightings; of two at one moment that differ in nothing else, each completes the other."""
    told = list(told)
    numbers = {row.pull_request for row in told}
    projection.told_pull_requests |= numbers
    by_number = sightings.held(projection.session, projection.repository, numbers)
    held = {row.key: row for number in numbers for row in by_number[number]}
    rows = dict(held)
    for row in told:
        known = rows.get(row.key)
        rows[row.key] = row if known is None else _completed(projection, known, row)
    changed = [row for key, row in rows.items() if row != held.get(key)]
    sightings.store(projection.session, changed)


def _completed(projection: Projection, held: SightingRow, told: SightingRow) -> SightingRow:
    said = [one for one in (held.verdicts, told.verdicts) if one is not None]
    actors = {one for one in (held.actor_id, told.actor_id) if one is not None}
    if len(actors) > 1:
        # Two people at one moment: one of them, and in every order the same.
        uuids = people.uuids(projection.session, projection.repository, actors)
        actors = {min(actors, key=lambda actor: uuids[actor])}
    return replace(held, verdicts=max(said, default=None), actor_id=next(iter(actors), None))
