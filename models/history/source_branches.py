"""What pull requests say of the branches that they come from: slim facts of all of them, in one statement."""

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from models.history import people
from models.history.pull_requests import PullRequest
from models.history.refs import Ref, RefKind
from models.repositories import Repository

_STATES: Final = (PullRequestState.OPEN, PullRequestState.MERGED)


def of_existing(session: Session, repository: Repository) -> tuple[PullRequestFacts, ...]:
    """The open and merged pull requests that come, or came, from the branches that are there, by number.

    Of each only what names it, its author, its state, its branches, its source commit and its end.
    """
    tips = _tips(session, repository)
    # Not put in order by the database: SQLite would rather read every pull request by number than a few by their branch.
    rows = session.execute(
        select(
            PullRequest.number,
            PullRequest.author_id,
            PullRequest.created_at,
            PullRequest.state,
            PullRequest.closed_at,
            PullRequest.source_branch,
            PullRequest.destination_branch,
            PullRequest.head,
        ).where(
            PullRequest.repository_id == repository.id,
            PullRequest.is_from_fork.is_(False),
            PullRequest.state.in_(_STATES),
            PullRequest.source_branch.in_(select(Ref.name).where(*_there(repository))),
        )
    ).all()
    authors = people.uuids(session, repository, {row.author_id for row in rows if row.author_id is not None})
    return tuple(
        PullRequestFacts(
            id=row.number,
            author=authors.get(row.author_id),
            created_at=row.created_at,
            state=row.state,
            closed_at=row.closed_at,
            source_branch=row.source_branch,
            destination_branch=row.destination_branch,
            head=_whole(row.head, tips[row.source_branch]),
        )
        for row in sorted(rows, key=lambda row: row.number)
    )


def open_from(session: Session, repository: Repository, names: Collection[str]) -> Mapping[str, str]:
    """Where the open pull requests from some branches lead: the destination by branch, of several the newest one's."""
    rows = select(PullRequest.source_branch, PullRequest.destination_branch).where(
        PullRequest.repository_id == repository.id,
        PullRequest.is_from_fork.is_(False),
        PullRequest.state == PullRequestState.OPEN,
        PullRequest.source_branch.in_(sorted(names)),
    )
    return dict(session.execute(rows.order_by(PullRequest.number)).all())


def _tips(session: Session, repository: Repository) -> Mapping[str, str | None]:
    return dict(session.execute(select(Ref.name, Ref.tip).where(*_there(repository))).all())


def _there(repository: Repository) -> tuple[ColumnElement[bool], ...]:
    return (Ref.repository_id == repository.id, Ref.kind == RefKind.BRANCH, Ref.tip.is_not(None))


def _whole(head: str | None, tip: str | None) -> str | None:
    """A head that was told cut is the tip of its branch, if that begins so; any other says nothing about the branch."""
    return tip if head and tip and tip.startswith(head) else head
