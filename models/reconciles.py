"""Comparisons with Bitbucket: one row a repository says when the next one is due, how far this one is, and what the last one found.

The row is the work, as everywhere: it is claimed with a lease, and a page's rows and its cursor are stored together. A comparison
that was stopped goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

import msgspec
from sqlalchemy import ForeignKey, Index, Text, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models import collecting
from models.base import Base, Leased, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows, insert_into
from models.errors import LeaseLost
from models.installations import Installation
from models.repositories import Repository, RepositoryState


class Stage(StrEnum):
    """What a comparison is at. In this order."""

    WAITING = "waiting"
    """No comparison is under way."""
    PULL_REQUESTS = "pull_requests"
    REFS = "refs"
    QUESTIONS = "questions"
    """What follows from the lists is marked to be asked."""


class Drift(StrEnum):
    """What was found to be different though no event had told of it."""

    REPOSITORY = "repository"
    PULL_REQUEST = "pull_request"
    ACTIVITY = "activity"
    """Comments, verdicts and pushes of a pull request."""
    REF = "ref"
    COMMIT = "commit"
    BUILD = "build"
    DEPLOYMENT = "deployment"


ERROR_LENGTH: Final = 500
CATCH_UP_EVERY: Final = timedelta(hours=1)

_decode_drift: Final = msgspec.json.Decoder(dict[Drift, int]).decode


class Reconcile(Leased, Base):
    """The comparisons of one repository. The next is due, or goes on, at `next_attempt_at`."""

    __tablename__ = "reconciles"

    id: Mapped[int] = row_id_column()
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), unique=True)
    stage: Mapped[Stage] = mapped_column(choice(Stage))
    cursor: Mapped[str | None] = mapped_column(Text)
    """The address of the next page of this stage; None at its beginning."""
    is_whole: Mapped[bool] = mapped_column(default=False)
    """Whether this one, or the next, looks at everything and not only at what has changed since the last."""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the comparison that is under way, or the last one, began: what it read was true then or later."""
    stage_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last one that came to its end had begun: the next one looks at what changed since."""
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures in a row."""
    error: Mapped[str | None] = mapped_column(OutsideText(ERROR_LENGTH))
    calls: Mapped[int] = mapped_column(default=0)
    """Calls of the comparison that is under way, or of the last one, with the questions that it asked."""
    drift: Mapped[str] = mapped_column(Text)
    """How much the same one found of each kind, as JSON that only this module reads and writes."""
    drift_total: Mapped[int] = mapped_column(default=0)
    """All that was ever found."""

    __table_args__ = (Index(None, "next_attempt_at"),)

    def found(self) -> Mapping[Drift, int]:
        """The drift by kind."""
        return _decode_drift(self.drift)


@dataclass(frozen=True, slots=True)
class Claimed:
    """The right to go on with one comparison until the lease ends. `owner` names this claim and no other."""

    id: int
    repository_id: int
    repository_uuid: str
    installation_id: int
    stage: Stage
    cursor: str | None
    is_whole: bool
    started_at: datetime
    stage_started_at: datetime
    watched_since: datetime
    """What changed before this moment is the backfill's."""
    compared_until: datetime
    """What changed before this moment has been compared."""
    is_first: bool
    """Whether none has come to its end before."""
    attempts: int
    owner: str


def of(session: Session, repository: Repository) -> Reconcile | None:
    """The comparisons of a repository; None where none was ever planned."""
    rows = select(Reconcile).where(Reconcile.repository_id == repository.id)
    return session.scalar(rows.execution_options(populate_existing=True))


def of_installation(session: Session, installation: Installation) -> Sequence[Reconcile]:
    """Those of all repositories that an installation has."""
    rows = select(Reconcile).join(Repository, Repository.id == Reconcile.repository_id)
    rows = rows.where(Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD)
    return session.scalars(rows.order_by(Reconcile.id)).all()


def unplanned(session: Session, *, at_most: int) -> Sequence[Repository]:
    """Repositories for which no comparison is planned, and which an administrator has not told us to leave alone."""
    rows = select(Repository).join(Installation, Installation.id == Repository.installation_id)
    rows = rows.outerjoin(Reconcile, Reconcile.repository_id == Repository.id)
    rows = rows.where(
        Installation.state == InstallationState.ACTIVE,
        Repository.state == RepositoryState.HELD,
        Reconcile.id.is_(None),
        ~collecting.is_stopped_of(Repository.uuid, Repository.installation_id),
    )
    return session.scalars(rows.order_by(Repository.id).limit(at_most)).all()


