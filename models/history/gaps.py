"""What of the pull requests of a repository was never asked for: what a backfill goes through, and counts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from insights.facts.pull_requests import PullRequestState
from models.backfills import Backfill
from models.history.columns import SHORT_HASH_LENGTH
from models.history.pull_requests import PullRequest
from models.repositories import Repository


class Gap(StrEnum):
    """What may be missing of a pull request."""

    ACTIVITY = "activity"
    """Its activity log, of one whose beginning nobody told us of."""
    FILES = "files"
    """Its diffstat, of its newest commit."""
    COMMITS = "commits"
    """Its commits, up to the newest."""
    TASKS = "tasks"
    """Its tasks, of one whose beginning nobody told us of: lists tell how many are open, and nothing of those that were settled."""
    BUILDS = "builds"
    """What builds say of its commits. Nothing tells whether that was asked, so every one with a commit has this gap."""


class Scope(StrEnum):
    """Which pull requests are looked at."""

    OPEN = "open"
    CLOSED = "closed"


def next_with(  # noqa: PLR0913 - what is missing, where, and from which on
    session: Session, repository: Repository, gap: Gap, scope: Scope, *, since: datetime, below: int | None
) -> int | None:
    """The number of the newest pull request with a gap, or of the newest below another; None where none is left."""
    rows = select(PullRequest.number).where(*_lacking(repository, gap, scope, since))
    if below is not None:
        rows = rows.where(PullRequest.number < below)
    return session.scalar(rows.order_by(PullRequest.number.desc()).limit(1))


def merges_without_commits(
    session: Session, repository: Repository, *, since: datetime
) -> Mapping[int, tuple[str, str]]:
    """The head and the merge commit of each closed pull request that lacks its commits and has both, the newest first."""
    rows = select(PullRequest.number, PullRequest.head, PullRequest.merge_commit).where(
        *_lacking(repository, Gap.COMMITS, Scope.CLOSED, since), PullRequest.merge_commit.is_not(None)
    )
    return {
        number: (head, merge)
        for number, head, merge in session.execute(rows.order_by(PullRequest.number.desc()))
        if head is not None and merge is not None
    }


def with_gap(
    session: Session, repository: Repository, gap: Gap, numbers: frozenset[int], *, since: datetime
) -> frozenset[int]:
    """Those of some pull requests that have a gap, open or not."""
    found = {
        number
        for scope in Scope
        for number in session.scalars(
            select(PullRequest.number).where(
                *_lacking(repository, gap, scope, since), PullRequest.number.in_(sorted(numbers))
            )
        )
    }
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pull requests of a repository a backfill has found, and how many of them have which gap."""

    found: Mapping[Scope, int]
    gaps: Mapping[tuple[Gap, Scope], int]
    closed_lately: int


def tallies(session: Session, repository_ids: Collection[int], *, lately: datetime) -> Mapping[int, Tally]:
    """Count several repositories in one statement, each as far back as its backfill reads. `lately`: see `closed_lately`."""
    scopes = {
        Scope.OPEN: PullRequest.state == PullRequestState.OPEN,
        Scope.CLOSED: and_(PullRequest.state != PullRequestState.OPEN, PullRequest.updated_at >= Backfill.since),
    }
    lacking = [(gap, scope) for gap in Gap for scope in Scope]
    columns = [
        *(_how_many(condition) for condition in scopes.values()),
        *(_how_many(and_(scopes[scope], *_MISSING[gap])) for gap, scope in lacking),
        _how_many(and_(PullRequest.state != PullRequestState.OPEN, PullRequest.closed_at >= lately)),
    ]
    rows = (
        select(Backfill.repository_id, *columns)
        .join(PullRequest, PullRequest.repository_id == Backfill.repository_id)
        .where(Backfill.repository_id.in_(sorted(repository_ids)))
        .group_by(Backfill.repository_id)
    )
    return {
        repository_id: Tally(
            found=dict(zip(scopes, counts[: len(scopes)], strict=True)),
            gaps=dict(zip(lacking, counts[len(scopes) : -1], strict=True)),
            closed_lately=counts[-1],
        )
        for repository_id, *counts in session.execute(rows)
    }


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _lacking(repository: Repository, gap: Gap, scope: Scope, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return (*_scoped(repository, scope, since), *_MISSING[gap])


def _scoped(repository: Repository, scope: Scope, since: datetime) -> tuple[ColumnElement[bool], ...]:
    ours = PullRequest.repository_id == repository.id
    if scope is Scope.OPEN:
        return (ours, PullRequest.state == PullRequestState.OPEN)
    return (ours, PullRequest.state != PullRequestState.OPEN, PullRequest.updated_at >= since)


def _short(column: ColumnElement[str | None]) -> ColumnElement[str | None]:
    return func.substr(column, 1, SHORT_HASH_LENGTH)


_HEAD: Final = _short(PullRequest.__table__.c.head)
_MISSING: Final[dict[Gap, tuple[ColumnElement[bool], ...]]] = {
    Gap.ACTIVITY: (PullRequest.activity_as_of.is_(None), PullRequest.is_watched.is_(False)),
    Gap.FILES: (
        PullRequest.head.is_not(None),
        or_(PullRequest.files_head.is_(None), _short(PullRequest.__table__.c.files_head) != _HEAD),
    ),
    Gap.COMMITS: (
        PullRequest.head.is_not(None),
        or_(PullRequest.commits_head.is_(None), _short(PullRequest.__table__.c.commits_head) != _HEAD),
    ),
    Gap.TASKS: (PullRequest.tasks_as_of.is_(None), or_(PullRequest.is_watched.is_(False), PullRequest.task_count > 0)),
    Gap.BUILDS: (PullRequest.head.is_not(None),),
}
