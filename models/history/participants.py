"""Who takes part in a pull request, as Bitbucket says it now: who was asked for a review, and whose word stands."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import ReviewState
from models.base import Base, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows
from models.history.columns import PERSON, BigNumber, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class Participant(Base):
    """One person's part in one pull request."""

    __tablename__ = "pull_request_participants"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    person_id: Mapped[int] = mapped_column(BigNumber, info=PERSON)
    is_reviewer: Mapped[bool] = mapped_column()
    state: Mapped[ReviewState | None] = mapped_column(choice(ReviewState, length=24))
    participated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("repository_id", "pull_request", "person_id", name="uq_pull_request_participants_person"),
    )


class ParticipantRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    person_id: int
    is_reviewer: bool = False
    state: ReviewState | None = None
    participated_at: datetime | None = None


_COLUMNS = columns_of(Participant, ParticipantRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[ParticipantRow]]:
    """The participants of some pull requests, by number."""
    rows = select(*_COLUMNS).where(
        Participant.repository_id == repository.id, Participant.pull_request.in_(sorted(numbers))
    )
    return grouped(read(session, ParticipantRow, rows), attrgetter("pull_request"))


def store(session: Session, rows: Sequence[ParticipantRow]) -> None:
    """Write rows, new or not."""
    write(session, Participant, rows, key=("repository_id", "pull_request", "person_id"))


def drop(session: Session, repository: Repository, number: int, person_ids: Collection[int]) -> None:
    """Take out people who no longer take part."""
    if person_ids:
        gone = delete(Participant).where(
            Participant.repository_id == repository.id,
            Participant.pull_request == number,
            Participant.person_id.in_(sorted(person_ids)),
        )
        changed_rows(session, gone)
