"""The histories of single files that were asked for, because no pull request that we know has touched them."""

from datetime import datetime
from typing import Final

from msgspec import Struct
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, row_id_column
from models.history.columns import HASH_LENGTH, PATH_LENGTH, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

MOST_COMMITS: Final = 100
HASHES_LENGTH: Final = MOST_COMMITS * (HASH_LENGTH + 1)


class FileHistory(Base):
    """The commits that changed one file, as Bitbucket listed them at one time."""

    __tablename__ = "file_histories"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    path: Mapped[str] = mapped_column(OutsideText(PATH_LENGTH))
    commits: Mapped[str] = mapped_column(OutsideText(HASHES_LENGTH))
    """Hashes, the newest first, with blanks between them; at most a hundred."""
    is_whole: Mapped[bool] = mapped_column()
    """Whether these are all: then the last one made the file."""
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("repository_id", "path"),)


class FileHistoryRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    path: str
    commits: str
    is_whole: bool
    read_at: datetime


_COLUMNS = columns_of(FileHistory, FileHistoryRow)


def held(session: Session, repository: Repository, path: str) -> FileHistoryRow | None:
    """The history of one file, if it was ever asked for."""
    rows = select(*_COLUMNS).where(FileHistory.repository_id == repository.id, FileHistory.path == path[:PATH_LENGTH])
    return next(iter(read(session, FileHistoryRow, rows)), None)


def store(session: Session, row: FileHistoryRow) -> None:
    """Write a row, new or not."""
    write(session, FileHistory, [row], key=("repository_id", "path"))
