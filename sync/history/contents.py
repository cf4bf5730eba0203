"""Recording what a pull request consists of: its files, commits and tasks, each as one complete listing.

A listing replaces the one before, unless it was read earlier. Of a pull request that we do not hold nothing is recorded.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from bitbucket.comments import Task
from bitbucket.diffs import FileChange as ToldChange
from bitbucket.resources import Commit
from insights.facts.pull_requests import FileChange, FileStatus
from models.history import commit_files, commits, files, pull_request_commits, pull_requests, tasks
from models.history.columns import HASH_LENGTH, PATH_LENGTH, kept
from models.history.pull_requests import PullRequestRow
from models.history.tasks import TaskRow
from sync.history.accounts import account_of
from sync.history.commits import record_commits
from sync.history.moments import in_utc, plausible
from sync.history.projection import Projection

_MOST_LINES: Final = 2**31 - 1


def record_files(
    projection: Projection, number: int, told: Iterable[ToldChange], *, head: str, observed_at: datetime
) -> None:
    """Record the diffstat of a pull request; `head` is the source commit that it was asked for at."""
    row = _held(projection, number)
    if row is None or (row.files_as_of is not None and observed_at < row.files_as_of):
        return
    has_changed = files.replace(projection.session, projection.repository, number, changes_of(told))
    after = replace(row, files_head=kept(head, length=HASH_LENGTH), files_as_of=observed_at)
    _store(projection, row, after, has_changed=has_changed)


def record_pull_request_commits(
    projection: Projection, number: int, told: Sequence[Commit], *, head: str, observed_at: datetime
) -> None:
    """Record the commits of a pull request, the newest first; `head` is the source commit that they were asked for at."""
    record_commits(projection, told, as_of=observed_at)
    row = _held(projection, number)
    if row is None or (row.commits_as_of is not None and observed_at < row.commits_as_of):
        return
    hashes = [kept(commit.hash, length=HASH_LENGTH) for commit in told]
    has_changed = pull_request_commits.replace(projection.session, projection.repository, number, hashes)
    dates = [in_utc(commit.date) for commit in told if commit.date is not None]
    after = replace(
        row,
        commits_head=kept(head, length=HASH_LENGTH),
        commits_as_of=observed_at,
        first_commit_at=min(dates, default=None),
    )
    _store(projection, row, after, has_changed=has_changed)


def record_tasks(projection: Projection, number: int, told: Iterable[Task], *, observed_at: datetime) -> None:
    """Record all tasks of a pull request."""
    row = _held(projection, number)
    if row is None or (row.tasks_as_of is not None and observed_at < row.tasks_as_of):
        return
    told = list(told)
    creators = [account_of(task.creator) for task in told]
    ids = projection.people(creators, as_of=observed_at)
    rows = [
        TaskRow(
            repository_id=projection.repository.id,
            pull_request=number,
            task=task.id,
            creator_id=ids[creator.uuid] if creator else None,
            created_at=plausible(task.created_on or observed_at, as_of=observed_at),
            resolved_at=_resolved_at(task, observed_at),
        )
        for task, creator in zip(told, creators, strict=True)
    ]
    held = tasks.held(projection.session, projection.repository, {number})[number]
    gone = {one.task for one in held} - {one.task for one in rows}
    tasks.drop(projection.session, projection.repository, number, gone)
    new = [one for one in rows if one not in held]
    tasks.store(projection.session, new)
    _store(projection, row, replace(row, tasks_as_of=observed_at), has_changed=bool(gone or new))


def record_commit_files(projection: Projection, commit: str, told: Iterable[ToldChange]) -> None:
    """Record the diffstat of a commit that we hold. A commit never changes, and so neither does this."""
    row = commits.held(projection.session, projection.repository, {commit}).get(commit)
    if row is None or row.files_known:
        return
    commit_files.replace(projection.session, projection.repository, commit, changes_of(told))
    commits.store(projection.session, [replace(row, files_known=True)])
    projection.note_change()


def changes_of(told: Iterable[ToldChange]) -> list[FileChange]:
    """The lines of a diffstat, as far as they are of use; one without any name is none."""
    return [change for one in told if (change := _change_of(one)) is not None]


def _change_of(told: ToldChange) -> FileChange | None:
    old, new = (None if side is None else kept(side.path, length=PATH_LENGTH) for side in (told.old, told.new))
    path = new or old
    if path is None:
        return None
    return FileChange(
        path=path,
        old_path=old if old != path else None,
        # A conflict is a change too, seen from here.
        status=FileStatus(told.status) if told.status in set(FileStatus) else FileStatus.MODIFIED,
        lines_added=_lines(told.lines_added),
        lines_removed=_lines(told.lines_removed),
    )


def _lines(told: int | None) -> int:
    return max(0, min(told or 0, _MOST_LINES))


def _resolved_at(task: Task, observed_at: datetime) -> datetime | None:
    if task.state != "RESOLVED":
        return None
    return plausible(task.resolved_on or task.updated_on or observed_at, as_of=observed_at)


def _held(projection: Projection, number: int) -> PullRequestRow | None:
    return pull_requests.held(projection.session, projection.repository, {number}).get(number)


def _store(projection: Projection, before: PullRequestRow, after: PullRequestRow, *, has_changed: bool) -> None:
    pull_requests.store(projection.session, [after])
    if has_changed or after.differs_from(before):
        projection.note_change(after.number)
