"""The files that pull requests change, from their diffstats."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import Index, UniqueConstraint, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import FileChange, FileStatus
from models.base import Base, OutsideText, choice, row_id_column
from models.dialects import changed_rows
from models.history.columns import PATH_LENGTH, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class PullRequestFile(Base):
    """One file of one pull request."""

    __tablename__ = "pull_request_files"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    path: Mapped[str] = mapped_column(OutsideText(PATH_LENGTH))
    old_path: Mapped[str | None] = mapped_column(OutsideText(PATH_LENGTH))
    status: Mapped[FileStatus] = mapped_column(choice(FileStatus))
    lines_added: Mapped[int] = mapped_column()
    lines_removed: Mapped[int] = mapped_column()

    __table_args__ = (
        UniqueConstraint("repository_id", "pull_request", "path"),
        Index(None, "repository_id", "path"),
        Index(None, "repository_id", "old_path"),
    )


class FileRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    path: str
    old_path: str | None = None
    status: FileStatus = FileStatus.MODIFIED
    lines_added: int = 0
    lines_removed: int = 0


_COLUMNS = columns_of(PullRequestFile, FileRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[FileRow]]:
    """The files of some pull requests, by number and in the order of their paths."""
    rows = select(*_COLUMNS).where(
        PullRequestFile.repository_id == repository.id, PullRequestFile.pull_request.in_(sorted(numbers))
    )
    return grouped(
        read(session, FileRow, rows.order_by(PullRequestFile.pull_request, PullRequestFile.path)),
        attrgetter("pull_request"),
    )


def replace(session: Session, repository: Repository, number: int, changes: Iterable[FileChange]) -> bool:
    """Make these the files of a pull request. Returns whether that is a change. Paths that are cut to the same become one."""
    rows = {
        change.path: FileRow(
            repository_id=repository.id,
            pull_request=number,
            path=change.path,
            old_path=change.old_path,
            status=change.status,
            lines_added=change.lines_added,
            lines_removed=change.lines_removed,
        )
        for change in changes
    }
    known = {row.path: row for row in held(session, repository, {number})[number]}
    if rows == known:
        return False
    gone = delete(PullRequestFile).where(
        PullRequestFile.repository_id == repository.id, PullRequestFile.pull_request == number
    )
    changed_rows(session, gone)
    write(session, PullRequestFile, rows.values(), key=("repository_id", "pull_request", "path"))
    return True


def pull_requests_touching(
    session: Session, repository: Repository, paths: Collection[str], *, at_most: int
) -> Sequence[int]:
    """The pull requests that touch one of some paths, also under its old name; the newest first."""
    touched = sorted({path[:PATH_LENGTH] for path in paths})
    rows = select(PullRequestFile.pull_request).where(
        PullRequestFile.repository_id == repository.id,
        or_(PullRequestFile.path.in_(touched), PullRequestFile.old_path.in_(touched)),
    )
    return session.scalars(rows.distinct().order_by(PullRequestFile.pull_request.desc()).limit(at_most)).all()


def pull_requests_below(session: Session, repository: Repository, prefix: str) -> frozenset[int]:
    """The pull requests that touch a file whose path begins so: what a filter by path shows."""
    rows = select(PullRequestFile.pull_request).where(
        PullRequestFile.repository_id == repository.id, PullRequestFile.path.startswith(prefix, autoescape=True)
    )
    return frozenset(session.scalars(rows.distinct()))
