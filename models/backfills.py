"""Backfills: how far the history of each repository has been read, page by page. The rows are the work.

A page is claimed with a lease, under a name that is made anew for each claim; its rows, the cursor behind it and the end of the
lease are committed together, so a page counts wholly or not at all, and once. Turns go around the installations; within one,
a repository that somebody looks at comes first, then whatever is at the earliest stage.

Locks are always taken in the order installation, backfill, repository.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    ForeignKey,
    Index,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from connect.lifecycle import InstallationState
from models import collecting, quota
from models.backfill_stages import ORDER, Stage
from models.base import Base, Leased, OutsideText, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows, insert_into
from models.errors import LeaseLost
from models.installations import Installation
from models.leaps import installations_with_any
from models.quota import Quota
from models.repositories import Repository, RepositoryState

_WHERE_WAITING: Final[dict[str, Any]] = dict.fromkeys(
    ("sqlite_where", "postgresql_where"), text("next_attempt_at IS NOT NULL")
)


class Backfill(Leased, Base):
    """How far one repository is. Work that is due has a `next_attempt_at`; one that is done has none."""

    __tablename__ = "backfills"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"), unique=True)
    stage: Mapped[Stage] = mapped_column(choice(Stage, length=32))
    cursor: Mapped[str | None] = mapped_column(Text)
    """Where in the stage; only `sync.backfill` knows how to read it. None at its beginning."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the next page was tried."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """How far back it reads."""
    pages: Mapped[int] = mapped_column(default=0)
    """Pages that are stored; each was stored once."""
    skipped: Mapped[int] = mapped_column(default=0)
    """What could not be read however often it was tried, or is there no more."""
    open_total: Mapped[int | None] = mapped_column()
    closed_total: Mapped[int | None] = mapped_column()
    """How many pull requests there were, as far as they were counted."""
    error: Mapped[str | None] = mapped_column(OutsideText(500))
    """Why the last attempt came to nothing."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody last looked at the repository before it was done."""

    __table_args__ = (
        Index(None, "installation_id", "next_attempt_at"),
        # Of those that are not done: what whoever looks for work looks through.
        Index("ix_backfills_waiting", "installation_id", "next_attempt_at", **_WHERE_WAITING),
    )


class RepositoryListing(Leased, Base):
    """How far the list of an installation's repositories has been read."""

    __tablename__ = "repository_listings"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"), unique=True)
    cursor: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    repositories: Mapped[int] = mapped_column(default=0)
    """How many it has brought so far."""
    error: Mapped[str | None] = mapped_column(OutsideText(500))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_repository_listings_waiting", "installation_id", **_WHERE_WAITING),)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do one page until the lease ends. `owner` names this claim and no other; `attempts` counts it."""

    table: type[Backfill] | type[RepositoryListing]
    row_id: int
    installation_id: int
    owner: str
    attempts: int


def begin(session: Session, installation: Installation, *, now: datetime) -> None:
    """Have the installation's repositories listed, and then their histories read. Does no harm where it has begun already."""
    quota.ensure(session, installation.id, now=now)
    values = {
        "installation_id": installation.id,
        "attempts": 0,
        "repositories": 0,
        "asked_at": now,
        "next_attempt_at": now,
    }
    insert = insert_into(session, RepositoryListing).values(**values)
    again = {name: insert.excluded[name] for name in values} | {"cursor": None, "error": None, "finished_at": None}
    is_over = RepositoryListing.__table__.c.finished_at.is_not(None)
    session.execute(insert.on_conflict_do_update(index_elements=["installation_id"], set_=again, where=is_over))


def ensure(session: Session, repository: Repository, *, since: datetime, now: datetime) -> bool:
    """Have the history of a repository read. Returns whether that is new; otherwise it goes on, or was read already."""
    quota.ensure(session, repository.installation_id, now=now)
    values = {
        "installation_id": repository.installation_id,
        "repository_id": repository.id,
        "stage": Stage.OPEN_PULL_REQUESTS,
        "attempts": 0,
        "since": since,
        "pages": 0,
        "skipped": 0,
        "asked_at": now,
        "next_attempt_at": now,
    }
    insert = insert_into(session, Backfill).values(**values)
    added = insert.on_conflict_do_nothing(index_elements=["repository_id"]).returning(Backfill.__table__.c.id)
    is_new = session.scalar(added) is not None
    if repository.history_asked_at is None:
        repository.history_asked_at = now
    return is_new


def restart(session: Session, repository: Repository, *, since: datetime, now: datetime) -> None:
    """Have the history read anew, from the first stage. Whoever is at a page of it loses the claim."""
    if ensure(session, repository, since=since, now=now):
        return
    anew = update(Backfill).where(Backfill.repository_id == repository.id)
    values = {
        "stage": Stage.OPEN_PULL_REQUESTS,
        "cursor": None,
        "attempts": 0,
        "since": since,
        "pages": 0,
        "skipped": 0,
        "open_total": None,
        "closed_total": None,
        "error": None,
        "asked_at": now,
        "started_at": None,
        "finished_at": None,
        "next_attempt_at": now,
        "lease_owner": None,
        "lease_until": None,
    }
    changed_rows(session, anew.values(values))


