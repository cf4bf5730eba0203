"""What an event could not tell and has to be asked for: a row for each question that is open. The rows are the work.

An event marks a follow-up, which comes due a little later, so that a burst of events costs one call. A mark that arrives
while the question is being asked outlives the answer, since the answer may be older than the mark. The nightly comparison
marks questions as well: those are routine, until an event asks the same.

Locks are always taken in the order installation, repository, reconcile, follow-up; one that a worker has claimed, it may lock
before the reconcile.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

from sqlalchemy import Index, UniqueConstraint, and_, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models.base import Base, Leased, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows, insert_into
from models.errors import LeaseLost
from models.history.columns import repository_column
from models.installations import Installation
from models.repositories import Repository, RepositoryState

SUBJECT_LENGTH: Final = 255


class FollowUpKind(StrEnum):
    """What has to be asked for, and what the subject of the row is."""

    REPOSITORY = "repository"
    """What the repository is called, and whether it is private. Subject: empty."""
    PULL_REQUEST = "pull_request"
    """The pull request itself. Subject: its number."""
    ACTIVITY = "activity"
    """The activity log of a pull request whose beginning nobody told us of. Subject: its number."""
    DIFFSTAT = "diffstat"
    """The files of a pull request whose head has moved. Subject: its number."""
    PULL_REQUEST_COMMITS = "pull_request_commits"
    """The commits of a pull request whose head has moved. Subject: its number."""
    TASKS = "tasks"
    """The tasks of a pull request. Subject: its number."""
    PUSHED_COMMITS = "pushed_commits"
    """Commits that a push did not list. Subject: `old..new`, full hashes; `..new` for a new branch."""
    DEPLOYMENTS = "deployments"
    """Deployments since the last known one. Subject: empty."""
    BUILDS = "builds"
    """What builds say of a commit. Subject: its full hash."""
    PULL_REQUEST_BUILDS = "pull_request_builds"
    """What builds say of the commits of a pull request. Subject: its number."""
    COMMIT = "commit"
    """A commit that only a pull request tells of, and no branch reaches any more. Subject: its cut hash."""
    REF = "ref"
    """A branch or tag that a long list did not show. Subject: its kind, a colon, its name."""


class FollowUp(Leased, Base):
    """One open question. It is due at `next_attempt_at`."""

    __tablename__ = "follow_ups"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = repository_column()
    kind: Mapped[FollowUpKind] = mapped_column(choice(FollowUpKind, length=32))
    subject: Mapped[str] = mapped_column(OutsideText(SUBJECT_LENGTH))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was last asked for."""
    attempts: Mapped[int] = mapped_column(default=0)
    is_routine: Mapped[bool] = mapped_column(default=False)
    """Whether only the nightly comparison has asked for it, and no event."""

    __table_args__ = (
        UniqueConstraint("repository_id", "kind", "subject"),
        Index(None, "next_attempt_at"),
    )


@dataclass(frozen=True, slots=True)
class ClaimedFollowUp:
    """The right to answer one question until the lease ends. `owner` names this claim and no other."""

    id: int
    repository_id: int
    installation_id: int
    kind: FollowUpKind
    subject: str
    marked_at: datetime
    attempts: int
    is_routine: bool
    owner: str


def mark(  # noqa: PLR0913 - what, for whom, and when
    session: Session,
    repository: Repository,
    kind: FollowUpKind,
    subjects: Collection[str],
    *,
    now: datetime,
    delay: timedelta,
    is_routine: bool = False,
) -> None:
    """Ask for something, due after a delay; what is marked already stays due when it was."""
    if not subjects:
        return
    rows = [
        {
            "repository_id": repository.id,
            "kind": kind,
            "subject": subject,
            "marked_at": now,
            "next_attempt_at": now + delay,
            "attempts": 0,
            "is_routine": is_routine,
        }
        for subject in sorted(set(subjects))
    ]
    insert = insert_into(session, FollowUp)
    again = {
        "marked_at": insert.excluded.marked_at,
        "is_routine": and_(FollowUp.is_routine, insert.excluded.is_routine),
    }
    session.execute(insert.on_conflict_do_update(index_elements=["repository_id", "kind", "subject"], set_=again), rows)