def plan(session: Session, repository: Repository, *, at: datetime) -> None:
    """Plan the first comparison of a repository, where none is planned yet."""
    values = {
        "repository_id": repository.id,
        "stage": Stage.WAITING,
        "is_whole": False,
        "next_attempt_at": at,
        "attempts": 0,
        "calls": 0,
        "drift": "{}",
        "drift_total": 0,
    }
    session.execute(insert_into(session, Reconcile).values(**values).on_conflict_do_nothing())


def hasten(session: Session, repository: Repository, *, now: datetime, is_whole: bool = False) -> None:
    """Have a repository compared now; `is_whole`: all of it, whatever was compared before."""
    plan(session, repository, at=now)
    values: dict[str, object] = {"next_attempt_at": now}
    if is_whole:
        values |= {"is_whole": True, "stage": Stage.WAITING, "cursor": None, "lease_owner": None, "lease_until": None}
    changed_rows(session, update(Reconcile).where(Reconcile.repository_id == repository.id).values(values))


def catch_up(session: Session, *, now: datetime, at_once: int, installation_id: int | None = None) -> int:
    """Have every repository compared, of all installations or of one: events have been lost. Returns how many.

    Those with the latest changes come first. Of each installation so many begin `at_once`, as many an hour later, and so on: the
    quota is for what happens now as well. One that is under way begins anew, since what it has listed may be older.
    """
    order = (Repository.updated_at.desc(), Repository.id)
    turn = func.row_number().over(partition_by=Repository.installation_id, order_by=order).label("turn")
    rows = select(Reconcile.id, Reconcile.stage, Reconcile.next_attempt_at, turn)
    rows = rows.join(Repository, Repository.id == Reconcile.repository_id)
    rows = rows.join(Installation, Installation.id == Repository.installation_id).where(
        Installation.state == InstallationState.ACTIVE, Repository.state == RepositoryState.HELD
    )
    if installation_id is not None:
        rows = rows.where(Installation.id == installation_id)
    found = session.execute(rows.order_by(Reconcile.id)).all()
    for row in found:
        # A moment apart, so that they keep their order.
        at = now + (row.turn - 1) // at_once * CATCH_UP_EVERY + row.turn * timedelta(microseconds=1)
        if row.stage is Stage.WAITING and row.next_attempt_at is not None:
            at = min(at, row.next_attempt_at)
        values = _anew(at) | {"attempts": 0}
        changed_rows(session, update(Reconcile).where(Reconcile.id == row.id).values(values))
    return len(found)


def end_all(session: Session, installation: Installation, *, now: datetime) -> None:
    """Take every comparison of an installation away from whoever is at it, and have all begin anew when the app is back."""
    ours = Reconcile.repository_id.in_(select(Repository.id).where(Repository.installation_id == installation.id))
    changed_rows(session, update(Reconcile).where(ours).values(_anew(now)))


def end(session: Session, repository: Repository, *, now: datetime) -> None:
    """The same for one repository."""
    changed_rows(session, update(Reconcile).where(Reconcile.repository_id == repository.id).values(_anew(now)))


