"""Pull requests as the figures read them: everything that is known of each one, from all tables, in a few statements.

Hashes that Bitbucket has cut are made whole where the commit is known.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy.orm import Session

from insights.facts.pull_requests import (
    BuildFacts,
    EventFacts,
    FileChange,
    ParticipantFacts,
    PullRequestFacts,
    TaskFacts,
    ThreadFacts,
)
from models.history import (
    build_reports,
    comments,
    commits,
    events,
    files,
    participants,
    people,
    pull_request_commits,
    pull_requests,
    tasks,
)
from models.history.build_reports import BuildReportRow, runs
from models.history.columns import SHORT_HASH_LENGTH
from models.history.comments import CommentRow
from models.history.events import EventRow
from models.history.files import FileRow
from models.history.participants import ParticipantRow
from models.history.pull_requests import PullRequestRow
from models.history.tasks import TaskRow
from models.repositories import Repository

_AT_ONCE: Final = 1000
"""Pull requests that one statement asks for."""


class Changed(Struct, frozen=True):
    """A pull request that has changed, and the version of the repository that did it."""

    version: int
    facts: PullRequestFacts


def one(session: Session, repository: Repository, number: int) -> PullRequestFacts | None:
    """One pull request; None where it is not known."""
    rows = pull_requests.held(session, repository, {number})
    return next(_facts(session, repository, list(rows.values())), None)


def some(session: Session, repository: Repository, numbers: Collection[int]) -> tuple[PullRequestFacts, ...]:
    """Those of some pull requests that are known, by number."""
    rows = pull_requests.held(session, repository, numbers)
    return tuple(_facts(session, repository, [rows[number] for number in sorted(rows)]))


def open_ones(session: Session, repository: Repository) -> tuple[PullRequestFacts, ...]:
    """All that are open, by number."""
    return tuple(_facts(session, repository, pull_requests.open_ones(session, repository)))


def open_between(
    session: Session, repository: Repository, start: datetime, end: datetime
) -> tuple[PullRequestFacts, ...]:
    """All that were open at any time from `start` on and before `end`, by number: the cohorts of every window within.

    One whose closing time nobody knows is looked for where it was opened.
    """
    return tuple(_facts(session, repository, pull_requests.open_between(session, repository, start, end)))


def from_branch(session: Session, repository: Repository, branch: str) -> tuple[PullRequestFacts, ...]:
    """Those that come, or came, from a branch of the repository, by number."""
    return tuple(_facts(session, repository, pull_requests.from_branch(session, repository, branch)))


def bringing(session: Session, repository: Repository, commit: str) -> tuple[PullRequestFacts, ...]:
    """Those that brought a commit, or were merged as it, by number."""
    merged = pull_requests.merged_as(session, repository, {commit, commit[:SHORT_HASH_LENGTH]})
    numbers = {row.number for row in merged} | set(pull_request_commits.bringing(session, repository, commit))
    return some(session, repository, numbers)


def changed_since(session: Session, repository: Repository, version: int, *, at_most: int) -> tuple[Changed, ...]:
    """Those that a later version of the repository has changed, the earliest change first: what is worked out anew."""
    rows = pull_requests.changed_since(session, repository, version, at_most=at_most)
    facts = _facts(session, repository, rows)
    return tuple(Changed(row.version, fact) for row, fact in zip(rows, facts, strict=True))


def _facts(session: Session, repository: Repository, rows: Sequence[PullRequestRow]) -> Iterator[PullRequestFacts]:
    for start in range(0, len(rows), _AT_ONCE):
        some_rows = rows[start : start + _AT_ONCE]
        shelf = _Shelf.of(session, repository, some_rows)
        yield from map(shelf.facts, some_rows)


class _Shelf(Struct, frozen=True, kw_only=True):
    """The rows of some pull requests in all tables, by number; `uuids` of everybody who is in them, `whole` hashes."""

    events: Mapping[int, list[EventRow]]
    participants: Mapping[int, list[ParticipantRow]]
    files: Mapping[int, list[FileRow]]
    tasks: Mapping[int, list[TaskRow]]
    comments: Mapping[int, list[CommentRow]]
    commits: Mapping[int, list[str]]
    builds: Mapping[str, list[BuildReportRow]]
    uuids: Mapping[int, str]
    whole: Mapping[str, str]

    @classmethod
    def of(cls, session: Session, repository: Repository, rows: Sequence[PullRequestRow]) -> "_Shelf":
        """Read what belongs to some pull requests."""
        numbers = [row.number for row in rows]
        happened = events.held(session, repository, numbers)
        parts = participants.held(session, repository, numbers)
        asked = tasks.held(session, repository, numbers)
        said = comments.held(session, repository, numbers)
        mentioned = {
            *(person for row in rows for person in (row.author_id, row.closed_by_id)),
            *(event.actor_id for found in happened.values() for event in found),
            *(part.person_id for found in parts.values() for part in found),
            *(task.creator_id for found in asked.values() for task in found),
            *(comment.author_id for found in said.values() for comment in found),
        }
        whole = commits.full_hashes(session, repository, _cut_hashes(rows, happened))
        heads = {whole.get(row.head, row.head) for row in rows if row.head is not None}
        return cls(
            events=happened,
            participants=parts,
            files=files.held(session, repository, numbers),
            tasks=asked,
            comments=said,
            commits=pull_request_commits.held(session, repository, numbers),
            builds=build_reports.held(session, repository, heads),
            uuids=people.uuids(session, repository, {person for person in mentioned if person is not None}),
            whole=whole,
        )

    def facts(self, row: PullRequestRow) -> PullRequestFacts:
        """All that is known of one."""
        number, is_known = row.number, row.is_watched or row.activity_as_of is not None
        head = self._whole(row.head)
        changes = [_change(one) for one in self.files[number]]
        return PullRequestFacts(
            id=number,
            author=self._who(row.author_id),
            created_at=row.created_at,
            title=row.title,
            state=row.state,
            closed_at=row.closed_at,
            closed_by=self._who(row.closed_by_id),
            is_draft=row.is_draft,
            is_draft_history_known=is_known,
            is_activity_known=is_known,
            source_branch=row.source_branch,
            is_from_fork=row.is_from_fork,
            destination_branch=row.destination_branch,
            head=head,
            merge_commit=self._whole(row.merge_commit),
            first_commit_at=row.first_commit_at,
            commits=tuple(self.commits.get(number, ())),
            events=tuple(self._event(event) for event in self.events[number]),
            participants=tuple(self._participant(part) for part in self.participants[number]),
            files=tuple(changes) if row.files_head is not None else None,
            builds=self._builds(head),
            tasks=tuple(self._task(task) for task in self.tasks[number]),
            threads=tuple(self._thread(one) for one in self.comments[number] if _is_thread(one)),
        )

    def _who(self, person_id: int | None) -> str | None:
        return None if person_id is None else self.uuids.get(person_id)

    def _whole(self, commit: str | None) -> str | None:
        return None if commit is None else self.whole.get(commit, commit)

    def _event(self, row: EventRow) -> EventFacts:
        commit = self._whole(row.subject) if row.kind in events.PUSHES else None
        return EventFacts(row.kind, row.at, self._who(row.actor_id), commit)

    def _participant(self, row: ParticipantRow) -> ParticipantFacts:
        return ParticipantFacts(
            account=self.uuids[row.person_id],
            is_reviewer=row.is_reviewer,
            state=row.state,
            participated_at=row.participated_at,
        )

    def _task(self, row: TaskRow) -> TaskFacts:
        return TaskFacts(
            id=row.task, creator=self._who(row.creator_id), created_at=row.created_at, resolved_at=row.resolved_at
        )

    def _thread(self, row: CommentRow) -> ThreadFacts:
        return ThreadFacts(
            id=row.comment,
            opened_by=self._who(row.author_id),
            opened_at=row.created_at,
            resolved_at=row.resolved_at,
        )

    def _builds(self, head: str | None) -> tuple[BuildFacts, ...]:
        return runs(self.builds[head]) if head is not None else ()


def _cut_hashes(rows: Sequence[PullRequestRow], happened: Mapping[int, list[EventRow]]) -> set[str]:
    told = {commit for row in rows for commit in (row.head, row.merge_commit) if commit is not None}
    return told | {event.subject for found in happened.values() for event in found if event.kind in events.PUSHES}


def _change(row: FileRow) -> FileChange:
    return FileChange(
        path=row.path,
        old_path=row.old_path,
        status=row.status,
        lines_added=row.lines_added,
        lines_removed=row.lines_removed,
    )


def _is_thread(row: CommentRow) -> bool:
    return row.parent is None and not row.is_deleted