def prefer(session: Session, repository: Repository, *, now: datetime) -> None:
    """Somebody looks at the repository: its turn comes before that of others of its installation."""
    unfinished = update(Backfill).where(Backfill.repository_id == repository.id, Backfill.stage != Stage.DONE)
    changed_rows(session, unfinished.values(wanted_at=now))


def claim_next(session: Session, *, now: datetime, lease: timedelta) -> Claim | None:
    """Claim the page whose turn it is; None where none is due. Commit before it is asked for.

    Of an installation that lists its repositories the list comes first.
    """
    passed_over: list[int] = []
    while (installation_id := session.scalar(_next_in_turn(passed_over), {"now": now})) is not None:
        served = update(Quota).where(Quota.installation_id == installation_id).values(backfill_served_at=now)
        changed_rows(session, served)
        ours = {"ours": installation_id, "now": now}
        claimed = _take(
            session, RepositoryListing, session.scalar(_first_listing(), ours), now=now, lease=lease
        ) or _take(session, Backfill, session.scalar(_first_page(), ours), now=now, lease=lease)
        if claimed is not None:
            return claimed
        passed_over.append(installation_id)  # others have taken what was due since
    return None


def renew(session: Session, claimed: Claim, *, until: datetime) -> None:
    """Keep the claim for longer. Raises LeaseLost."""
    _write(session, claimed, lease_until=until, next_attempt_at=until)


