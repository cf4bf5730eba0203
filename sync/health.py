"""How well we are told of an installation, for its Setup page: events, deliveries, comparisons, calls. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from models import censuses, inbox, quota, reconciles, repositories
from models.history import follow_ups
from models.inbox import DeliveryState
from models.reconciles import Drift, Stage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.installations import Installation
    from models.quota import Usage
    from models.reconciles import Reconcile
    from models.repositories import Repository

DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
STALE_AFTER: Final = timedelta(hours=6)
"""So long without an event, and a page says when the last one came."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up."""

    id: int
    event_key: str
    repository_uuid: str | None
    received_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparisons of one repository with Bitbucket, or of all of an installation's together.

    `found` is what the last one found that no event had told, `calls` what it cost; `finished_at` is the oldest of several.
    """

    is_under_way: bool
    finished_at: datetime | None
    next_at: datetime | None
    found: Mapping[Drift, int]
    found_ever: int
    calls: int
    errors: Sequence[str]

    @property
    def drift(self) -> int:
        """All that the last one found."""
        return sum(self.found.values())


@dataclass(frozen=True, slots=True)
class Health:
    """What the Setup page says of an installation, or of one of its repositories. Calls are always the installation's."""

    last_event_at: datetime | None
    events_last_hour: int
    events_last_day: int
    deliveries: Mapping[DeliveryState, int]
    """Of the last day, by what has become of them; dead ones of all time."""
    dead_letters: Sequence[DeadLetter]
    open_questions: int
    comparison: Comparison
    counted_at: datetime | None
    """When the repositories of the workspace were last listed."""
    calls: "Usage"

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is long ago that an event came."""
        return self.last_event_at is None or now - self.last_event_at > STALE_AFTER


def health_of(
    session: "Session",
    installation: "Installation",
    *,
    now: datetime,
    calls_per_hour: int,
    repository: "Repository | None" = None,
) -> Health:
    """The health of an installation, or of one of its repositories."""
    uuid = repository.uuid if repository is not None else None
    census = censuses.of(session, installation)
    return Health(
        last_event_at=inbox.last_received_at(session, installation, repository_uuid=uuid),
        events_last_hour=sum(inbox.outcomes(session, installation, since=now - HOUR, repository_uuid=uuid).values()),
        events_last_day=sum(inbox.outcomes(session, installation, since=now - DAY, repository_uuid=uuid).values()),
        deliveries=_deliveries(session, installation, now=now, repository_uuid=uuid),
        dead_letters=_dead_letters(session, installation, repository_uuid=uuid),
        open_questions=_open_questions(session, installation, repository),
        comparison=_comparison(session, installation, repository),
        counted_at=census.taken_at if census is not None else None,
        calls=quota.usage(session, installation, limit=calls_per_hour, now=now),
    )


def _deliveries(
    session: "Session", installation: "Installation", *, now: datetime, repository_uuid: str | None
) -> Mapping[DeliveryState, int]:
    counted = inbox.outcomes(session, installation, since=now - DAY, repository_uuid=repository_uuid)
    return {**counted, DeliveryState.DEAD: inbox.count_dead(session, installation, repository_uuid=repository_uuid)}


def _dead_letters(
    session: "Session", installation: "Installation", *, repository_uuid: str | None
) -> Sequence[DeadLetter]:
    letters = inbox.dead_letters(session, installation)
    return [
        DeadLetter(
            id=letter.id,
            event_key=letter.event_key,
            repository_uuid=letter.repository_uuid,
            received_at=letter.received_at,
            attempts=letter.attempts,
            error=letter.error or "",
        )
        for letter in letters
        if repository_uuid is None or letter.repository_uuid == repository_uuid
    ]


def _open_questions(session: "Session", installation: "Installation", repository: "Repository | None") -> int:
    if repository is None:
        return follow_ups.count_of(session, installation)
    return follow_ups.count(session, repository)


def _comparison(session: "Session", installation: "Installation", repository: "Repository | None") -> Comparison:
    if repository is None:
        rows = reconciles.of_installation(session, installation)
    else:
        row = reconciles.of(session, repository)
        rows = [] if row is None else [row]
    return together(rows)


def together(rows: "Sequence[Reconcile]") -> Comparison:
    """Several comparisons as one. Pure."""
    found: dict[Drift, int] = {}
    for row in rows:
        for kind, count in row.found().items():
            found[kind] = found.get(kind, 0) + count
    ends = [row.finished_at for row in rows]
    return Comparison(
        is_under_way=any(row.stage is not Stage.WAITING for row in rows),
        finished_at=min((at for at in ends if at is not None), default=None) if None not in ends else None,
        next_at=min((row.next_attempt_at for row in rows if row.next_attempt_at is not None), default=None),
        found=found,
        found_ever=sum(row.drift_total for row in rows),
        calls=sum(row.calls for row in rows),
        errors=[row.error for row in rows if row.error],
    )


def repositories_of(session: "Session", installation: "Installation") -> "Sequence[Repository]":
    """The repositories that a health page lists."""
    return repositories.held(session, installation)
