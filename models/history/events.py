"""What has happened to pull requests: one row for each happening, whether a webhook, the activity log or a snapshot told it.

Verdicts, and threads resolved and reopened, are told as such and stay. All other kinds are worked out anew from the rows of
the other tables whenever one of those changes.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Final

from msgspec import Struct
from sqlalchemy import UniqueConstraint, and_, delete, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from insights.facts.pull_requests import EventKind
from models.base import Base, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows
from models.history.columns import person_column, repository_column
from models.history.pull_requests import PullRequest
from models.history.rows import columns_of, grouped, read, write
from models.repositories import Repository

SUBJECT_LENGTH: Final = 64

TOLD_KINDS: Final = frozenset(
    {
        EventKind.APPROVED,
        EventKind.UNAPPROVED,
        EventKind.CHANGES_REQUESTED,
        EventKind.CHANGES_REQUEST_REMOVED,
        EventKind.THREAD_RESOLVED,
        EventKind.THREAD_REOPENED,
    }
)
"""Kinds that somebody tells of; rows of the others follow from other tables."""

PUSHES: Final = frozenset({EventKind.PUSHED, EventKind.FORCE_PUSHED})
"""Kinds whose subject is the head that the push left behind."""


class PullRequestEvent(Base):
    """One happening."""

    __tablename__ = "pull_request_events"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    pull_request: Mapped[int] = mapped_column()
    kind: Mapped[EventKind] = mapped_column(choice(EventKind, length=32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[str] = mapped_column(OutsideText(SUBJECT_LENGTH))
    """What tells it from another of its kind at the same time: the head of a push, a comment's id, who gave a verdict."""
    actor_id: Mapped[int | None] = person_column()

    __table_args__ = (
        UniqueConstraint("repository_id", "pull_request", "kind", "at", "subject", name="uq_pull_request_events_event"),
    )


class EventRow(Struct, frozen=True, kw_only=True):
    """One row, but for its id."""

    repository_id: int
    pull_request: int
    kind: EventKind
    at: datetime
    subject: str = ""
    actor_id: int | None = None

    @property
    def key(self) -> tuple[int, EventKind, datetime, str]:
        """What tells it from the others of its repository."""
        return (self.pull_request, self.kind, self.at, self.subject)


_COLUMNS = columns_of(PullRequestEvent, EventRow)


def held(session: Session, repository: Repository, numbers: Collection[int]) -> Mapping[int, list[EventRow]]:
    """The events of some pull requests, by number."""
    rows = select(*_COLUMNS).where(
        PullRequestEvent.repository_id == repository.id, PullRequestEvent.pull_request.in_(sorted(numbers))
    )
    return grouped(read(session, EventRow, rows), attrgetter("pull_request"))


def of_kinds_since(
    session: Session, repository: Repository, kinds: Collection[EventKind], start: datetime
) -> list[tuple[datetime, int | None, int | None]]:
    """When something of these kinds happened from a moment on, who did it, and whose pull request it was: row ids of people."""
    rows = (
        select(PullRequestEvent.at, PullRequestEvent.actor_id, PullRequest.author_id)
        .join(
            PullRequest,
            and_(
                PullRequest.repository_id == PullRequestEvent.repository_id,
                PullRequest.number == PullRequestEvent.pull_request,
            ),
        )
        .where(PullRequestEvent.repository_id == repository.id, PullRequestEvent.kind.in_(sorted(kinds)))
        .where(PullRequestEvent.at >= start)
    )
    return [(at, actor, author) for at, actor, author in session.execute(rows)]


def store(session: Session, rows: Sequence[EventRow]) -> None:
    """Write rows, new or not."""
    key = ("repository_id", "pull_request", "kind", "at", "subject")
    write(session, PullRequestEvent, rows, key=key)


def drop(session: Session, rows: Sequence[EventRow]) -> None:
    """Take out what turned out not to have happened so."""
    if not rows:
        return
    keys = [
        and_(
            PullRequestEvent.repository_id == row.repository_id,
            PullRequestEvent.pull_request == row.pull_request,
            PullRequestEvent.kind == row.kind,
            PullRequestEvent.at == row.at,
            PullRequestEvent.subject == row.subject,
        )
        for row in rows
    ]
    changed_rows(session, delete(PullRequestEvent).where(or_(*keys)))
