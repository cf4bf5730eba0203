"""Which of two tellings about a pull request counts. Pure: a row and a snapshot in, the row as it is from now on out.

Closed beats open. Then the later `updated_on` counts, then the later moment at which it was told, then, for what was told of
one moment in two ways, any rule that is the same in every order. A read of ours moreover counts against everything that was
told of an earlier moment: whatever a body has claimed, asking puts it right.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from insights.facts.pull_requests import PullRequestState
from models.history.participants import ParticipantRow
from models.history.pull_requests import PullRequestRow
from sync.history.snapshots import Closing, Part, Snapshot

_NOBODY: Mapping[str, int] = {}


def merged(
    held: PullRequestRow | None, told: Snapshot, *, repository_id: int, ids: Mapping[str, int] = _NOBODY
) -> PullRequestRow:
    """The row that follows from what is held and what is told. `ids` are the rows of everybody who is mentioned."""
    says = _says(told, ids)
    if held is None:
        row = PullRequestRow(
            repository_id=repository_id,
            number=told.number,
            created_at=told.created_at or min(told.updated_at, told.as_of),
            updated_at=told.updated_at,
            as_of=told.as_of,
            **says,
        )
    else:
        row = replace(held, updated_at=told.updated_at, as_of=told.as_of, **says)
        if not _is_newer(held, row, told):
            row = replace(held, **{name: value for name, value in says.items() if getattr(held, name) in {None, ""}})
        row = replace(row, created_at=min(held.created_at, told.created_at or held.created_at))
        if row.state is not held.state:
            row = replace(row, closed_at=None, closed_at_source=None)
    return _closed(replace(row, is_watched=row.is_watched or told.is_opening), told)


def merged_parts(
    row: PullRequestRow, held: list[ParticipantRow], told: Snapshot, *, ids: Mapping[str, int]
) -> list[ParticipantRow] | None:
    """The participants from now on; None where they stay as they are."""
    if told.participants is None:
        return None
    rows = [_part_row(row, part, ids) for part in told.participants]
    if row.participants_updated_at is None or row.participants_as_of is None:
        return rows
    if told.is_read and told.as_of > row.participants_as_of:
        return rows
    clock, held_clock = (told.updated_at, told.as_of), (row.participants_updated_at, row.participants_as_of)
    if clock == held_clock:
        return rows if _parts_rank(rows) > _parts_rank(held) else None
    return rows if clock > held_clock else None


def _says(told: Snapshot, ids: Mapping[str, int]) -> dict[str, Any]:
    """The columns that are told."""
    author, closed_by = told.author, told.closed_by
    values = {
        "title": told.title,
        "state": told.state,
        "is_draft": told.is_draft,
        "author_id": ids[author.uuid] if author else None,
        "source_branch": told.source_branch,
        "is_from_fork": told.is_from_fork,
        "destination_branch": told.destination_branch,
        "head": told.head,
        "merge_commit": told.merge_commit,
        "closed_by_id": ids[closed_by.uuid] if closed_by else None,
        "comment_count": told.comment_count,
        "task_count": told.task_count,
    }
    return {name: value for name, value in values.items() if value is not None}


def _is_newer(held: PullRequestRow, row: PullRequestRow, told: Snapshot) -> bool:
    if told.is_read and told.as_of > held.as_of:
        return True
    return _rank(row) > _rank(held)


def _rank(row: PullRequestRow) -> tuple[Any, ...]:
    content = (row.state, row.title, row.is_draft, row.source_branch, row.destination_branch, row.head or "")
    counts = (row.comment_count or 0, row.task_count or 0)
    return (row.state is not PullRequestState.OPEN, row.updated_at, row.as_of, *content, *counts)


def _closed(row: PullRequestRow, told: Snapshot) -> PullRequestRow:
    """The row with the best closing time that is known."""
    if row.state is PullRequestState.OPEN:
        return replace(row, closed_at=None, closed_at_source=None, closed_by_id=None, merge_commit=None)
    if told.closing is None or told.state is not row.state:
        return row
    return with_closing(row, told.closing)


def with_closing(row: PullRequestRow, closing: Closing) -> PullRequestRow:
    """The row with this closing time, unless it has a better one."""
    known = Closing(row.closed_at, row.closed_at_source) if row.closed_at and row.closed_at_source else None
    if known is not None and known.rank >= closing.rank:
        return row
    return replace(row, closed_at=closing.at, closed_at_source=closing.source)


def _part_row(row: PullRequestRow, part: Part, ids: Mapping[str, int]) -> ParticipantRow:
    return ParticipantRow(
        repository_id=row.repository_id,
        pull_request=row.number,
        person_id=ids[part.account.uuid],
        is_reviewer=part.is_reviewer,
        state=part.state,
        participated_at=part.participated_at,
    )


def _parts_rank(rows: list[ParticipantRow]) -> tuple[int, int, int, float]:
    """Says nothing of who it is, as their row ids depend on the order of telling."""
    return (
        len(rows),
        sum(row.is_reviewer for row in rows),
        sum(row.state is not None for row in rows),
        sum(row.participated_at.timestamp() for row in rows if row.participated_at is not None),
    )
