"""The main line of a repository: the commits that its main branch has been at, of late."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.history.build_reports import BuildReport
from models.history.columns import BRANCH_LENGTH
from models.history.commits import Commit
from models.history.refs import Ref, RefKind
from models.repositories import Repository

LONGEST_WALK: Final = 20_000
"""Commits. A main line that is longer within the time that is asked for is cut."""

MOST_SINGLE_STEPS: Final = 50
"""Commits that a walk asks for one by one, before it reads all."""

Step = tuple[str, datetime]
"""From a commit to its first parent, and when the commit was made."""

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


class Walk(Struct, frozen=True):
    """A main line, the oldest first, and what was read to follow it: the first parent and the time of its commits."""

    line: tuple[str, ...] = ()
    steps: Mapping[str, Step] = {}


def commits_since(session: Session, repository: Repository, tip: str | None, start: datetime) -> tuple[str, ...]:
    """The commits of the main line from a moment on, and the last one before it; the oldest first.

    Followed from the tip by first parents, which is what each merge was made on.
    """
    return walk(session, repository, tip, start).line


def walk(
    session: Session, repository: Repository, tip: str | None, start: datetime, *, before: Walk | None = None
) -> Walk:
    """Follow the main line as ``commits_since``. What an earlier walk has read is not read again: it never changes."""
    if tip is None:
        return Walk()
    known = before.steps if before else _steps(session, repository, start)
    line, steps, missing = [tip], dict[str, Step](), 0
    while len(line) < LONGEST_WALK:
        step = known.get(line[-1])
        if step is None and before:
            missing += 1
            if missing == MOST_SINGLE_STEPS:
                known = _steps(session, repository, start)
            step = _steps(session, repository, start, line[-1]).get(line[-1])
        if step is None or step[1] < start:
            break
        steps[line[-1]] = step
        line.append(step[0])
    return Walk(tuple(reversed(line)), steps)


def signature(session: Session, repository: Repository, start: datetime) -> Signature:
    """Moves when the main branch does, or anything is said of a build from a moment on."""
    reports = select(func.count(), func.max(BuildReport.at)).where(
        BuildReport.repository_id == repository.id, BuildReport.at >= start
    )
    count, newest = session.execute(reports).one()
    return tip(session, repository), count, newest


def _steps(session: Session, repository: Repository, start: datetime, *commits: str) -> dict[str, Step]:
    """The first parents and the times of commits from a moment on: of some, or of all."""
    rows = select(Commit.hash, Commit.parents, Commit.committed_at).where(
        Commit.repository_id == repository.id, Commit.committed_at >= start
    )
    chosen = rows.where(Commit.hash.in_(commits)) if commits else rows
    return {commit: (told.split()[0], at) for commit, told, at in session.execute(chosen) if told and at}