def leased(session: Session, claimed: Claim) -> Backfill:
    """The backfill of a claim, kept from other writers until the commit. Raises LeaseLost where the claim is not good any more."""
    row = session.scalar(
        select(Backfill)
        .where(Backfill.id == claimed.row_id, Backfill.lease_owner == claimed.owner)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise LeaseLost(f"backfill {claimed.row_id} is no longer ours")
    return row


def leased_listing(session: Session, claimed: Claim) -> RepositoryListing:
    """The same for a list of repositories."""
    row = session.scalar(
        select(RepositoryListing)
        .where(RepositoryListing.id == claimed.row_id, RepositoryListing.lease_owner == claimed.owner)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise LeaseLost(f"listing {claimed.row_id} is no longer ours")
    return row


def give_back(session: Session, claimed: Claim, *, retry_at: datetime, error: str | None, counts: bool = True) -> None:
    """Leave the page to whoever comes after `retry_at`. `counts`: it was tried and failed. Raises LeaseLost."""
    attempts = claimed.attempts if counts else claimed.attempts - 1
    _write(
        session,
        claimed,
        lease_owner=None,
        lease_until=None,
        next_attempt_at=retry_at,
        error=error,
        attempts=attempts,
    )


def of_repository(session: Session, repository: Repository) -> Backfill | None:
    """The backfill of a repository; None where it was never asked for."""
    return session.scalar(select(Backfill).where(Backfill.repository_id == repository.id))


def of_installation(session: Session, installation: Installation) -> Sequence[tuple[Backfill, Repository]]:
    """The backfills of the repositories that an installation has, in the order of their names."""
    rows = (
        select(Backfill, Repository)
        .join(Repository, Repository.id == Backfill.repository_id)
        .where(Backfill.installation_id == installation.id, Repository.state == RepositoryState.HELD)
    )
    return [
        (one, repository) for one, repository in session.execute(rows.order_by(Repository.full_name, Repository.id))
    ]


def unfinished_of(session: Session, installation_id: int) -> Sequence[Backfill]:
    """The backfills of an installation that are not done."""
    rows = select(Backfill).where(Backfill.installation_id == installation_id, Backfill.stage != Stage.DONE)
    return session.scalars(rows.order_by(Backfill.id)).all()


def listing_of(session: Session, installation: Installation) -> RepositoryListing | None:
    """How far the list of an installation's repositories is; None where it was never asked for."""
    return session.scalar(select(RepositoryListing).where(RepositoryListing.installation_id == installation.id))


def unlisted(session: Session, *, at_most: int) -> Sequence[int]:
    """Active installations whose repositories were never asked for, and that want them collected: row ids, for `begin`."""
    listed = exists().where(RepositoryListing.installation_id == Installation.id)
    is_stopped = collecting.is_stopped_of(literal(collecting.WHOLE_WORKSPACE), Installation.id)
    rows = select(Installation.id).where(Installation.state == InstallationState.ACTIVE, ~listed, ~is_stopped)
    return session.scalars(rows.order_by(Installation.id).limit(at_most)).all()


def unread(session: Session, *, at_most: int) -> Sequence[int]:
    """Repositories of active installations whose history was never asked for: row ids, for `ensure`."""
    return session.scalars(_unread().limit(at_most)).all()


def _unread() -> Select[int]:
    rows = select(Repository.id).join(Installation, Installation.id == Repository.installation_id)
    rows = rows.where(
        Repository.history_asked_at.is_(None), Installation.state == InstallationState.ACTIVE, *_IS_COLLECTED
    )
    return rows.order_by(Repository.id)


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of installations whose next page could be claimed now, whoever waited longest first."""
    return session.scalars(_in_turn().limit(at_most), {"now": now}).all()


def count_by_stage(session: Session) -> dict[Stage, int]:
    """How many repositories are at each stage, over all installations."""
    counts = select(Backfill.stage, func.count()).group_by(Backfill.stage)
    return dict.fromkeys(Stage, 0) | dict(session.execute(counts).all())


def _next_in_turn(passed_over: Sequence[int]) -> Select[int]:
    rows = _in_turn().limit(1)
    return rows.where(Installation.id.not_in(passed_over)) if passed_over else rows


@cache
def _in_turn() -> Select[int]:
    """Active installations with a page that is due `now`, and nothing that keeps them from asking for it.

    Those whose histories are read cost nothing, however many they are. Kept, since putting it together takes longer than asking it.
    """
    a_listing = exists().where(
        RepositoryListing.installation_id == Installation.id, *_is_claimable(RepositoryListing, _NOW)
    )
    a_page = exists().where(
        Backfill.installation_id == Installation.id,
        Repository.id == Backfill.repository_id,
        *_IS_COLLECTED,
        *_is_claimable(Backfill, _NOW),
    )
    rows = select(Installation.id).join(Quota, Quota.installation_id == Installation.id)
    rows = rows.where(
        Installation.id.in_(installations_with_any(*((one, one.next_attempt_at.is_not(None)) for one in _WORK))),
        Installation.state == InstallationState.ACTIVE,
        *(or_(column.is_(None), column <= _NOW) for column in _OBSTACLES),
        or_(a_listing, a_page),
    )
    return rows.order_by(Quota.backfill_served_at, Installation.id)


_NOW: Final = bindparam("now", type_=UtcDateTime())
_WORK: Final = (RepositoryListing, Backfill)
_IS_COLLECTED: Final = (
    Repository.state == RepositoryState.HELD,
    ~collecting.is_stopped_of(Repository.uuid, Repository.installation_id),
)
_OBSTACLES: Final = (Quota.blocked_until, Quota.rests_until, Quota.backfill_after)


@cache
def _first_listing() -> Select[int]:
    """The list of an installation, `ours`, where its next page is due `now`."""
    rows = select(RepositoryListing.id).where(RepositoryListing.installation_id == bindparam("ours"))
    return rows.where(*_is_claimable(RepositoryListing, _NOW)).limit(1).with_for_update(skip_locked=True)


@cache
def _first_page() -> Select[int]:
    """The page that is next `now` in an installation, `ours`."""
    rows = select(Backfill.id).join(Repository, Repository.id == Backfill.repository_id)
    rows = rows.where(Backfill.installation_id == bindparam("ours"), *_IS_COLLECTED, *_is_claimable(Backfill, _NOW))
    rank = case(ORDER, value=Backfill.stage)
    is_for_later = case((and_(rank >= Stage.MAIN_BRANCH.rank), 1), else_=0)
    ordered = rows.order_by(is_for_later, Backfill.wanted_at.desc().nulls_last(), rank, Backfill.id)
    return ordered.limit(1).with_for_update(skip_locked=True, of=Backfill)


def _take(
    session: Session,
    table: type[Backfill] | type[RepositoryListing],
    row_id: int | None,
    *,
    now: datetime,
    lease: timedelta,
) -> Claim | None:
    if row_id is None:
        return None
    owner, until = uuid4().hex, now + lease
    free = update(table).where(table.id == row_id, *_is_claimable(table, now))
    # The next attempt is due when the lease ends; whoever finishes or gives back before then says otherwise.
    values = {"lease_owner": owner, "lease_until": until, "next_attempt_at": until, "attempts": table.attempts + 1}
    if changed_rows(session, free.values(values)) != 1:
        return None
    installation_id, attempts = session.execute(
        select(table.installation_id, table.attempts).where(table.id == row_id)
    ).one()
    return Claim(table, row_id, installation_id, owner, attempts)


def _is_claimable(
    table: type[Backfill] | type[RepositoryListing], now: datetime | BindParameter[datetime]
) -> tuple[ColumnElement[bool], ...]:
    return (table.is_due_at(now), table.is_free_at(now))


def _write(session: Session, claimed: Claim, **values: object) -> None:
    table = claimed.table
    ours = update(table).where(table.id == claimed.row_id, table.lease_owner == claimed.owner)
    if changed_rows(session, ours.values(values)) != 1:
        raise LeaseLost(f"{table.__tablename__} {claimed.row_id} is no longer ours")
