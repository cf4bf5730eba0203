"""What Bitbucket said when it was asked how far a branch and its base have moved apart, for the tips that they had then."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, row_id_column
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

MOST_COMMITS: Final = 100
"""Of each side: what one page of Bitbucket's holds."""

HASHES_LENGTH: Final = MOST_COMMITS * (HASH_LENGTH + 1)


class BranchComparison(Base):
    """The last comparison of one branch. It holds for as long as both tips are where they were."""

    __tablename__ = "branch_comparisons"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    branch: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    tip: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    base: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    base_tip: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    ahead: Mapped[str] = mapped_column(OutsideText(HASHES_LENGTH))
    """Commits that only the branch has, the newest first, with blanks between them; at most a hundred."""
    behind: Mapped[str] = mapped_column(OutsideText(HASHES_LENGTH))
    """Commits that only the base has."""
    compared_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("repository_id", "branch"),)


class BranchComparisonRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    branch: str
    tip: str
    base: str
    base_tip: str
    ahead: str
    behind: str
    compared_at: datetime

    def is_of(self, *, tip: str, base: str, base_tip: str) -> bool:
        """Whether it compares these."""
        return (self.tip, self.base, self.base_tip) == (tip, base[:BRANCH_LENGTH], base_tip)


_COLUMNS = columns_of(BranchComparison, BranchComparisonRow)


def held(session: Session, repository: Repository, branches: Collection[str]) -> Mapping[str, BranchComparisonRow]:
    """The last comparisons of some branches, by name."""
    names = sorted({name[:BRANCH_LENGTH] for name in branches})
    rows = select(*_COLUMNS).where(BranchComparison.repository_id == repository.id, BranchComparison.branch.in_(names))
    return {row.branch: row for row in read(session, BranchComparisonRow, rows)}


def every(session: Session, repository: Repository) -> Mapping[str, BranchComparisonRow]:
    """The last comparison of every branch that was ever compared, by name."""
    rows = select(*_COLUMNS).where(BranchComparison.repository_id == repository.id)
    return {row.branch: row for row in read(session, BranchComparisonRow, rows)}


def store(session: Session, row: BranchComparisonRow) -> None:
    """Write a row, new or not."""
    write(session, BranchComparison, [row], key=("repository_id", "branch"))
