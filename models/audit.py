"""The audit trail of the lifecycle: every install, uninstall, proof and purge, with what was decided and why. Append only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import CLIENT_KEY_LENGTH, UUID_LENGTH, Base, OutsideText, UtcDateTime, row_id_column


class LifecycleAudit(Base):
    """One thing that was done, or refused, to an installation. Holds no secret and no name."""

    __tablename__ = "lifecycle_audit"

    id: Mapped[int] = row_id_column()
    client_key: Mapped[str] = mapped_column(OutsideText(CLIENT_KEY_LENGTH))
    # Kept when the row goes: an unproved installation disappears altogether, its trail does not.
    installation_id: Mapped[int | None] = mapped_column(ForeignKey("installations.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(64))
    actor_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    request_id: Mapped[str | None] = mapped_column(OutsideText(64))

    __table_args__ = (Index(None, "client_key", "at"), Index(None, "installation_id"))


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened. `action` is a verb such as `installed`, `reason` a constant such as `lifecycle.first_install`."""

    client_key: str
    action: str
    reason: str
    installation_id: int | None = None
    actor_uuid: str | None = None
    request_id: str | None = None


def add(session: Session, entry: Entry, *, now: datetime) -> None:
    """Append an entry."""
    session.add(
        LifecycleAudit(
            client_key=entry.client_key,
            action=entry.action,
            reason=entry.reason,
            installation_id=entry.installation_id,
            actor_uuid=entry.actor_uuid,
            request_id=entry.request_id,
            at=now,
        )
    )


def newest(session: Session, client_key: str, *, limit: int = 50) -> Sequence[LifecycleAudit]:
    """The newest entries about a client key, newest first."""
    newest = select(LifecycleAudit).where(LifecycleAudit.client_key == client_key)
    return session.scalars(newest.order_by(LifecycleAudit.at.desc(), LifecycleAudit.id.desc()).limit(limit)).all()
