"""The CODEOWNERS file of a repository, as it was when somebody asked for it."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, row_id_column
from models.history.columns import repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

TEXT_LENGTH: Final = 60_000


class CodeOwnerFile(Base):
    """The file on the main branch at one time."""

    __tablename__ = "code_owner_files"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    text: Mapped[str] = mapped_column(OutsideText(TEXT_LENGTH))
    """Empty where the repository had none."""
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("repository_id"),)


class CodeOwnerFileRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    text: str
    read_at: datetime


_COLUMNS = columns_of(CodeOwnerFile, CodeOwnerFileRow)


def held(session: Session, repository: Repository) -> CodeOwnerFileRow | None:
    """The file, if it was ever asked for."""
    rows = select(*_COLUMNS).where(CodeOwnerFile.repository_id == repository.id)
    return next(iter(read(session, CodeOwnerFileRow, rows)), None)


def store(session: Session, row: CodeOwnerFileRow) -> None:
    """Write a row, new or not."""
    write(session, CodeOwnerFile, [row], key=("repository_id",))
