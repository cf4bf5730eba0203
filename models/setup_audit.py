"""The audit trail of the set-up: what administrators have changed, exported, deleted and replayed. Append only.

It belongs to the workspace and goes with its data; what happened to the installation itself is in `models.audit`.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import UUID_LENGTH, Base, OutsideText, UtcDateTime, choice, row_id_column
from models.installations import Installation

ACTION_LENGTH = 24


class SetupAction(StrEnum):
    """What an administrator did."""

    SETTINGS_CHANGED = "settings_changed"
    EXPORTED = "exported"
    DELETION_ASKED = "deletion_asked"
    COLLECTING_RESUMED = "collecting_resumed"
    DELIVERY_REPLAYED = "delivery_replayed"


class Change(msgspec.Struct, frozen=True):
    """One setting, before and after, each as the form writes it."""

    setting: str
    before: str
    after: str


class SetupAudit(Base):
    """One thing that an administrator of the workspace did on the Setup pages."""

    __tablename__ = "setup_audit"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was done."""
    actor_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    """The account of the administrator; none once it was erased."""
    action: Mapped[SetupAction] = mapped_column(choice(SetupAction, length=ACTION_LENGTH))
    """What was done."""
    repository_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))
    """The repository that it was about, if it was about one."""
    changes: Mapped[str] = mapped_column(Text)
    """The settings that were changed, before and after, as JSON."""
    request_id: Mapped[str | None] = mapped_column(OutsideText(64))
    """The request, as the log names it."""

    __table_args__ = (Index(None, "installation_id", "at"),)

    def changed_settings(self) -> list[Change]:
        """The settings that were changed, in the order of the form."""
        return msgspec.json.decode(self.changes, type=list[Change])


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did."""

    action: SetupAction
    actor_uuid: str
    repository_uuid: str | None = None
    changes: tuple[Change, ...] = ()
    request_id: str | None = None


def add(session: Session, installation: Installation, entry: Entry, *, now: datetime) -> None:
    """Append an entry."""
    session.add(
        SetupAudit(
            installation_id=installation.id,
            at=now,
            actor_uuid=entry.actor_uuid,
            action=entry.action,
            repository_uuid=entry.repository_uuid,
            changes=msgspec.json.encode(entry.changes).decode(),
            request_id=entry.request_id,
        )
    )


def newest(session: Session, installation: Installation, *, at_most: int = 20) -> Sequence[SetupAudit]:
    """The newest entries of an installation, newest first."""
    rows = select(SetupAudit).where(SetupAudit.installation_id == installation.id)
    return session.scalars(rows.order_by(SetupAudit.at.desc(), SetupAudit.id.desc()).limit(at_most)).all()