def pending(session: Session, repository: Repository) -> Sequence[tuple[FollowUpKind, str]]:
    """The open questions about a repository, in a fixed order."""
    rows = select(FollowUp.kind, FollowUp.subject).where(FollowUp.repository_id == repository.id)
    return [(kind, subject) for kind, subject in session.execute(rows.order_by(FollowUp.kind, FollowUp.subject))]


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of questions that could be asked now: the longest due of each installation, then the next of each."""
    in_turn = (FollowUp.is_routine, FollowUp.next_attempt_at, FollowUp.id)
    turn = func.row_number().over(partition_by=Repository.installation_id, order_by=in_turn).label("turn")
    rows = select(FollowUp.id, turn, *in_turn[:2]).join(Repository, Repository.id == FollowUp.repository_id)
    rows = rows.join(Installation, Installation.id == Repository.installation_id).where(
        Installation.state == InstallationState.ACTIVE, Repository.state == RepositoryState.HELD, *_is_claimable(now)
    )
    found = rows.subquery()
    ordered = select(found.c.id).order_by(found.c.turn, found.c.is_routine, found.c.next_attempt_at, found.c.id)
    return session.scalars(ordered.limit(at_most)).all()


def due_of(session: Session, installation: Installation, *, now: datetime, at_most: int) -> Sequence[int]:
    """The same for one installation."""
    rows = select(FollowUp.id).join(Repository, Repository.id == FollowUp.repository_id)
    rows = rows.where(
        Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD, *_is_claimable(now)
    )
    return session.scalars(rows.order_by(FollowUp.next_attempt_at, FollowUp.id).limit(at_most)).all()


def due_about(session: Session, repository: Repository, *, now: datetime, at_most: int) -> Sequence[int]:
    """The same for one repository."""
    rows = select(FollowUp.id).where(FollowUp.repository_id == repository.id, *_is_claimable(now))
    return session.scalars(rows.order_by(FollowUp.next_attempt_at, FollowUp.id).limit(at_most)).all()


def claim(session: Session, follow_up_id: int, *, now: datetime, lease: timedelta) -> ClaimedFollowUp | None:
    """Claim a question; None where it is not due, or not free. Commit before it is asked."""
    owner = uuid4().hex
    free = update(FollowUp).where(FollowUp.id == follow_up_id, *_is_claimable(now))
    values = {"lease_owner": owner, "lease_until": now + lease, "attempts": FollowUp.attempts + 1}
    if changed_rows(session, free.values(values)) != 1:
        return None
    row = session.execute(
        select(FollowUp.__table__, Repository.installation_id)
        .join(Repository, Repository.id == FollowUp.repository_id)
        .where(FollowUp.id == follow_up_id)
    ).one()
    return ClaimedFollowUp(
        id=row.id,
        repository_id=row.repository_id,
        installation_id=row.installation_id,
        kind=row.kind,
        subject=row.subject,
        marked_at=row.marked_at,
        attempts=row.attempts,
        is_routine=row.is_routine,
        owner=owner,
    )


def finish(session: Session, claimed: ClaimedFollowUp, *, now: datetime) -> None:
    """Close a question in the transaction that stored its answer, unless it was marked again meanwhile. Raises LeaseLost."""
    unchanged = delete(FollowUp).where(*_is_held(claimed), FollowUp.marked_at == claimed.marked_at)
    if changed_rows(session, unchanged) == 0:
        _release(session, claimed, next_attempt_at=now, attempts=0)


def fail(session: Session, claimed: ClaimedFollowUp, *, retry_at: datetime) -> None:
    """Give a question back until a later time. Raises LeaseLost."""
    _release(session, claimed, next_attempt_at=retry_at)


def postpone(session: Session, claimed: ClaimedFollowUp, *, until: datetime) -> None:
    """Give a question back that could not be asked at all: that is no attempt. Raises LeaseLost."""
    _release(session, claimed, next_attempt_at=until, attempts=max(0, claimed.attempts - 1))


def keep(session: Session, claimed: ClaimedFollowUp, *, until: datetime) -> None:
    """Renew the lease, and keep the row from other writers until the commit. Raises LeaseLost."""
    held = update(FollowUp).where(*_is_held(claimed)).values(lease_until=until)
    if changed_rows(session, held) != 1:
        raise LeaseLost(f"follow-up {claimed.id} is no longer ours")


def release_all(session: Session, installation: Installation) -> int:
    """Take every question of an installation away from whoever asks it: what they still write is refused. Returns how many."""
    ours = select(Repository.id).where(Repository.installation_id == installation.id)
    leased = update(FollowUp).where(FollowUp.repository_id.in_(ours), FollowUp.lease_owner.is_not(None))
    return changed_rows(session, leased.values(lease_owner=None, lease_until=None))


def release_of(session: Session, repository: Repository) -> int:
    """The same for one repository."""
    leased = update(FollowUp).where(FollowUp.repository_id == repository.id, FollowUp.lease_owner.is_not(None))
    return changed_rows(session, leased.values(lease_owner=None, lease_until=None))


def drop(session: Session, claimed: ClaimedFollowUp) -> None:
    """Give a question up: what it is about is gone. Raises LeaseLost."""
    if changed_rows(session, delete(FollowUp).where(*_is_held(claimed))) != 1:
        raise LeaseLost(f"follow-up {claimed.id} is no longer ours")


def count(session: Session, repository: Repository, *, is_routine: bool | None = None) -> int:
    """How many questions are open about a repository; only routine ones, or only others, where that is said."""
    rows = select(func.count()).where(FollowUp.repository_id == repository.id)
    if is_routine is not None:
        rows = rows.where(FollowUp.is_routine.is_(is_routine))
    return session.scalar(rows) or 0


def count_of(session: Session, installation: Installation) -> int:
    """How many questions are open about all repositories that an installation has."""
    rows = select(func.count()).select_from(FollowUp).join(Repository, Repository.id == FollowUp.repository_id)
    rows = rows.where(Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD)
    return session.scalar(rows) or 0


def _release(session: Session, claimed: ClaimedFollowUp, **values: object) -> None:
    released = update(FollowUp).where(*_is_held(claimed)).values(lease_owner=None, lease_until=None, **values)
    if changed_rows(session, released) != 1:
        raise LeaseLost(f"follow-up {claimed.id} is no longer ours")


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (FollowUp.is_due_at(now), FollowUp.is_free_at(now))


def _is_held(claimed: ClaimedFollowUp) -> tuple[ColumnElement[bool], ...]:
    return (FollowUp.id == claimed.id, FollowUp.lease_owner == claimed.owner)
