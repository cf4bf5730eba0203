"""The files that single commits change, for the commits whose diffstat was read."""

from collections.abc import Collection, Iterable, Mapping
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import FileChange, FileStatus
from models.base import Base, OutsideText, choice, row_id_column
from models.dialects import changed_rows
from models.history.columns import HASH_LENGTH, PATH_LENGTH, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class CommitFile(Base):
    """One file of one commit."""

    __tablename__ = "commit_files"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    commit: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    path: Mapped[str] = mapped_column(OutsideText(PATH_LENGTH))
    old_path: Mapped[str | None] = mapped_column(OutsideText(PATH_LENGTH))
    status: Mapped[FileStatus] = mapped_column(choice(FileStatus))
    lines_added: Mapped[int] = mapped_column()
    lines_removed: Mapped[int] = mapped_column()

    __table_args__ = (
        UniqueConstraint("repository_id", "commit", "path"),
        Index(None, "repository_id", "path"),
    )


class CommitFileRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    commit: str
    path: str
    old_path: str | None = None
    status: FileStatus = FileStatus.MODIFIED
    lines_added: int = 0
    lines_removed: int = 0


_COLUMNS = columns_of(CommitFile, CommitFileRow)


def held(session: Session, repository: Repository, hashes: Collection[str]) -> Mapping[str, list[CommitFileRow]]:
    """The files of some commits, by hash and in the order of their paths."""
    rows = select(*_COLUMNS).where(CommitFile.repository_id == repository.id, CommitFile.commit.in_(sorted(hashes)))
    return grouped(
        read(session, CommitFileRow, rows.order_by(CommitFile.commit, CommitFile.path)), attrgetter("commit")
    )


def replace(session: Session, repository: Repository, commit: str, changes: Iterable[FileChange]) -> None:
    """Make these the files of a commit. Paths that are the same as far as we keep them become one."""
    changed_rows(
        session,
        delete(CommitFile).where(CommitFile.repository_id == repository.id, CommitFile.commit == commit),
    )
    rows = {
        change.path[:PATH_LENGTH]: CommitFileRow(
            repository_id=repository.id,
            commit=commit,
            path=change.path,
            old_path=change.old_path,
            status=change.status,
            lines_added=change.lines_added,
            lines_removed=change.lines_removed,
        )
        for change in changes
    }
    key = ("repository_id", "commit", "path")
    write(session, CommitFile, rows.values(), key=key)
