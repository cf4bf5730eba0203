"""Repositories of an installation: what they are called, where they are, and a version that moves with every change.

Known by UUID within one installation, never by name. Facts carry the time at which they were true, so that an event that
comes late never overwrites what a later one said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import UUID_LENGTH, Base, OutsideText, UtcDateTime, choice, is_storable, row_id_column, storable
from models.dialects import insert_unless_there
from models.installations import Installation


class RepositoryState(StrEnum):
    """Whether the repository is the installation's."""

    HELD = "held"
    GONE = "gone"


_WHERE_NOT_ASKED: Final[dict[str, Any]] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("history_asked_at IS NULL")
)


class Repository(Base):
    """A repository that the installation has, or had: deleted and transferred ones are `gone`."""

    __tablename__ = "repositories"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    workspace_uuid: Mapped[str] = mapped_column(String(UUID_LENGTH))
    slug: Mapped[str | None] = mapped_column(OutsideText(255))
    name: Mapped[str | None] = mapped_column(OutsideText(255))
    full_name: Mapped[str | None] = mapped_column(OutsideText(511))
    is_private: Mapped[bool | None] = mapped_column()
    main_branch: Mapped[str | None] = mapped_column(OutsideText(255))
    state: Mapped[RepositoryState] = mapped_column(choice(RepositoryState))
    version: Mapped[int] = mapped_column(default=0)
    facts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the facts of this row were true: the time of the newest event or read that was applied."""
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it turned out to be gone: its history is kept for a while, in case that it comes back."""

    history_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its history was asked for, and it has not been deleted since."""

    __table_args__ = (
        UniqueConstraint("installation_id", "uuid"),
        Index("ix_repositories_not_asked", "id", **_WHERE_NOT_ASKED),
    )


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What an event or an API answer says of a repository. None means that it does not say, and overwrites nothing."""

    uuid: str
    workspace_uuid: str | None = None
    slug: str | None = None
    name: str | None = None
    full_name: str | None = None
    is_private: bool | None = None
    main_branch: str | None = None

    def heard(self) -> "RepositoryFacts":
        """What of these facts is taken over where only a webhook tells them: that the repository is there, and that it is private.

        Bitbucket signs no bodies, and a token that somebody caught is good for an hour. What it is called, and that it is open
        to everybody, is believed of an answer of the API alone.
        """
        return RepositoryFacts(self.uuid, self.workspace_uuid, is_private=True if self.is_private else None)

    def differ_from(self, row: Repository) -> bool:
        """Whether the row says something else than these facts do."""
        return any(getattr(row, name) != value for name, value in self.said().items())

    def said(self) -> dict[str, str | bool]:
        """The facts that are given, by column, as the database keeps them: otherwise a long name would differ for ever."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "uuid"}
        return {
            name: value if isinstance(value, bool) else _as_kept(name, value)
            for name, value in values.items()
            if value is not None
        }


def _as_kept(column: str, text: str) -> str:
    length: int = Repository.__table__.c[column].type.length  # type: ignore[attr-defined]  # text columns have one
    return storable(text)[:length]


def find(session: Session, installation: Installation, uuid: str) -> Repository | None:
    """The installation's repository with this canonical UUID; None where it has none, or has it no more."""
    row = find_any(session, installation, uuid)
    return row if row is not None and row.state is RepositoryState.HELD else None


def find_any(session: Session, installation: Installation, uuid: str) -> Repository | None:
    """As `find`, with the repositories that are gone."""
    if not is_storable(uuid, length=UUID_LENGTH):
        return None
    return session.scalar(
        select(Repository).where(Repository.installation_id == installation.id, Repository.uuid == uuid)
    )


def held(session: Session, installation: Installation) -> Sequence[Repository]:
    """All repositories that the installation has, by full name."""
    rows = select(Repository).where(
        Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD
    )
    return session.scalars(rows.order_by(Repository.full_name, Repository.id)).all()


def record(
    session: Session, installation: Installation, facts: RepositoryFacts, *, as_of: datetime, now: datetime
) -> tuple[Repository, bool]:
    """Make the row say what was true at `as_of`, unless it says something newer.

    Returns the row, and whether it is new or changed: then it has moved on by one version.
    """
    row = _locked_or_new(session, installation, facts, as_of=as_of, now=now)
    if as_of < row.facts_at:
        return row, False
    changes = _changes(row, facts)
    row.facts_at = as_of
    if changes:
        _change(row, changes, now=now)
    return row, bool(changes)


def touch(row: Repository, *, now: datetime) -> None:
    """Move a locked row on by one version: something happened in the repository that its facts do not show."""
    _change(row, {}, now=now)


def let_go(
    session: Session, installation: Installation, facts: RepositoryFacts, *, as_of: datetime, now: datetime
) -> bool:
    """Mark a repository that was deleted or transferred away at `as_of` as gone. False where the row says something newer.

    One that was never seen is noted as gone too, so that an older event about it does not bring it to life.
    """
    row = _locked_or_new(session, installation, facts, as_of=as_of, now=now)
    if as_of < row.facts_at:
        return False
    row.facts_at = as_of
    row.gone_at = row.gone_at or now
    if row.state is RepositoryState.HELD:
        _change(row, {"state": RepositoryState.GONE}, now=now)
    return True


def locked(session: Session, installation: Installation, uuid: str) -> Repository | None:
    """As `find_any`, with the row kept from other writers until the commit."""
    return session.scalar(
        select(Repository)
        .where(Repository.installation_id == installation.id, Repository.uuid == uuid)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def locked_by_id(session: Session, repository_id: int) -> Repository | None:
    """The repository with this row id, kept from other writers until the commit; for work that knows it by no other name."""
    row = select(Repository).where(Repository.id == repository_id).with_for_update()
    return session.scalar(row.execution_options(populate_existing=True))


def _locked_or_new(
    session: Session, installation: Installation, facts: RepositoryFacts, *, as_of: datetime, now: datetime
) -> Repository:
    """The row of these facts, kept from other writers; where there is none, a new one that is not held yet."""
    row = locked(session, installation, facts.uuid)
    if row is not None:
        return row
    values = {
        "installation_id": installation.id,
        "uuid": facts.uuid,
        "workspace_uuid": facts.workspace_uuid or installation.principal_uuid,
        # Recording the facts is then its first change, and makes it version 1.
        "state": RepositoryState.GONE,
        "version": 0,
        "facts_at": as_of,
        "first_seen_at": now,
        "updated_at": now,
    }
    # Two workers may meet the repository at once: one inserts, the other waits and then finds the row.
    session.execute(insert_unless_there(session, Repository, values, key=("installation_id", "uuid")))
    row = locked(session, installation, facts.uuid)
    assert row is not None, "a row that was just inserted is there"  # noqa: S101 -- tells the type checker
    return row


def _changes(row: Repository, facts: RepositoryFacts) -> dict[str, str | bool]:
    changes = {name: value for name, value in facts.said().items() if getattr(row, name) != value}
    if row.state is not RepositoryState.HELD:
        changes["state"] = RepositoryState.HELD
        row.gone_at = None
    return changes


def _change(row: Repository, values: dict[str, str | bool], *, now: datetime) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = now
