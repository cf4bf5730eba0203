"""Comments on pull requests: who said something when, and which threads are resolved. What they say is not kept.

A deleted comment stays as a tombstone: what is told of it later, from before, must not bring it back.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, row_id_column
from models.history.columns import BigNumber, person_column, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class Comment(Base):
    """One comment."""

    __tablename__ = "pull_request_comments"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    comment: Mapped[int] = mapped_column(BigNumber)
    """Bitbucket's number of it."""
    parent: Mapped[int | None] = mapped_column(BigNumber)
    """The comment that it answers; None for one that starts a thread."""
    author_id: Mapped[int | None] = person_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_deleted: Mapped[bool] = mapped_column()
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = person_column()
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    """When this was true."""

    __table_args__ = (UniqueConstraint("repository_id", "pull_request", "comment"),)


class CommentRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    comment: int
    parent: int | None = None
    author_id: int | None = None
    created_at: datetime
    is_deleted: bool = False
    resolved_at: datetime | None = None
    resolved_by_id: int | None = None
    as_of: datetime


_COLUMNS = columns_of(Comment, CommentRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[CommentRow]]:
    """The comments on some pull requests, deleted ones too, by number and in the order of their ids."""
    rows = select(*_COLUMNS).where(Comment.repository_id == repository.id, Comment.pull_request.in_(sorted(numbers)))
    return grouped(
        read(session, CommentRow, rows.order_by(Comment.pull_request, Comment.comment)), attrgetter("pull_request")
    )


def store(session: Session, rows: Sequence[CommentRow]) -> None:
    """Write rows, new or not."""
    write(session, Comment, rows, key=("repository_id", "pull_request", "comment"))
