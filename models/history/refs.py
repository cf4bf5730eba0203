"""Branches and tags: where each points now. One that was deleted stays as a tombstone, so that nothing older revives it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, person_column, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository


class RefKind(StrEnum):
    """What kind of ref it is, in Bitbucket's words."""

    BRANCH = "branch"
    TAG = "tag"


class Ref(Base):
    """One branch or tag."""

    __tablename__ = "refs"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    kind: Mapped[RefKind] = mapped_column(choice(RefKind))
    name: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    tip: Mapped[str | None] = mapped_column(OutsideText(HASH_LENGTH))
    """The commit; None once it is deleted."""
    tip_author_id: Mapped[int | None] = person_column()
    tip_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The commit's time; of an annotated tag, the tagger's."""
    first_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a push told that it was made; None for one that was there before."""
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    """When this was true."""

    __table_args__ = (UniqueConstraint("repository_id", "kind", "name"),)


class RefRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    kind: RefKind
    name: str
    tip: str | None = None
    tip_author_id: int | None = None
    tip_at: datetime | None = None
    first_seen_at: datetime | None = None
    as_of: datetime


_COLUMNS = columns_of(Ref, RefRow)


def held(session: Session, repository: Repository, kind: RefKind, names: Collection[str]) -> Mapping[str, RefRow]:
    """The rows of some refs, deleted ones too, by name."""
    kept = sorted({name[:BRANCH_LENGTH] for name in names})
    rows = select(*_COLUMNS).where(Ref.repository_id == repository.id, Ref.kind == kind, Ref.name.in_(kept))
    return {row.name: row for row in read(session, RefRow, rows)}


def existing(session: Session, repository: Repository, kind: RefKind) -> list[RefRow]:
    """Every branch, or every tag, that is there, by name."""
    rows = select(*_COLUMNS).where(Ref.repository_id == repository.id, Ref.kind == kind, Ref.tip.is_not(None))
    return read(session, RefRow, rows.order_by(Ref.name))


def store(session: Session, rows: Sequence[RefRow]) -> None:
    """Write rows, new or not."""
    write(session, Ref, rows, key=("repository_id", "kind", "name"))