def _anew(now: datetime) -> dict[str, object]:
    over: dict[str, object] = {"lease_owner": None, "lease_until": None, "cursor": None}
    return over | {"stage": Stage.WAITING, "next_attempt_at": now}


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of comparisons that could begin, or go on, now: the longest due of each installation, then the next of each."""
    order = (Reconcile.next_attempt_at, Reconcile.id)
    turn = func.row_number().over(partition_by=Repository.installation_id, order_by=order).label("turn")
    rows = select(Reconcile.id, turn, order[0]).join(Repository, Repository.id == Reconcile.repository_id)
    rows = rows.join(Installation, Installation.id == Repository.installation_id).where(
        Installation.state == InstallationState.ACTIVE, Repository.state == RepositoryState.HELD, *_is_claimable(now)
    )
    found = rows.subquery()
    ordered = select(found.c.id).order_by(found.c.turn, found.c.next_attempt_at, found.c.id)
    return session.scalars(ordered.limit(at_most)).all()


def claim(session: Session, reconcile_id: int, *, now: datetime, lease: timedelta) -> Claimed | None:
    """Claim a comparison, to begin it or to go on with it; None where it is not due, or not free. Commit before the first call."""
    owner = uuid4().hex
    free = update(Reconcile).where(Reconcile.id == reconcile_id, *_is_claimable(now))
    if changed_rows(session, free.values(lease_owner=owner, lease_until=now + lease)) != 1:
        return None
    row = session.get_one(Reconcile, reconcile_id, populate_existing=True)
    repository = session.get_one(Repository, row.repository_id, populate_existing=True)
    installation = session.get_one(Installation, repository.installation_id, populate_existing=True)
    # What happened between the installation and our first word of the repository was told to us, and got lost.
    watched_since = min(installation.installed_at, repository.first_seen_at)
    if row.stage is Stage.WAITING:
        _begin(row, now=now)
    return Claimed(
        id=row.id,
        repository_id=repository.id,
        repository_uuid=repository.uuid,
        installation_id=repository.installation_id,
        stage=row.stage,
        cursor=row.cursor,
        is_whole=row.is_whole,
        started_at=row.started_at or now,
        stage_started_at=row.stage_started_at or now,
        watched_since=watched_since,
        compared_until=row.compared_until or watched_since,
        is_first=row.compared_until is None,
        attempts=row.attempts,
        owner=owner,
    )


def _begin(row: Reconcile, *, now: datetime) -> None:
    row.stage, row.cursor = Stage.PULL_REQUESTS, None
    row.started_at = row.stage_started_at = now
    row.calls, row.drift = 0, "{}"


def keep(session: Session, claimed: Claimed, *, until: datetime) -> None:
    """Renew the lease and count a call. Raises LeaseLost."""
    _write(session, claimed, lease_until=until, calls=Reconcile.calls + 1)


def hold(session: Session, claimed: Claimed) -> None:
    """Keep the row from other writers until the commit. Raises LeaseLost."""
    _write(session, claimed, lease_owner=claimed.owner)


def turn_page(session: Session, claimed: Claimed, *, cursor: str) -> None:
    """Note where the stage goes on, in the transaction that stored the page. Raises LeaseLost."""
    _write(session, claimed, cursor=cursor, attempts=0, error=None)


def looked_at(session: Session, repository: Repository) -> datetime | None:
    """When comparisons last did anything about a repository; None before the first."""
    row = session.execute(
        select(Reconcile.stage_started_at, Reconcile.finished_at).where(Reconcile.repository_id == repository.id)
    ).one_or_none()
    return max((at for at in row or () if at is not None), default=None)


def enter(session: Session, claimed: Claimed, stage: Stage, *, now: datetime) -> None:
    """Go on with the next stage, in the transaction that stored the last page of this one. Raises LeaseLost."""
    _write(session, claimed, stage=stage, cursor=None, stage_started_at=now, attempts=0, error=None)


def finish(session: Session, claimed: Claimed, *, now: datetime, next_at: datetime) -> None:
    """End a comparison: the next one looks at what changed since this one began. Raises LeaseLost."""
    _release(
        session,
        claimed,
        stage=Stage.WAITING,
        cursor=None,
        is_whole=False,
        compared_until=claimed.started_at,
        finished_at=now,
        next_attempt_at=next_at,
        attempts=0,
        error=None,
    )


def pause(session: Session, claimed: Claimed, *, until: datetime) -> None:
    """Let others have their turn, or wait for the quota; it goes on where it is. Raises LeaseLost."""
    _release(session, claimed, next_attempt_at=until)


def fail(session: Session, claimed: Claimed, *, error: str, retry_at: datetime, starts_over: bool = False) -> None:
    """Give a comparison back until a later time. It goes on where it is, unless its stage `starts_over`. Raises LeaseLost."""
    again: dict[str, object] = {"cursor": None} if starts_over else {}
    _release(session, claimed, next_attempt_at=retry_at, error=error, attempts=claimed.attempts + 1, **again)


def count_call(session: Session, repository_id: int) -> None:
    """Count a call that a question of the comparison under way, or of the last one, costs."""
    ours = update(Reconcile).where(Reconcile.repository_id == repository_id)
    changed_rows(session, ours.values(calls=Reconcile.calls + 1))


def note(session: Session, repository: Repository, found: Mapping[Drift, int]) -> None:
    """Add to what the comparison under way, or the last one, has found."""
    some = {kind: count for kind, count in found.items() if count}
    if not some:
        return
    row = session.scalar(select(Reconcile).where(Reconcile.repository_id == repository.id).with_for_update())
    if row is None:
        return
    before = row.found()
    row.drift = msgspec.json.encode(
        {**before, **{kind: before.get(kind, 0) + count for kind, count in some.items()}}
    ).decode()
    row.drift_total += sum(some.values())
    session.flush()


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Reconcile.is_due_at(now), Reconcile.is_free_at(now))


def _write(session: Session, claimed: Claimed, **values: object) -> None:
    ours = update(Reconcile).where(Reconcile.id == claimed.id, Reconcile.lease_owner == claimed.owner)
    if changed_rows(session, ours.values(values)) != 1:
        raise LeaseLost(f"the comparison {claimed.id} is no longer ours")


def _release(session: Session, claimed: Claimed, **values: object) -> None:
    _write(session, claimed, lease_owner=None, lease_until=None, **values)
