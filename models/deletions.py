"""Deletions that an administrator has asked for: of one repository's history, or of everything that is kept of a workspace.

The row is the work, done in small batches under a lease, and afterwards the proof of it. While the installation is active
nothing else deletes its rows; after an uninstall the purge takes everything, these rows too.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import Delete, ForeignKey, Index, Select, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from models import collecting, repositories
from models.base import UUID_LENGTH, Base, Leased, UtcDateTime, checked_row_id, row_id_column
from models.dialects import changed_rows
from models.errors import LeaseLost
from models.history import deletion
from models.inbox import Delivery
from models.installations import Installation
from models.quota import CallCount, Quota
from models.repositories import Repository
from models.setup_audit import SetupAudit


class Deletion(Leased, Base):
    """One deletion: who asked for it, when it was done, and how many rows went."""

    __tablename__ = "deletions"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    repository_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    """The repository whose history goes; none where everything of the workspace does."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was asked for."""
    asked_by_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    """The account of the administrator; none once it was erased."""
    rows_deleted: Mapped[int] = mapped_column(default=0)
    """How many rows have gone so far."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When nothing was left."""

    __table_args__ = (Index(None, "installation_id", "asked_at"), Index(None, "next_attempt_at"))


KEPT_OF_A_WORKSPACE: Final = frozenset({Deletion, collecting.CollectingStop, CallCount, Quota})
"""What says that everything was deleted and that nothing is to be collected again, and how many calls were made. The purge
takes it."""


def ask(
    session: Session, installation: Installation, repository_uuid: str | None, *, by_uuid: str, now: datetime
) -> Deletion:
    """Ask for a deletion and stop collecting at once, in one transaction. One that is under way already is returned."""
    if repository_uuid is not None and (row := repositories.locked(session, installation, repository_uuid)) is not None:
        repositories.touch(row, now=now)
    collecting.stop(session, installation, repository_uuid, by_uuid=by_uuid, now=now)
    under_way = session.scalar(
        select(Deletion).where(
            Deletion.installation_id == installation.id,
            Deletion.finished_at.is_(None),
            Deletion.repository_uuid.is_not_distinct_from(repository_uuid),
        )
    )
    if under_way is not None:
        return under_way
    asked = Deletion(
        installation_id=installation.id,
        repository_uuid=repository_uuid,
        asked_at=now,
        asked_by_uuid=by_uuid,
        rows_deleted=0,
        next_attempt_at=now,
    )
    session.add(asked)
    session.flush()
    return asked


def newest(session: Session, installation: Installation, *, at_most: int = 20) -> Sequence[Deletion]:
    """The newest deletions of an installation, newest first."""
    rows = select(Deletion).where(Deletion.installation_id == installation.id)
    return session.scalars(rows.order_by(Deletion.asked_at.desc(), Deletion.id.desc()).limit(at_most)).all()


def is_under_way(session: Session, installation: Installation, repository_uuid: str | None) -> bool:
    """Whether rows of a repository, or without one of any, are still to go."""
    rows = select(Deletion.id).where(Deletion.installation_id == installation.id, Deletion.finished_at.is_(None))
    if repository_uuid is not None:
        about_it = Deletion.repository_uuid.is_(None) | (Deletion.repository_uuid == repository_uuid)
        rows = rows.where(about_it)
    return session.scalar(rows.limit(1)) is not None


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of deletions that a worker could claim now, the longest due first."""
    rows = select(Deletion.id).where(*_is_claimable(now)).order_by(Deletion.next_attempt_at, Deletion.id)
    return session.scalars(rows.limit(at_most)).all()


def claim(session: Session, deletion_id: int, *, now: datetime, lease: timedelta) -> Deletion | None:
    """The deletion, claimed; None where it is done, or not free. Commit before the first batch. Raises WrongId for what is no row id."""
    row_id = checked_row_id(deletion_id)
    free = update(Deletion).where(Deletion.id == row_id, *_is_claimable(now))
    if changed_rows(session, free.values(lease_owner=uuid4().hex, lease_until=now + lease)) != 1:
        return None
    return session.get(Deletion, row_id, populate_existing=True)


def delete_batch(
    session: Session, claimed: Deletion, *, owned: Sequence[type[Base]], at_most: int, lease_until: datetime
) -> int:
    """Delete some of the rows and renew the lease. Returns how many; 0 when none is left. Raises LeaseLost.

    `owned` are the tables with rows of an installation, in the order in which they may go.
    """
    _keep(session, claimed, lease_until=lease_until)
    deleted = deletion.delete_batch(session, _repositories(claimed), at_most=at_most)
    if not deleted:
        others = (changed_rows(session, one) for one in _others(claimed, owned, at_most))
        deleted = next(filter(None, others), 0)
    if deleted:
        counted = update(Deletion).where(Deletion.id == claimed.id)
        changed_rows(session, counted.values(rows_deleted=Deletion.rows_deleted + deleted))
    return deleted


def finish(session: Session, claimed: Deletion, *, now: datetime) -> None:
    """Note that nothing is left. Raises LeaseLost."""
    _keep(session, claimed, finished_at=now, next_attempt_at=None, lease_owner=None, lease_until=None)


def _repositories(claimed: Deletion) -> Select[int]:
    of_installation = deletion.of_installation(claimed.installation_id)
    if claimed.repository_uuid is None:
        return of_installation
    return of_installation.where(Repository.uuid == claimed.repository_uuid)


def _others(claimed: Deletion, owned: Sequence[type[Base]], at_most: int) -> Iterator[Delete]:
    """Statements that delete what is not history: of a repository its deliveries, of a workspace all else that is its."""
    if claimed.repository_uuid is not None:
        rows = select(Delivery.id).where(
            Delivery.installation_id == claimed.installation_id, Delivery.repository_uuid == claimed.repository_uuid
        )
        yield delete(Delivery).where(Delivery.id.in_(rows.limit(at_most)))
        return
    for table in owned:
        if table in KEPT_OF_A_WORKSPACE:
            continue
        columns = table.__table__.c
        rows = select(columns.id).where(columns.installation_id == claimed.installation_id)
        if table is SetupAudit:
            # That somebody deleted everything is the one thing that is still to be read afterwards.
            rows = rows.where(SetupAudit.at < claimed.asked_at)
        yield delete(table).where(columns.id.in_(rows.limit(at_most)))


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Deletion.finished_at.is_(None), Deletion.is_due_at(now), Deletion.is_free_at(now))


def _keep(session: Session, claimed: Deletion, **values: object) -> None:
    """Write the row if the claim is still good, and keep it from other writers until the commit."""
    ours = update(Deletion).where(Deletion.id == claimed.id, Deletion.lease_owner == claimed.lease_owner)
    if changed_rows(session, ours.values(values)) != 1:
        raise LeaseLost(f"deletion {claimed.id} is no longer ours")
