"""Data health: how true our copy is, how it fills, what the quota leaves, what has come of the webhooks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models import inbox
from models.inbox import Delivery
from models.installations import Installation
from models.repositories import Repository
from web.panels.parts import Moment, moment


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up: what it was about, why, and since when."""

    id: int
    event: str
    repository: str
    received: Moment
    attempts: str
    error: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything that the part of the page shows."""

    dead_letters: tuple[DeadLetter, ...]


def health_view(session: Session, installation: Installation, *, only: Repository | None, now: datetime) -> HealthView:
    """Return the health of a workspace's data, or of one repository's."""
    dead = inbox.dead_letters(session, installation)
    return HealthView(dead_letters=_dead_letters(dead, only=only, now=now))


def _dead_letters(rows: Iterable[Delivery], *, only: Repository | None, now: datetime) -> tuple[DeadLetter, ...]:
    return tuple(
        DeadLetter(
            id=row.id,
            event=row.event_key,
            repository=row.repository_uuid or "",
            received=moment(row.received_at, now=now),
            attempts=str(row.attempts),
            error=row.error or "",
        )
        for row in rows
        if only is None or row.repository_uuid == only.uuid
    )
