"""Purges: deleting what an installation has left, in small batches, down to a tombstone.

The tombstone holds the client key, the sealed secret, the principal's id and times: what it takes to recognise a re-install,
which is signed with the old secret. An installation that was never proved has nothing worth recognising, and goes altogether.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from connect.lifecycle import InstallationState
from models.audit import LifecycleAudit
from models.backfills import Backfill, RepositoryListing
from models.base import checked_row_id
from models.censuses import Census
from models.collecting import CollectingStop
from models.deletions import Deletion
from models.dialects import changed_rows
from models.errors import LeaseLost, TooManyPurges
from models.history import deletion
from models.history.people import Person
from models.inbox import Delivery
from models.installations import Installation
from models.quota import CallCount, Quota
from models.repositories import Repository
from models.setup_audit import SetupAudit
from models.workspace_settings import SettingsOfWorkspace

# Every table with rows of an installation, but the audit trail, which outlives it: in the order in which they may go, since
# what is known of the repositories goes before them and names people. A test compares this with the schema.
OWNED_TABLES: Final = (
    Delivery,
    CallCount,
    Quota,
    Backfill,
    RepositoryListing,
    Census,
    Repository,
    Person,
    SettingsOfWorkspace,
    SetupAudit,
    CollectingStop,
    Deletion,
)


DAY: Final = timedelta(days=1)

_COUNTING: Final = "bittern.purges"
"""What is locked while somebody counts: two that count at once would both find room for the last one."""


def claim(
    session: Session, installation_id: int, *, now: datetime, lease: timedelta, at_most_a_day: int | None = None
) -> Installation | None:
    """The installation, claimed to be purged; None where it is not due, or not free. Commit before the first batch.

    Raises WrongId for what is no row id, and TooManyPurges where `at_most_a_day` installations that were once proved have gone
    within a day. One that never was has nothing to lose, and is not counted.
    """
    row_id = checked_row_id(installation_id)
    if at_most_a_day is not None and _is_once_proved(session, row_id):
        _lock_counting(session)
        if allowance(session, now=now, at_most_a_day=at_most_a_day, besides=row_id) == 0:
            raise TooManyPurges(f"{at_most_a_day} installations were purged within a day")
    due = update(Installation).where(Installation.id == row_id, *_is_claimable(now))
    if changed_rows(session, due.values(lease_owner=uuid4().hex, lease_until=now + lease)) != 1:
        return None
    return session.get(Installation, row_id, populate_existing=True)


def delete_batch(session: Session, claimed: Installation, *, at_most: int, now: datetime, lease: timedelta) -> int:
    """Delete some of the claimed installation's rows and renew the lease. Returns how many; 0 when none is left. Raises LeaseLost."""
    _keep(session, claimed, lease_until=now + lease)
    repositories = deletion.of_installation(claimed.id)
    if deleted := deletion.delete_batch(session, repositories, at_most=at_most):
        return deleted
    for table in OWNED_TABLES:
        some = select(table.id).where(table.installation_id == claimed.id).limit(at_most)
        deleted = changed_rows(session, delete(table).where(table.id.in_(some)))
        if deleted:
            return deleted
    return 0


def finish(session: Session, claimed: Installation, *, now: datetime) -> None:
    """Leave the tombstone, once no other row is left; of an installation that was never proved, nothing. Raises LeaseLost."""
    anonymous = update(LifecycleAudit).where(LifecycleAudit.client_key == claimed.client_key)
    if claimed.state is InstallationState.PENDING:
        _keep(session, claimed)
        changed_rows(session, anonymous.values(actor_uuid=None, installation_id=None))
        changed_rows(session, delete(Installation).where(Installation.id == claimed.id))
        return
    _keep(
        session,
        claimed,
        purged_at=now,
        lease_owner=None,
        lease_until=None,
        principal_name=None,
        principal_slug=None,
        actor_uuid=None,
        sealed_previous_secret=None,
        proof_error=None,
    )
    changed_rows(session, anonymous.values(actor_uuid=None))


def allowance(session: Session, *, now: datetime, at_most_a_day: int, besides: int | None = None) -> int:
    """How many installations may still go today, those that are going just now (`besides` one) counted as gone."""
    has_gone = Installation.purged_at > now - DAY
    is_going = (Installation.purge_after <= now) & Installation.purged_at.is_(None) & (Installation.lease_until > now)
    rows = select(func.count()).select_from(Installation).where(has_gone | (is_going & (Installation.id != besides)))
    gone = session.scalar(rows.where(Installation.state == InstallationState.UNINSTALLED)) or 0
    return max(at_most_a_day - gone, 0)


def due(session: Session, *, now: datetime, at_most: int, at_most_a_day: int | None = None) -> Sequence[int]:
    """The row ids of installations that could be purged now, the longest due first; no more than may still go today."""
    rows = select(Installation.id, Installation.state).where(*_is_claimable(now)).order_by(Installation.purge_after)
    found = session.execute(rows.limit(at_most)).all()
    proved = [row.id for row in found if row.state is InstallationState.UNINSTALLED]
    if not proved or at_most_a_day is None:
        return [row.id for row in found]
    held_back = set(proved[allowance(session, now=now, at_most_a_day=at_most_a_day) :])
    return [row.id for row in found if row.id not in held_back]


def waiting(session: Session, *, now: datetime) -> Sequence[Installation]:
    """The uninstalled installations whose time has come, the longest due first."""
    rows = select(Installation).where(*_is_claimable(now), Installation.state == InstallationState.UNINSTALLED)
    return session.scalars(rows.order_by(Installation.purge_after, Installation.id)).all()


def count_rows(session: Session, installation: Installation) -> int:
    """How many rows of an installation a purge would delete."""
    counts = (session.scalar(select(func.count()).where(*one)) or 0 for one in _owned(installation))
    return sum(counts)


def _owned(installation: Installation) -> Iterator[tuple[ColumnElement[bool], ...]]:
    for table in OWNED_TABLES:
        yield (table.installation_id == installation.id,)
    for history in deletion.HISTORY_TABLES:
        columns = history.__table__.c
        if "installation_id" not in columns:
            yield (columns.repository_id.in_(deletion.of_installation(installation.id)),)


def _is_once_proved(session: Session, row_id: int) -> bool:
    state = session.scalar(select(Installation.state).where(Installation.id == row_id))
    return state is InstallationState.UNINSTALLED


def _lock_counting(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_COUNTING, 0))))


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Installation.state != InstallationState.ACTIVE,
        Installation.purge_after <= now,
        Installation.purged_at.is_(None),
        Installation.is_free_at(now),
    )


def _keep(session: Session, claimed: Installation, **values: object) -> None:
    """Write the installation's row if the claim is still good, and keep it from other writers until the commit."""
    ours = update(Installation).where(
        Installation.id == claimed.id,
        Installation.lease_owner == claimed.lease_owner,
        Installation.state != InstallationState.ACTIVE,
    )
    if changed_rows(session, ours.values(values or {"lease_owner": claimed.lease_owner})) != 1:
        raise LeaseLost(f"the purge of installation {claimed.id} is no longer ours")
