"""What builds said of commits: a row for each different word. Only ever added to.

A key that is reported again overwrites itself in Bitbucket; here each of its states that was told stays.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import BuildFacts, BuildState
from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.history.columns import HASH_LENGTH, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository

KEY_LENGTH: Final = 255
NAME_LENGTH: Final = 255


class BuildReport(Base):
    """One word of one build about one commit."""

    __tablename__ = "build_reports"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    commit: Mapped[str] = mapped_column(OutsideText(HASH_LENGTH))
    key: Mapped[str] = mapped_column(OutsideText(KEY_LENGTH))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The status's `updated_on`."""
    state: Mapped[BuildState] = mapped_column(choice(BuildState))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The status's `created_on`: a second run keeps the first one's."""
    name: Mapped[str | None] = mapped_column(OutsideText(NAME_LENGTH))

    __table_args__ = (
        UniqueConstraint("repository_id", "commit", "key", "at", "state", name="uq_build_reports_report"),
        Index(None, "repository_id", "at"),
    )


class BuildReportRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    commit: str
    key: str
    at: datetime
    state: BuildState
    created_at: datetime
    name: str | None = None

    @property
    def key_of_row(self) -> tuple[str, str, datetime, BuildState]:
        """What tells it from the others of its repository."""
        return (self.commit, self.key, self.at, self.state)


_COLUMNS = columns_of(BuildReport, BuildReportRow)


def held(session: Session, repository: Repository, commits: Collection[str]) -> Mapping[str, list[BuildReportRow]]:
    """The reports on some commits, by commit, in the order in which they were made."""
    rows = _of(repository).where(BuildReport.commit.in_(sorted(commits)))
    return grouped(read(session, BuildReportRow, rows), attrgetter("commit"))


def since(session: Session, repository: Repository, start: datetime) -> list[BuildReportRow]:
    """Every report on those commits that anything was said of from a moment on."""
    recent = select(BuildReport.commit).where(BuildReport.repository_id == repository.id, BuildReport.at >= start)
    return read(session, BuildReportRow, _of(repository).where(BuildReport.commit.in_(recent)))


def any_since(session: Session, repository: Repository, start: datetime) -> bool:
    """Whether anything was said of any commit from a moment on."""
    rows = select(BuildReport.id).where(BuildReport.repository_id == repository.id, BuildReport.at >= start)
    return session.scalar(rows.limit(1)) is not None


def store(session: Session, rows: Sequence[BuildReportRow]) -> None:
    """Write rows, new or not."""
    write(session, BuildReport, rows, key=("repository_id", "commit", "key", "at", "state"))


def runs(reports: Iterable[BuildReportRow]) -> tuple[BuildFacts, ...]:
    """The runs that some reports tell of, in the order of commit, key and time. Pure.

    A run ends with a final word; the next other word is another run's. A second run that kept the first one's `created_on`
    begins with its own first report.
    """
    ordered = sorted(reports, key=lambda one: (one.commit, one.key, one.at, one.state.is_final, one.state))
    found: list[BuildFacts] = []
    for (_, _), group in groupby(ordered, key=lambda one: (one.commit, one.key)):
        found += _runs(list(group))
    return tuple(found)


def _runs(reports: Sequence[BuildReportRow]) -> Iterator[BuildFacts]:
    """The runs of one key on one commit."""
    first = last = reports[0]
    ended_at: datetime | None = None
    for report in reports[1:]:
        if report.state is last.state:
            continue
        if last.state.is_final:
            yield _run(first, last, ended_at)
            first, ended_at = report, last.at
        last = report
    yield _run(first, last, ended_at)


def _run(first: BuildReportRow, last: BuildReportRow, after: datetime | None) -> BuildFacts:
    began_with_another = after is not None and first.created_at <= after
    return BuildFacts(
        commit=last.commit,
        key=last.key,
        state=last.state,
        created_at=first.at if began_with_another else first.created_at,
        at=last.at,
        was_seen_running=first.state is BuildState.INPROGRESS,
    )


def _of(repository: Repository) -> Select[*tuple[Any, ...]]:
    ours = select(*_COLUMNS).where(BuildReport.repository_id == repository.id)
    return ours.order_by(BuildReport.commit, BuildReport.key, BuildReport.at, BuildReport.state)
