"""Pull requests: what is true of each one now, and of which moment each part of that is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Index, Select, UniqueConstraint, and_, func, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import PullRequestState
from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, SHORT_HASH_LENGTH, person_column, repository_column
from models.history.rows import columns_of, read, write
from models.repositories import Repository

TITLE_LENGTH: Final = 512


class ClosingSource(StrEnum):
    """Who told when a pull request was closed; a later member is believed more than an earlier one."""

    ACTIVITY = "activity"
    MERGE_COMMIT = "merge_commit"
    EVENT = "event"
    RESOURCE = "resource"

    @property
    def rank(self) -> int:
        """How much it is believed."""
        return list(ClosingSource).index(self)


class PullRequest(Base):
    """One pull request of a repository."""

    __tablename__ = "pull_requests"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    number: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(OutsideText(TITLE_LENGTH))
    state: Mapped[PullRequestState] = mapped_column(choice(PullRequestState))
    is_draft: Mapped[bool] = mapped_column()
    author_id: Mapped[int | None] = person_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Bitbucket's `updated_on`. Of two snapshots the one that says a later one is the newer."""
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    """When Bitbucket was last known to say this: of two snapshots with one `updated_on`, the later word counts."""
    source_branch: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    is_from_fork: Mapped[bool] = mapped_column()
    destination_branch: Mapped[str] = mapped_column(OutsideText(BRANCH_LENGTH))
    head: Mapped[str | None] = mapped_column(OutsideText(HASH_LENGTH))
    """As it was told: mostly the first twelve digits."""
    merge_commit: Mapped[str | None] = mapped_column(OutsideText(HASH_LENGTH))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at_source: Mapped[ClosingSource | None] = mapped_column(choice(ClosingSource))
    closed_by_id: Mapped[int | None] = person_column()
    comment_count: Mapped[int | None] = mapped_column()
    task_count: Mapped[int | None] = mapped_column()
    """Open tasks, as Bitbucket counts them."""
    participants_updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    participants_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_watched: Mapped[bool] = mapped_column()
    """Whether we were told of its opening: then events have told us everything since."""
    activity_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its activity log was read to the end; None where it never was."""
    files_head: Mapped[str | None] = mapped_column(OutsideText(HASH_LENGTH))
    """The head that its diffstat was read at."""
    files_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    commits_head: Mapped[str | None] = mapped_column(OutsideText(HASH_LENGTH))
    """The head that its commits were read at."""
    commits_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_commit_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tasks_as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column()
    """The repository's version that last changed anything of it, for what is worked out once from its facts."""

    __table_args__ = (
        UniqueConstraint("repository_id", "number"),
        Index(
            "ix_pull_requests_open",
            "repository_id",
            "number",
            sqlite_where=text("state = 'OPEN'"),
            postgresql_where=text("state = 'OPEN'"),
        ),
        Index(
            "ix_pull_requests_closing_unknown",
            "repository_id",
            "created_at",
            sqlite_where=text("state <> 'OPEN' AND closed_at IS NULL"),
            postgresql_where=text("state <> 'OPEN' AND closed_at IS NULL"),
        ),
        Index(None, "repository_id", "closed_at"),
        Index(None, "repository_id", "source_branch"),
        Index(None, "repository_id", "merge_commit"),
        Index(None, "repository_id", "version"),
    )


class PullRequestRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id. See the columns of the same names."""

    repository_id: int
    number: int
    title: str = ""
    state: PullRequestState = PullRequestState.OPEN
    is_draft: bool = False
    author_id: int | None = None
    created_at: datetime
    updated_at: datetime
    as_of: datetime
    source_branch: str = ""
    is_from_fork: bool = False
    destination_branch: str = ""
    head: str | None = None
    merge_commit: str | None = None
    closed_at: datetime | None = None
    closed_at_source: ClosingSource | None = None
    closed_by_id: int | None = None
    comment_count: int | None = None
    task_count: int | None = None
    participants_updated_at: datetime | None = None
    participants_as_of: datetime | None = None
    is_watched: bool = False
    activity_as_of: datetime | None = None
    files_head: str | None = None
    files_as_of: datetime | None = None
    commits_head: str | None = None
    commits_as_of: datetime | None = None
    first_commit_at: datetime | None = None
    tasks_as_of: datetime | None = None
    version: int = 0

    def differs_from(self, other: "PullRequestRow | None") -> bool:
        """Whether another row says something else of the pull request; when that was known makes no difference."""
        return other is None or replace(self, **_times_of(other)) != other


_TIMES: Final = (
    *("updated_at", "as_of", "participants_updated_at", "participants_as_of"),
    *("activity_as_of", "files_as_of", "commits_as_of", "tasks_as_of", "version"),
)


def _times_of(row: PullRequestRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _TIMES}


_COLUMNS = columns_of(PullRequest, PullRequestRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> dict[int, PullRequestRow]:
    """The rows of some pull requests, by number."""
    return {
        row.number: row
        for row in read(session, PullRequestRow, _of(repository).where(PullRequest.number.in_(sorted(numbers))))
    }


def store(session: Session, rows: Sequence[PullRequestRow]) -> None:
    """Write whole rows, new or not."""
    write(session, PullRequest, rows, key=("repository_id", "number"))


def set_version(session: Session, repository: Repository, numbers: Collection[int], *, version: int) -> None:
    """Note which version of the repository has changed these pull requests."""
    if numbers:
        changed = update(PullRequest).where(
            PullRequest.repository_id == repository.id, PullRequest.number.in_(sorted(numbers))
        )
        changed_rows(session, changed.values(version=version))


def open_ones(session: Session, repository: Repository) -> list[PullRequestRow]:
    """All that are open, by number."""
    return read(session, PullRequestRow, _of(repository).where(PullRequest.state == PullRequestState.OPEN))


def open_between(session: Session, repository: Repository, start: datetime, end: datetime) -> list[PullRequestRow]:
    """All that were open at any time from `start` on and before `end`, by number.

    One whose closing time nobody knows is looked for where it was opened.
    """
    # The repository in each part, so that each part can use its own index.
    ours = PullRequest.repository_id == repository.id
    was_open = or_(
        and_(ours, PullRequest.state == PullRequestState.OPEN),
        and_(ours, PullRequest.closed_at >= start),
        and_(
            ours,
            PullRequest.state != PullRequestState.OPEN,
            PullRequest.closed_at.is_(None),
            PullRequest.created_at >= start,
        ),
    )
    rows = select(*_COLUMNS).where(was_open, PullRequest.created_at < end)
    return read(session, PullRequestRow, rows.order_by(PullRequest.number))


def changed_since(session: Session, repository: Repository, version: int, *, at_most: int) -> list[PullRequestRow]:
    """Those that a later version of the repository has changed, the earliest change first."""
    changed = _of(repository).where(PullRequest.version > version)
    return read(
        session, PullRequestRow, changed.order_by(None).order_by(PullRequest.version, PullRequest.number).limit(at_most)
    )


def from_branch(session: Session, repository: Repository, branch: str) -> list[PullRequestRow]:
    """Those that come, or came, from a branch of this repository, by number."""
    return read(
        session,
        PullRequestRow,
        _of(repository).where(PullRequest.source_branch == branch, PullRequest.is_from_fork.is_(False)),
    )


def merged_as(session: Session, repository: Repository, commits: Collection[str]) -> list[PullRequestRow]:
    """Those whose merge commit is one of some hashes, full or cut, by number."""
    return read(session, PullRequestRow, _of(repository).where(PullRequest.merge_commit.in_(sorted(commits))))


def with_heads(session: Session, repository: Repository, commits: Collection[str]) -> Sequence[int]:
    """The numbers of the open pull requests whose newest commit is one of some."""
    heads = sorted({one[:length] for one in commits for length in (SHORT_HASH_LENGTH, HASH_LENGTH)})
    rows = select(PullRequest.number).where(
        PullRequest.repository_id == repository.id,
        PullRequest.state == PullRequestState.OPEN,
        PullRequest.head.in_(heads),
    )
    return session.scalars(rows.order_by(PullRequest.number)).all()


def after(session: Session, repository: Repository, number: int, *, at_most: int) -> list[PullRequestRow]:
    """The next ones in the order of their numbers: for whoever goes through all of them."""
    return read(session, PullRequestRow, _of(repository).where(PullRequest.number > number).limit(at_most))


def count_by_state(session: Session, repository: Repository) -> dict[PullRequestState, int]:
    """How many there are in each state."""
    counts = (
        select(PullRequest.state, func.count())
        .where(PullRequest.repository_id == repository.id)
        .group_by(PullRequest.state)
    )
    return dict.fromkeys(PullRequestState, 0) | dict(session.execute(counts).all())


def _of(repository: Repository) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(PullRequest.repository_id == repository.id).order_by(PullRequest.number)
