"""Tasks on pull requests, as the last listing had them. No webhook and no activity log tells of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, row_id_column
from models.dialects import changed_rows
from models.history.columns import BigNumber, person_column, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class Task(Base):
    """One task."""

    __tablename__ = "pull_request_tasks"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    task: Mapped[int] = mapped_column(BigNumber)
    """Bitbucket's number of it."""
    creator_id: Mapped[int | None] = person_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("repository_id", "pull_request", "task"),)


class TaskRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    task: int
    creator_id: int | None = None
    created_at: datetime
    resolved_at: datetime | None = None


_COLUMNS = columns_of(Task, TaskRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[TaskRow]]:
    """The tasks of some pull requests, by number and in the order of their ids."""
    rows = select(*_COLUMNS).where(Task.repository_id == repository.id, Task.pull_request.in_(sorted(numbers)))
    return grouped(read(session, TaskRow, rows.order_by(Task.pull_request, Task.task)), attrgetter("pull_request"))


def store(session: Session, rows: Sequence[TaskRow]) -> None:
    """Write rows, new or not."""
    write(session, Task, rows, key=("repository_id", "pull_request", "task"))


def drop(session: Session, repository: Repository, number: int, tasks: Collection[int]) -> None:
    """Take out tasks that are no longer listed."""
    if tasks:
        gone = delete(Task).where(
            Task.repository_id == repository.id, Task.pull_request == number, Task.task.in_(sorted(tasks))
        )
        changed_rows(session, gone)
