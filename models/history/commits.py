"""Commits of a repository. A commit never changes: rows are only ever completed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Index, Select, String, UniqueConstraint, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, row_id_column
from models.dialects import changed_rows
from models.history.columns import HASH_LENGTH, SHORT_HASH_LENGTH, person_column, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

MESSAGE_LENGTH: Final = 2000
PARENTS_LENGTH: Final = 2000


class Commit(Base):
    """One commit, as far as it was told."""

    __tablename__ = "commits"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    hash: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    short_hash: Mapped[str] = mapped_column(String(SHORT_HASH_LENGTH))
    """What pull requests say of it."""
    author_id: Mapped[int | None] = person_column()
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[str | None] = mapped_column(OutsideText(MESSAGE_LENGTH))
    parents: Mapped[str | None] = mapped_column(OutsideText(PARENTS_LENGTH))
    """Hashes with a blank between them; None where they were not told."""
    files_known: Mapped[bool] = mapped_column()
    """Whether its diffstat was read."""
    builds_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When what builds say of it was last read; None where it never was, and only events have told."""

    __table_args__ = (
        UniqueConstraint("repository_id", "hash"),
        Index(None, "repository_id", "short_hash"),
        Index(None, "repository_id", "committed_at"),
    )


class CommitRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    hash: str
    short_hash: str
    author_id: int | None = None
    committed_at: datetime | None = None
    message: str | None = None
    parents: str | None = None
    files_known: bool = False
    builds_as_of: datetime | None = None


_COLUMNS = columns_of(Commit, CommitRow)


def held(session: Session, repository: Repository, hashes: Collection[str]) -> Mapping[str, CommitRow]:
    """The rows of some commits, by full hash."""
    return {row.hash: row for row in read(session, CommitRow, _of(repository).where(Commit.hash.in_(sorted(hashes))))}


def store(session: Session, rows: Sequence[CommitRow]) -> None:
    """Write rows, new or not."""
    write(session, Commit, rows, key=("repository_id", "hash"))


def note_builds_read(session: Session, repository: Repository, hashes: Collection[str], *, at: datetime) -> None:
    """Note that what builds say of some commits was read at a moment."""
    if hashes:
        ours = update(Commit).where(Commit.repository_id == repository.id, Commit.hash.in_(sorted(hashes)))
        earlier = or_(Commit.builds_as_of.is_(None), Commit.builds_as_of < at)
        changed_rows(session, ours.where(earlier).values(builds_as_of=at))


def full_hashes(session: Session, repository: Repository, hashes: Collection[str]) -> Mapping[str, str]:
    """The full hash of each cut one that we know."""
    shorts = sorted({one[:SHORT_HASH_LENGTH] for one in hashes})
    rows = select(Commit.short_hash, Commit.hash).where(
        Commit.repository_id == repository.id, Commit.short_hash.in_(shorts)
    )
    # Sorted here: asked to sort them, SQLite would rather go through every commit in the order of its hash.
    return dict(sorted(session.execute(rows).all(), key=itemgetter(1), reverse=True))


def since(session: Session, repository: Repository, start: datetime) -> list[CommitRow]:
    """Every commit from a moment on, the oldest first."""
    return read(
        session,
        CommitRow,
        _of(repository).where(Commit.committed_at >= start).order_by(Commit.committed_at, Commit.hash),
    )


def graph(session: Session, repository: Repository, start: datetime) -> Mapping[str, tuple[tuple[str, ...], datetime]]:
    """The parents and the time of every commit from a moment on of which both are known."""
    rows = select(Commit.hash, Commit.parents, Commit.committed_at).where(
        Commit.repository_id == repository.id, Commit.parents.is_not(None), Commit.committed_at >= start
    )
    return {one: (tuple((told or "").split()), at) for one, told, at in session.execute(rows) if at is not None}


def parents(session: Session, repository: Repository) -> Mapping[str, tuple[str, ...]]:
    """The parents of every commit: for walking through the whole history."""
    rows = select(Commit.hash, Commit.parents).where(Commit.repository_id == repository.id, Commit.parents.is_not(None))
    return {one: tuple(told.split()) for one, told in session.execute(rows) if told is not None}


def _of(repository: Repository) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(Commit.repository_id == repository.id)
