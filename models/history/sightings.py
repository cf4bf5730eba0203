"""Sightings: how a pull request stood at a moment, whoever told us. Only ever added to.

Bitbucket's events tell how things are and not what has changed. What has changed (a push, a draft made ready, approvals
dropped) is read from the sightings in the order of their moments, so it does not matter in which order they were told.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, OutsideText, UtcDateTime, row_id_column
from models.history.columns import SHORT_HASH_LENGTH, person_column, repository_column
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository


class Sighting(Base):
    """One pull request at one moment."""

    __tablename__ = "pull_request_sightings"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Bitbucket's `updated_on`, or the time of an entry of the activity log."""
    head: Mapped[str] = mapped_column(OutsideText(SHORT_HASH_LENGTH))
    """The source commit, cut; empty where it was not told."""
    is_draft: Mapped[bool] = mapped_column()
    verdicts: Mapped[str | None] = mapped_column(Text)
    """Whose word stood, see `sync/history/verdicts.py`; None where it was not told."""
    actor_id: Mapped[int | None] = person_column()
    """Who made the change that led here; None where nobody says that this was a change."""

    __table_args__ = (
        UniqueConstraint(
            "repository_id", "pull_request", "at", "head", "is_draft", name="uq_pull_request_sightings_moment"
        ),
    )


class SightingRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    at: datetime
    head: str = ""
    is_draft: bool = False
    verdicts: str | None = None
    actor_id: int | None = None

    @property
    def key(self) -> tuple[int, datetime, str, bool]:
        """What tells it from the others of its repository."""
        return (self.pull_request, self.at, self.head, self.is_draft)


_COLUMNS = columns_of(Sighting, SightingRow)
_KEY = ("repository_id", "pull_request", "at", "head", "is_draft")


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[SightingRow]]:
    """The sightings of some pull requests, by number, in the order of their moments."""
    rows = select(*_COLUMNS).where(Sighting.repository_id == repository.id, Sighting.pull_request.in_(sorted(numbers)))
    return grouped(
        read(session, SightingRow, rows.order_by(Sighting.pull_request, Sighting.at, Sighting.head, Sighting.is_draft)),
        attrgetter("pull_request"),
    )


def store(session: Session, rows: Sequence[SightingRow]) -> None:
    """Write rows, new or not."""
    write(session, Sighting, rows, key=_KEY)
