"""Which commits belong to which pull request, as its list of commits had them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import Index, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, row_id_column
from models.dialects import changed_rows
from models.history.columns import HASH_LENGTH, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class PullRequestCommit(Base):
    """One commit of one pull request."""

    __tablename__ = "pull_request_commits"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    """From the newest, 0, to the oldest."""
    commit: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))

    __table_args__ = (
        UniqueConstraint("repository_id", "pull_request", "position", name="uq_pull_request_commits_position"),
        Index(None, "repository_id", "commit"),
    )


class PullRequestCommitRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    position: int
    commit: str


_COLUMNS = columns_of(PullRequestCommit, PullRequestCommitRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[str]]:
    """The commits of some pull requests, by number, the newest first."""
    rows = select(*_COLUMNS).where(
        PullRequestCommit.repository_id == repository.id, PullRequestCommit.pull_request.in_(sorted(numbers))
    )
    rows = rows.order_by(PullRequestCommit.pull_request, PullRequestCommit.position)
    by_number = grouped(read(session, PullRequestCommitRow, rows), attrgetter("pull_request"))
    return {number: [row.commit for row in found] for number, found in by_number.items()}


def replace(session: Session, repository: Repository, number: int, commits: Sequence[str]) -> bool:
    """Make these the commits of a pull request, the newest first. Returns whether that is a change."""
    if held(session, repository, {number}).get(number, []) == list(commits):
        return False
    gone = delete(PullRequestCommit).where(
        PullRequestCommit.repository_id == repository.id, PullRequestCommit.pull_request == number
    )
    changed_rows(session, gone)
    rows = [
        PullRequestCommitRow(repository_id=repository.id, pull_request=number, position=position, commit=commit)
        for position, commit in enumerate(commits)
    ]
    write(session, PullRequestCommit, rows, key=("repository_id", "pull_request", "position"))
    return True


def bringing(session: Session, repository: Repository, commit: str) -> Sequence[int]:
    """The pull requests that hold a commit, by number."""
    rows = select(PullRequestCommit.pull_request).where(
        PullRequestCommit.repository_id == repository.id, PullRequestCommit.commit == commit
    )
    return session.scalars(rows.distinct().order_by(PullRequestCommit.pull_request)).all()


def by_pull_request(session: Session, repository: Repository, commits: Collection[str]) -> Mapping[int, frozenset[str]]:
    """The pull requests that hold any of some commits, by number, with those of the commits that each holds."""
    rows = select(PullRequestCommit.pull_request, PullRequestCommit.commit).where(
        PullRequestCommit.repository_id == repository.id, PullRequestCommit.commit.in_(sorted(commits))
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for number, commit in session.execute(rows):
        found[number].add(commit)
    return {number: frozenset(hashes) for number, hashes in found.items()}
