"""What is to be done about rows when the clock was put back: what was to wait for moments would wait for as long as the step more.

Times that somebody reads stay as they are. Work becomes due, and leases end: whoever still holds one is refused when it writes,
and the work is done again.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models.base import Leased
from models.dialects import changed_rows
from models.inbox import Delivery
from models.installations import Installation
from models.quota import WINDOW, CallCount, Quota, count_more
from models.tables import Base

LONGEST_WAIT: Final = WINDOW + timedelta(minutes=10)
"""Nothing but a night is waited for longer, and a night comes by the clock: the quota's hour is the longest."""

LONGEST_LEASE: Final = timedelta(minutes=6)
"""No call may take longer than five, and every lease is renewed before the next call."""


def make_due(session: Session, *, now: datetime, step: timedelta) -> int:
    """The clock was put back by this step. Returns how many rows were waiting for a time of the old clock."""
    made_due = 0
    for table in _leased_tables():
        waiting = (table.next_attempt_at > now) & (table.next_attempt_at <= now + step + LONGEST_WAIT)
        made_due += changed_rows(session, update(table).where(waiting).values(next_attempt_at=now))
        changed_rows(session, _end_leases(table, now, after=now))
    for later in _turns_and_pauses(now):
        changed_rows(session, later)
    _take_back_counts(session, now)
    return made_due


def make_impossible_due(session: Session, *, now: datetime) -> int:
    """The same where nobody saw the clock being put back, for what is certain: waits and leases that are longer than any can be."""
    made_due = changed_rows(
        session, update(Delivery).where(Delivery.next_attempt_at > now + LONGEST_WAIT).values(next_attempt_at=now)
    )
    for table in _leased_tables():
        made_due += changed_rows(session, _end_leases(table, now, after=now + LONGEST_LEASE))
    return made_due


def _leased_tables() -> Iterator[Any]:
    return (mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Leased))


def _end_leases(table: Any, now: datetime, *, after: datetime) -> Update:  # noqa: ANN401 - any table with leases
    return update(table).where(table.lease_until > after).values(lease_until=now)


def _turns_and_pauses(now: datetime) -> Iterator[Update]:
    """Whoever was served in a time that is still to come would be the last in turn until then."""
    yield update(Installation).where(Installation.served_at > now).values(served_at=now)
    yield update(Quota).where(Quota.backfill_served_at > now).values(backfill_served_at=now)
    pauses = (Quota.blocked_until, Quota.rests_until, Quota.backfill_after)
    yield (
        update(Quota)
        .where(or_(*(pause > now for pause in pauses)))
        .values(blocked_until=None, rests_until=None, backfill_after=None)
    )


def _take_back_counts(session: Session, now: datetime) -> None:
    """Calls that were counted in minutes to come were made just now: they weigh on the hour from here."""
    ahead = CallCount.minute > now
    key = (CallCount.installation_id, CallCount.purpose)
    found = session.execute(select(*key, func.sum(CallCount.calls)).where(ahead).group_by(*key)).all()
    if not found:
        return
    changed_rows(session, delete(CallCount).where(ahead))
    for installation_id, purpose, calls in found:
        count_more(session, installation_id, purpose=purpose, calls=int(calls), now=now)
