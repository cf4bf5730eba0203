"""Where collecting was stopped: an administrator has deleted a history, and Bittern shall not fill it again by itself.

A stop is about one repository, known by its UUID, or about the whole workspace. It is set in the transaction that locks the
repository and asks for the deletion, so whoever writes history under that lock afterwards sees it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Delete, ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement, SQLColumnExpression

from models.base import UUID_LENGTH, Base, UtcDateTime, row_id_column
from models.dialects import changed_rows, insert_unless_there
from models.installations import Installation

WHOLE_WORKSPACE: Final = ""
"""In the place of a repository's UUID: a unique key would take NULL twice."""


class CollectingStop(Base):
    """That an administrator has told Bittern to collect no more: of one repository, or of the whole workspace."""

    __tablename__ = "collecting_stops"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    repository_uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    """The repository; empty for the whole workspace."""
    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was told so."""
    stopped_by_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    """The account of the administrator; none once it was erased."""

    __table_args__ = (UniqueConstraint("installation_id", "repository_uuid"),)


def stop(
    session: Session, installation: Installation, repository_uuid: str | None, *, by_uuid: str, now: datetime
) -> None:
    """Collect no more of a repository, or without one of the whole workspace. One that is stopped stays so since then."""
    values = {
        "installation_id": installation.id,
        "repository_uuid": repository_uuid or WHOLE_WORKSPACE,
        "stopped_at": now,
        "stopped_by_uuid": by_uuid,
    }
    session.execute(insert_unless_there(session, CollectingStop, values, key=("installation_id", "repository_uuid")))


def resume(session: Session, installation: Installation, repository_uuid: str | None) -> bool:
    """Collect again: of a repository, or without one of the workspace and all that is in it. False where nothing was stopped."""
    return changed_rows(session, _deleted(installation, repository_uuid)) > 0


def is_stopped(session: Session, installation_id: int, repository_uuid: str | None) -> bool:
    """Whether nothing may be collected of a repository, or without one whether all collecting has stopped."""
    either = {WHOLE_WORKSPACE, repository_uuid or WHOLE_WORKSPACE}
    found = select(CollectingStop.id).where(
        CollectingStop.installation_id == installation_id, CollectingStop.repository_uuid.in_(sorted(either))
    )
    return session.scalar(found.limit(1)) is not None


def is_stopped_of(
    repository_uuid: SQLColumnExpression[str], installation_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """The same as a condition on the rows of some repositories."""
    found = select(CollectingStop.id).where(
        CollectingStop.installation_id == installation_id,
        CollectingStop.repository_uuid.in_((WHOLE_WORKSPACE, repository_uuid)),
    )
    return found.exists()


def stops(session: Session, installation: Installation) -> Mapping[str | None, datetime]:
    """Since when collecting has stopped, by repository; None stands for the whole workspace."""
    rows = select(CollectingStop.repository_uuid, CollectingStop.stopped_at).where(
        CollectingStop.installation_id == installation.id
    )
    return {uuid or None: stopped_at for uuid, stopped_at in session.execute(rows)}


def _deleted(installation: Installation, repository_uuid: str | None) -> Delete:
    of_installation = delete(CollectingStop).where(CollectingStop.installation_id == installation.id)
    if repository_uuid is None:
        return of_installation
    return of_installation.where(CollectingStop.repository_uuid == repository_uuid)
