"""Pushes, ref by ref: from where to where, and whether by force. Only ever added to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, SHORT_HASH_LENGTH, person_column, repository_column
from models.history.refs import RefKind
from models.history.rows import columns_of, read, write
from models.repositories import Repository


class RefMove(Base):
    """One ref moved once: made, moved on, rewritten, or deleted."""

    __tablename__ = "ref_moves"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    kind: Mapped[RefKind] = mapped_column(choice(RefKind))
    name: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was told, to the second: a push has no time of its own."""
    old: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    """Empty for one that was made."""
    new: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    """Empty for one that was deleted."""
    is_forced: Mapped[bool] = mapped_column()
    actor_id: Mapped[int | None] = person_column()

    __table_args__ = (
        UniqueConstraint("repository_id", "kind", "name", "at", "old", "new", name="uq_ref_moves_move"),
        Index(
            "ix_ref_moves_forced",
            "repository_id",
            "name",
            sqlite_where=text("is_forced"),
            postgresql_where=text("is_forced"),
        ),
    )


class RefMoveRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    kind: RefKind
    name: str
    at: datetime
    old: str = ""
    new: str = ""
    is_forced: bool = False
    actor_id: int | None = None


_COLUMNS = columns_of(RefMove, RefMoveRow)


def store(session: Session, rows: Sequence[RefMoveRow]) -> None:
    """Write rows, new or not."""
    key = ("repository_id", "kind", "name", "at", "old", "new")
    write(session, RefMove, rows, key=key)


def at(session: Session, repository: Repository, kind: RefKind, name: str, moment: datetime) -> list[RefMoveRow]:
    """The moves of one ref that were told at one moment: within a second, nothing but from and to gives their order."""
    rows = select(*_COLUMNS).where(
        RefMove.repository_id == repository.id,
        RefMove.kind == kind,
        RefMove.name == name[:BRANCH_LENGTH],
        RefMove.at == moment,
    )
    return read(session, RefMoveRow, rows.order_by(RefMove.old, RefMove.new))


def forced_heads(session: Session, repository: Repository, branches: Collection[str]) -> Mapping[str, frozenset[str]]:
    """The heads, cut, that some branches were forced to, by branch."""
    rows = select(RefMove.name, RefMove.new).where(
        RefMove.repository_id == repository.id,
        RefMove.is_forced,
        RefMove.kind == RefKind.BRANCH,
        RefMove.name.in_(sorted(branches)),
    )
    found: dict[str, frozenset[str]] = {}
    for name, new in session.execute(rows):
        found[name] = found.get(name, frozenset()) | {new[:SHORT_HASH_LENGTH]}
    return found
