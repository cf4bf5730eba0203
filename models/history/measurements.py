"""What was measured of each pull request, kept beside it: a view of ten thousand reads rows and measures nothing.

A row follows from the facts of its pull request and from settings. It names the settings that it was measured with, so that
one of older settings is known as such.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Index, Select, String, Text, UniqueConstraint, and_, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import PullRequestState
from insights.pull_requests import measurement
from insights.pull_requests.measurement import Measurement
from insights.settings import WorkspaceSettings
from models.base import Base, UtcDateTime, row_id_column
from models.dialects import changed_rows
from models.history.columns import repository_column
from models.history.pull_requests import PullRequest
from models.history.rows import write
from models.repositories import Repository

BASIS_LENGTH: Final = 16

# Nothing of these goes into a measurement: to change one of them leaves all rows as they are.
_NOT_MEASURED_WITH: Final = frozenset(
    {"week_starts_on", "active_days", "quiet_days", "stale_days", "are_names_shown", "pickup_target"}
)


class MeasuredPullRequest(Base):
    """One pull request in numbers."""

    __tablename__ = "measurements"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    number: Mapped[int] = mapped_column()
    basis: Mapped[str] = mapped_column(String(BASIS_LENGTH))
    """Names the settings, and the way of measuring."""
    version: Mapped[int] = mapped_column()
    """The repository's version that last changed the row."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None while it is open; of one whose closing time is lost, when it was opened: there it is looked for."""
    body: Mapped[str] = mapped_column(Text)
    """The measurement, as JSON that only this module reads and writes."""

    __table_args__ = (
        UniqueConstraint("repository_id", "number"),
        Index(None, "repository_id", "closed_at"),
        Index(None, "repository_id", "version"),
    )


class MeasurementRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    number: int
    basis: str
    version: int
    closed_at: datetime | None
    body: str


_DECODER: Final = msgspec.json.Decoder(Measurement)
_BODIES: Final = select(MeasuredPullRequest.body)


def basis_of(settings: WorkspaceSettings) -> str:
    """The name of the way in which pull requests are measured with some settings."""
    told = {name: value for name, value in msgspec.structs.asdict(settings).items() if name not in _NOT_MEASURED_WITH}
    text = msgspec.json.encode((measurement.VERSION, told), order="deterministic")
    return sha256(text).hexdigest()[:BASIS_LENGTH]


def store(
    session: Session, repository: Repository, measured: Iterable[Measurement], *, basis: str, version: int
) -> None:
    """Keep what was measured of some pull requests, new or not."""
    rows = [
        MeasurementRow(
            repository_id=repository.id,
            number=one.id,
            basis=basis,
            version=version,
            closed_at=_closed_at(one),
            body=msgspec.json.encode(one).decode(),
        )
        for one in measured
    ]
    write(session, MeasuredPullRequest, rows, key=("repository_id", "number"))


def drop(session: Session, repository: Repository, numbers: Collection[int]) -> None:
    """Forget some pull requests."""
    if numbers:
        gone = delete(MeasuredPullRequest).where(
            MeasuredPullRequest.repository_id == repository.id, MeasuredPullRequest.number.in_(sorted(numbers))
        )
        changed_rows(session, gone)


def since(session: Session, repository: Repository, start: datetime) -> list[Measurement]:
    """Of all pull requests that are open or were closed from a moment on; in no order."""
    # Two statements, because each has an index of its own and an OR of both may have none.
    return [*_decoded(session, _BODIES.where(*_open(repository))), *_closed(session, repository, start)]


def changed_since(session: Session, repository: Repository, *, version: int) -> list[Measurement]:
    """Of those that a later version of the repository has changed; in no order."""
    changed = MeasuredPullRequest.version > version
    return _decoded(session, _BODIES.where(MeasuredPullRequest.repository_id == repository.id, changed))


def some(session: Session, repository: Repository, numbers: Collection[int]) -> list[Measurement]:
    """Of some pull requests; in no order."""
    chosen = MeasuredPullRequest.number.in_(sorted(numbers))
    return _decoded(session, _BODIES.where(MeasuredPullRequest.repository_id == repository.id, chosen))


def every(session: Session, repository: Repository, *, after: int, at_most: int) -> list[Measurement]:
    """The next ones in the order of their numbers: for whoever goes through all of them."""
    rows = _BODIES.where(MeasuredPullRequest.repository_id == repository.id, MeasuredPullRequest.number > after)
    return _decoded(session, rows.order_by(MeasuredPullRequest.number).limit(at_most))


def count_since(session: Session, repository: Repository, start: datetime) -> int:
    """How many `since` would give."""
    counts = (select(func.count()).where(*part) for part in (_open(repository), _closed_since(repository, start)))
    return sum(session.scalar(count) or 0 for count in counts)


def outdated(session: Session, repository: Repository, *, basis: str, below: int, at_most: int) -> Sequence[int]:
    """The numbers of the next pull requests that are not measured on this basis, or not at all; the newest first.

    `below`: only those with smaller numbers.
    """
    is_current = and_(
        MeasuredPullRequest.repository_id == PullRequest.repository_id,
        MeasuredPullRequest.number == PullRequest.number,
        MeasuredPullRequest.basis == basis,
    )
    rows = (
        select(PullRequest.number)
        .outerjoin(MeasuredPullRequest, is_current)
        .where(PullRequest.repository_id == repository.id, PullRequest.number < below)
        .where(MeasuredPullRequest.id.is_(None))
    )
    return session.scalars(rows.order_by(PullRequest.number.desc()).limit(at_most)).all()


def count_by_basis(session: Session, repository: Repository) -> dict[str, int]:
    """How many are measured on each basis."""
    counts = select(MeasuredPullRequest.basis, func.count()).where(MeasuredPullRequest.repository_id == repository.id)
    return dict(session.execute(counts.group_by(MeasuredPullRequest.basis)).all())


def _open(repository: Repository) -> tuple[ColumnElement[bool], ...]:
    return MeasuredPullRequest.repository_id == repository.id, MeasuredPullRequest.closed_at.is_(None)


def _closed_since(repository: Repository, start: datetime) -> tuple[ColumnElement[bool], ...]:
    return MeasuredPullRequest.repository_id == repository.id, MeasuredPullRequest.closed_at >= start


def _closed(session: Session, repository: Repository, start: datetime) -> list[Measurement]:
    return _decoded(session, _BODIES.where(*_closed_since(repository, start)))


def _decoded(session: Session, bodies: Select[str]) -> list[Measurement]:
    return [_DECODER.decode(body) for body in session.scalars(bodies)]


def _closed_at(one: Measurement) -> datetime | None:
    return None if one.state is PullRequestState.OPEN else one.stamps.closed or one.stamps.opened
