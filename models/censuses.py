"""Censuses: when the repositories of a workspace were last listed, and when they are to be listed next. One row an installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models.base import Base, Leased, OutsideText, UtcDateTime, row_id_column
from models.dialects import changed_rows, insert_into
from models.errors import LeaseLost
from models.installations import Installation


class Census(Leased, Base):
    """The listings of one installation's repositories. The next is due at `next_attempt_at`."""

    __tablename__ = "censuses"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"), unique=True)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last one that came to its end had begun."""
    repositories: Mapped[int | None] = mapped_column()
    """How many it counted."""
    found: Mapped[int] = mapped_column(default=0)
    """How many repositories it found that are new, gone, or called otherwise, though no event had told of it."""
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(OutsideText(500))

    __table_args__ = (Index(None, "next_attempt_at"),)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The right to take one census until the lease ends. `owner` names this claim and no other."""

    id: int
    installation_id: int
    attempts: int
    owner: str


def of(session: Session, installation: Installation) -> Census | None:
    """The censuses of an installation; None where none was ever planned."""
    rows = select(Census).where(Census.installation_id == installation.id)
    return session.scalar(rows.execution_options(populate_existing=True))


def unplanned(session: Session, *, at_most: int) -> Sequence[Installation]:
    """Active installations for which no census is planned."""
    rows = select(Installation).outerjoin(Census, Census.installation_id == Installation.id)
    rows = rows.where(Installation.state == InstallationState.ACTIVE, Census.id.is_(None))
    return session.scalars(rows.order_by(Installation.id).limit(at_most)).all()


def hasten(session: Session, installation: Installation, *, at: datetime) -> None:
    """Have the next census taken at this time, whenever it was planned."""
    values = {"installation_id": installation.id, "next_attempt_at": at, "found": 0, "attempts": 0}
    insert = insert_into(session, Census).values(**values)
    session.execute(insert.on_conflict_do_update(index_elements=["installation_id"], set_={"next_attempt_at": at}))


def hasten_all(session: Session, *, at: datetime) -> None:
    """Have the repositories of every installation listed at this time, unless that is planned for earlier."""
    later = update(Census).where(Census.next_attempt_at > at)
    changed_rows(session, later.values(next_attempt_at=at))


def end(session: Session, installation: Installation, *, now: datetime) -> None:
    """Take the census away from whoever is at it, and make it due for when the app is back."""
    ours = update(Census).where(Census.installation_id == installation.id)
    changed_rows(session, ours.values(lease_owner=None, lease_until=None, next_attempt_at=now))


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of censuses that could be taken now, the longest due first."""
    rows = select(Census.id).join(Installation, Installation.id == Census.installation_id)
    rows = rows.where(Installation.state == InstallationState.ACTIVE, *_is_claimable(now))
    return session.scalars(rows.order_by(Census.next_attempt_at, Census.id).limit(at_most)).all()


def claim(session: Session, census_id: int, *, now: datetime, lease: timedelta) -> Claimed | None:
    """Claim a census; None where it is not due, or not free. Commit before the first call."""
    owner = uuid4().hex
    free = update(Census).where(Census.id == census_id, *_is_claimable(now))
    if changed_rows(session, free.values(lease_owner=owner, lease_until=now + lease)) != 1:
        return None
    row = session.get_one(Census, census_id, populate_existing=True)
    return Claimed(row.id, row.installation_id, row.attempts, owner)


def keep(session: Session, claimed: Claimed, *, until: datetime) -> None:
    """Renew the lease. Raises LeaseLost."""
    _write(session, claimed, lease_until=until)


def finish(  # noqa: PLR0913 - what it found, and when
    session: Session, claimed: Claimed, *, taken_at: datetime, repositories: int, found: int, next_at: datetime
) -> None:
    """Note what a census found, in the transaction that stored it. Raises LeaseLost."""
    noted = {"taken_at": taken_at, "repositories": repositories, "found": found}
    _release(session, claimed, next_attempt_at=next_at, attempts=0, error=None, **noted)


def pause(session: Session, claimed: Claimed, *, until: datetime) -> None:
    """Wait for the quota. Raises LeaseLost."""
    _release(session, claimed, next_attempt_at=until)


def fail(session: Session, claimed: Claimed, *, error: str, retry_at: datetime) -> None:
    """Give a census back until a later time. Raises LeaseLost."""
    _release(session, claimed, next_attempt_at=retry_at, error=error, attempts=claimed.attempts + 1)


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Census.is_due_at(now), Census.is_free_at(now))


def _write(session: Session, claimed: Claimed, **values: object) -> None:
    ours = update(Census).where(Census.id == claimed.id, Census.lease_owner == claimed.owner)
    if changed_rows(session, ours.values(values)) != 1:
        raise LeaseLost(f"the census {claimed.id} is no longer ours")


def _release(session: Session, claimed: Claimed, **values: object) -> None:
    _write(session, claimed, lease_owner=None, lease_until=None, **values)
