"""What each workspace has decided about its numbers: one row an installation, and none for one that never decided.

The version moves with every change: whatever was worked out under an older one is out of date.
"""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import ForeignKey, Select, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.settings import WorkspaceSettings
from models.base import UUID_LENGTH, Base, UtcDateTime, row_id_column
from models.installations import Installation

FIRST_VERSION: Final = 0
"""The version of settings that nobody has changed yet."""


class SettingsOfWorkspace(Base):
    """The settings of one installation's workspace, as JSON that only this module reads and writes."""

    __tablename__ = "workspace_settings"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"), unique=True)
    version: Mapped[int] = mapped_column()
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_uuid: Mapped[str | None] = mapped_column(String(UUID_LENGTH))


class StoredSettings(msgspec.Struct, frozen=True):
    """The settings that hold now, and their version."""

    version: int
    settings: WorkspaceSettings


def read(session: Session, installation: Installation) -> StoredSettings:
    """The settings of a workspace; the defaults where nobody has changed any."""
    return _stored(session.scalar(_of(installation)))


def write(
    session: Session, installation: Installation, settings: WorkspaceSettings, *, by_uuid: str | None, now: datetime
) -> StoredSettings:
    """Make these the settings of a workspace, as one version later. Writing what holds already changes nothing."""
    row = session.scalar(_of(installation).with_for_update())
    held = _stored(row)
    if held.settings == settings:
        return held
    if row is None:
        row = SettingsOfWorkspace(installation_id=installation.id)
        session.add(row)
    row.version = held.version + 1
    row.body = msgspec.json.encode(settings).decode()
    row.changed_at = now
    row.changed_by_uuid = by_uuid
    session.flush()
    return StoredSettings(row.version, settings)


def _of(installation: Installation) -> Select[SettingsOfWorkspace]:
    rows = select(SettingsOfWorkspace).where(SettingsOfWorkspace.installation_id == installation.id)
    return rows.execution_options(populate_existing=True)


def _stored(row: SettingsOfWorkspace | None) -> StoredSettings:
    if row is None:
        return StoredSettings(FIRST_VERSION, WorkspaceSettings())
    return StoredSettings(row.version, msgspec.json.decode(row.body, type=WorkspaceSettings))
