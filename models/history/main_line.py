"""The main line of a repository: the commits that its main branch has been at, of late."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.history.build_reports import BuildReport
from models.history.columns import BRANCH_LENGTH
from models.history.commits import Commit
from models.history.refs import Ref, RefKind
from models.repositories import Repository

LONGEST_WALK: Final = 20_000
"""Commits. A main line that is longer within the time that is asked for is cut."""

Signature = tuple[str | None, int, datetime | None]


def tip(session: Session, repository: Repository) -> str | None:
    """The commit that the main branch is at; None where there is none, or nobody knows."""
    if repository.main_branch is None:
        return None
    rows = select(Ref.tip).where(
        Ref.repository_id == repository.id,
        Ref.kind == RefKind.BRANCH,
        Ref.name == repository.main_branch[:BRANCH_LENGTH],
    )
    return session.scalar(rows)


def commits_since(session: Session, repository: Repository, tip: str | None, start: datetime) -> tuple[str, ...]:
    """The commits of the main line from a moment on, and the last one before it; the oldest first.

    Followed from the tip by first parents, which is what each merge was made on.
    """
    if tip is None:
        return ()
    rows = select(Commit.hash, Commit.parents).where(
        Commit.repository_id == repository.id, Commit.committed_at >= start
    )
    first_parents = {commit: parents.split()[0] for commit, parents in session.execute(rows) if parents}
    line = [tip]
    while len(line) < LONGEST_WALK and (parent := first_parents.get(line[-1])) is not None:
        line.append(parent)
    return tuple(reversed(line))


def signature(session: Session, repository: Repository, start: datetime) -> Signature:
    """Moves when the main branch does, or anything is said of a build from a moment on."""
    reports = select(func.count(), func.max(BuildReport.at)).where(
        BuildReport.repository_id == repository.id, BuildReport.at >= start
    )
    count, newest = session.execute(reports).one()
    return tip(session, repository), count, newest
