"""The quota of each installation: the calls of the last hour, and what keeps more of them from being made.

Bitbucket allows so many calls in any hour and tells nobody how many are left, so they are counted here, by the minute, before
they are made. Several processes charge at once: the row of the installation is locked while one of them counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, UtcDateTime, choice, row_id_column
from models.dialects import changed_rows, insert_into, insert_unless_there
from models.installations import Installation

WINDOW: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)


class Purpose(StrEnum):
    """What a call is made for. When calls get scarce, the first member gives way first, and the last one last."""

    BACKFILL = "backfill"
    EVENTS = "events"
    RECONCILE = "reconcile"


SHARES: Final[Mapping[Purpose, float]] = {Purpose.BACKFILL: 0.75, Purpose.EVENTS: 0.95, Purpose.RECONCILE: 1.0}
"""How full the hour may be, whoever has filled it, for one more call of each purpose."""

FAILURES_TO_REST: Final = 5
"""So many calls in a row without a usable answer, and the installation's background work rests."""

TRIAL: Final = timedelta(seconds=30)
"""After a rest one call is let through; the others wait so long for what becomes of it."""


class Hindrance(StrEnum):
    """Why a call may not be made now."""

    BUDGET = "budget"
    """The calls of the hour are used up, as far as this purpose may use them."""
    RATE_LIMIT = "rate_limit"
    """Bitbucket has answered 429."""
    FAILURES = "failures"
    """Call after call has failed."""


class Quota(Base):
    """One row an installation: what its background work has to wait for, and when it last had its turn."""

    __tablename__ = "quotas"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"), unique=True)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then Bitbucket wants no calls: it has answered 429."""
    rate_limits: Mapped[int] = mapped_column(default=0)
    """How many times in a row it has."""
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures: Mapped[int] = mapped_column(default=0)
    """How many calls in a row have failed."""
    backfill_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until then its backfill need not look: it was refused a call."""
    backfill_served_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When a worker last began a page of its backfill: whoever waited longest is next."""

    __table_args__ = (Index(None, "backfill_served_at"),)


