"""What merged pull requests have changed, file by file: in few statements, for the figures about files."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from insights.facts.pull_requests import FileChange, PullRequestState
from insights.files.changes import Change
from models.history import people
from models.history.files import PullRequestFile
from models.history.pull_requests import PullRequest
from models.repositories import Repository

_AT_ONCE: Final = 1000

_COLUMNS: Final = (
    PullRequestFile.path,
    PullRequestFile.old_path,
    PullRequestFile.status,
    PullRequestFile.lines_added,
    PullRequestFile.lines_removed,
)


def newest(session: Session, repository: Repository, *, at_most: int) -> tuple[Change, ...]:
    """The changes of the pull requests that were merged last and whose files are known, the newest first."""
    return _changes(session, repository, *_merged(repository), at_most=at_most)


def of(session: Session, repository: Repository, numbers: Collection[int]) -> tuple[Change, ...]:
    """The changes of some pull requests, as far as they were merged and their files are known, the newest first."""
    wanted = PullRequest.number.in_(sorted(numbers))
    return _changes(session, repository, *_merged(repository), wanted, at_most=len(numbers))


def _merged(repository: Repository) -> tuple[ColumnElement[bool], ...]:
    return (
        PullRequest.repository_id == repository.id,
        PullRequest.state == PullRequestState.MERGED,
        PullRequest.closed_at.is_not(None),
        PullRequest.files_head.is_not(None),
    )


def _changes(
    session: Session, repository: Repository, *wanted: ColumnElement[bool], at_most: int
) -> tuple[Change, ...]:
    chosen = (
        select(PullRequest.number, PullRequest.author_id, PullRequest.closed_at)
        .where(*wanted)
        .order_by(PullRequest.closed_at.desc(), PullRequest.number.desc())
        .limit(at_most)
    )
    rows = session.execute(chosen).all()
    files = _files(session, repository, [row.number for row in rows])
    authors = people.uuids(session, repository, {row.author_id for row in rows if row.author_id is not None})
    return tuple(
        Change(str(row.number), authors.get(row.author_id), row.closed_at, tuple(files.get(row.number, ())))
        for row in rows
    )


def _files(session: Session, repository: Repository, numbers: Sequence[int]) -> dict[int, list[FileChange]]:
    # By number, some at a time: joined to a list of numbers, SQLite would go through that list for every file there is.
    found: dict[int, list[FileChange]] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        selected = select(PullRequestFile.pull_request, *_COLUMNS).where(
            PullRequestFile.repository_id == repository.id,
            PullRequestFile.pull_request.in_(numbers[start : start + _AT_ONCE]),
        )
        for number, path, old_path, status, added, removed in session.execute(selected):
            change = FileChange(path=path, old_path=old_path, status=status, lines_added=added, lines_removed=removed)
            found.setdefault(number, []).append(change)
    return found
