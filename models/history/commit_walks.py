"""The shape of a history for walking through it: commits with their parents and nothing else, as many as a view can take."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.history.commits import Commit
from models.repositories import Repository

REVERT: Final = "This reverts commit "
"""How git begins the sentence of a revert."""


class Stretch(Struct, frozen=True, kw_only=True):
    """Some commits in a row. ``reaches_to`` is the time of the last one that is in it; None where none is missing."""

    parents: Mapping[str, tuple[str, ...]]
    reaches_to: datetime | None


def newest(session: Session, repository: Repository, *, since: datetime, at_most: int) -> Stretch:
    """The commits from a moment on, but no more than some: then the newest ones."""
    return _stretch(session, repository, Commit.committed_at >= since, Commit.committed_at.desc(), at_most)


def following(session: Session, repository: Repository, *, since: datetime, at_most: int) -> Stretch:
    """The commits from a moment on, but no more than some: then those that come first."""
    return _stretch(session, repository, Commit.committed_at >= since, Commit.committed_at, at_most)


def reverting(session: Session, repository: Repository, commit: str, *, since: datetime) -> list[tuple[str, str]]:
    """The commits from a moment on that say they revert a commit, by its whole hash or its first digits; the first one first."""
    rows = (
        select(Commit.hash, Commit.message)
        .where(
            Commit.repository_id == repository.id,
            Commit.committed_at >= since,
            Commit.message.contains(f"{REVERT}{commit[:7]}", autoescape=True),
        )
        .order_by(Commit.committed_at, Commit.hash)
    )
    return [(one, message or "") for one, message in session.execute(rows)]


def matching(session: Session, repository: Repository, prefix: str, *, at_most: int) -> list[str]:
    """The hashes that begin with some digits."""
    rows = select(Commit.hash).where(
        Commit.repository_id == repository.id, Commit.hash.startswith(prefix, autoescape=True)
    )
    return list(session.scalars(rows.order_by(Commit.hash).limit(at_most)))


def latest(session: Session, repository: Repository, *, at_most: int) -> list[str]:
    """The hashes of the newest commits, of whatever branch, the newest first."""
    rows = select(Commit.hash).where(Commit.repository_id == repository.id, Commit.committed_at.is_not(None))
    return list(session.scalars(rows.order_by(Commit.committed_at.desc(), Commit.hash).limit(at_most)))


def _stretch(session: Session, repository: Repository, since: ColumnElement[bool], order: Any, at_most: int) -> Stretch:  # noqa: ANN401 -- a column or its descending form
    rows = session.execute(
        select(Commit.hash, Commit.parents, Commit.committed_at)
        .where(Commit.repository_id == repository.id, Commit.parents.is_not(None), since)
        .order_by(order)
        .limit(at_most)
    ).all()
    return Stretch(
        parents={one: tuple((parents or "").split()) for one, parents, _ in rows},
        reaches_to=rows[-1][2] if len(rows) == at_most else None,
    )