class CallCount(Base):
    """The calls that were made in one minute for one purpose."""

    __tablename__ = "call_counts"

    id: Mapped[int] = row_id_column()
    installation_id: Mapped[int] = mapped_column(ForeignKey("installations.id"))
    minute: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it began."""
    purpose: Mapped[Purpose] = mapped_column(choice(Purpose))
    calls: Mapped[int] = mapped_column()

    __table_args__ = (
        UniqueConstraint("installation_id", "minute", "purpose"),
        Index(None, "minute"),
    )


@dataclass(frozen=True, slots=True)
class Charged:
    """A call that may be made now. `is_troubled`: the ones before it failed, so its success is worth noting."""

    is_troubled: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that may not be made before `retry_at`."""

    retry_at: datetime
    hindrance: Hindrance


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of the last hour, and what stands in the way of more."""

    limit: int
    by_purpose: Mapping[Purpose, int]
    blocked_until: datetime | None
    rests_until: datetime | None
    backfill_after: datetime | None = None
    """When the backfill goes on that was refused a call."""

    @property
    def used(self) -> int:
        """All of them."""
        return sum(self.by_purpose.values())

    @property
    def left(self) -> int:
        """How many more may be made."""
        return max(0, self.limit - self.used)

    def left_for(self, purpose: Purpose) -> int:
        """How many more may be made for one purpose."""
        return max(0, allowance(self.limit, purpose) - self.used)


def allowance(limit: int, purpose: Purpose) -> int:
    """How many calls may have been made, for whatever purposes, before one of this purpose has to wait. Pure; at least one."""
    return max(1, int(limit * SHARES[purpose]))


def charge(session: Session, installation_id: int, *, purpose: Purpose, limit: int, now: datetime) -> Charged | Denied:
    """Count one call that is about to be made, or say from when on it may be. `limit` is the calls of an hour."""
    row = _locked(session, installation_id, now=now)
    denied = _hindered(row, now=now) or _spent(session, installation_id, purpose=purpose, limit=limit, now=now)
    if denied is not None:
        return denied
    count_more(session, installation_id, purpose=purpose, calls=1, now=now)
    if row.failures >= FAILURES_TO_REST:
        row.rests_until = now + TRIAL
    return Charged(is_troubled=row.failures > 0 or row.rate_limits > 0)


def count_more(session: Session, installation_id: int, *, purpose: Purpose, calls: int, now: datetime) -> None:
    """Count calls that were made, whatever the hour still has: they cannot be taken back."""
    minute = now.replace(second=0, microsecond=0)
    insert = insert_into(session, CallCount)
    values = {"installation_id": installation_id, "minute": minute, "purpose": purpose, "calls": calls}
    more = {"calls": CallCount.calls + calls}
    key = ["installation_id", "minute", "purpose"]
    session.execute(insert.values(**values).on_conflict_do_update(index_elements=key, set_=more))


def note_success(session: Session, installation_id: int, *, now: datetime) -> int:
    """A call was answered: what came before it is forgotten. Returns how many in a row had failed."""
    row = _locked(session, installation_id, now=now)
    failures = row.failures
    row.failures = row.rate_limits = 0
    row.blocked_until = row.rests_until = None
    return failures


def note_failure(session: Session, installation_id: int, *, now: datetime, rest_of: Callable[[int], timedelta]) -> None:
    """A call failed; after some in a row the work rests, for `rest_of` as many as there were too many, and one."""
    row = _locked(session, installation_id, now=now)
    row.failures += 1
    if row.failures >= FAILURES_TO_REST:
        row.rests_until = now + rest_of(row.failures - FAILURES_TO_REST + 1)


def note_rate_limit(
    session: Session, installation_id: int, *, now: datetime, until_of: Callable[[int], datetime]
) -> datetime:
    """Bitbucket answered 429. Returns the time until which no call is made; `until_of` says it for the n-th 429 in a row.

    Those that were under way together count once.
    """
    row = _locked(session, installation_id, now=now)
    if row.blocked_until is None or row.blocked_until <= now:
        row.rate_limits += 1
        row.blocked_until = until_of(row.rate_limits)
    return row.blocked_until


def postpone_backfill(session: Session, installation_id: int, *, until: datetime, now: datetime) -> None:
    """Leave the installation out of the turns of the backfill until then."""
    _locked(session, installation_id, now=now).backfill_after = until


def usage(session: Session, installation: Installation, *, limit: int, now: datetime) -> Usage:
    """What an installation has used of its hour. Reads only."""
    return usage_of(session, installation.id, limit=limit, now=now)


def usage_of(session: Session, installation_id: int, *, limit: int, now: datetime) -> Usage:
    """The same for whoever knows the installation by its row id."""
    counts = (
        select(CallCount.purpose, func.sum(CallCount.calls))
        .where(CallCount.installation_id == installation_id, CallCount.minute > _window_start(now))
        .group_by(CallCount.purpose)
    )
    found = {purpose: int(calls) for purpose, calls in session.execute(counts)}
    row = session.scalar(_of(installation_id))
    return Usage(
        limit=limit,
        by_purpose=dict.fromkeys(Purpose, 0) | found,
        blocked_until=_if_ahead(row.blocked_until, now) if row else None,
        rests_until=_if_ahead(row.rests_until, now) if row else None,
        backfill_after=_if_ahead(row.backfill_after, now) if row else None,
    )


def obsolete(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """Counts that no hour holds any more: row ids, for `forget`."""
    return session.scalars(select(CallCount.id).where(CallCount.minute <= _window_start(now)).limit(at_most)).all()


def forget(session: Session, count_ids: Sequence[int]) -> int:
    """Delete counts. Returns how many."""
    return changed_rows(session, delete(CallCount).where(CallCount.id.in_(count_ids)))


def ensure(session: Session, installation_id: int, *, now: datetime) -> None:
    """Have a row for the installation."""
    values = {
        "installation_id": installation_id,
        "rate_limits": 0,
        "failures": 0,
        "backfill_served_at": now,
    }
    session.execute(insert_unless_there(session, Quota, values, key=("installation_id",)))


def _locked(session: Session, installation_id: int, *, now: datetime) -> Quota:
    """The installation's row, kept from others until the commit."""
    locking = _of(installation_id).with_for_update()
    row = session.scalar(locking)
    if row is None:
        ensure(session, installation_id, now=now)
        row = session.scalar(locking)
    assert row is not None, "a row that was just inserted is there"  # noqa: S101 -- tells the type checker
    return row


def _of(installation_id: int) -> Select[Quota]:
    rows = select(Quota).where(Quota.installation_id == installation_id)
    return rows.execution_options(populate_existing=True)


def _hindered(row: Quota, *, now: datetime) -> Denied | None:
    if row.blocked_until is not None and row.blocked_until > now:
        return Denied(row.blocked_until, Hindrance.RATE_LIMIT)
    if row.rests_until is not None and row.rests_until > now:
        return Denied(row.rests_until, Hindrance.FAILURES)
    return None


def _spent(session: Session, installation_id: int, *, purpose: Purpose, limit: int, now: datetime) -> Denied | None:
    """None while there is a call left; otherwise when so many of the counted minutes are over that there is."""
    minutes = (
        select(CallCount.minute, func.sum(CallCount.calls))
        .where(CallCount.installation_id == installation_id, CallCount.minute > _window_start(now))
        .group_by(CallCount.minute)
        .order_by(CallCount.minute)
    )
    counted = [(minute, int(calls)) for minute, calls in session.execute(minutes)]
    used, allowed = sum(calls for _, calls in counted), allowance(limit, purpose)
    if used < allowed:
        return None
    for minute, calls in counted:
        used -= calls
        if used < allowed:
            return Denied(minute + MINUTE + WINDOW, Hindrance.BUDGET)
    raise AssertionError("an hour without calls has room for one")


def _window_start(now: datetime) -> datetime:
    """A minute that began later may still hold calls of the last hour."""
    return now - WINDOW - MINUTE


def _if_ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
