"""Purges: deleting what an installation has left, in small batches, down to a tombstone.

The tombstone holds the client key, the sealed secret, the principal's id and times: what it takes to recognise a re-install,
which is signed with the old secret. An installation that was never proved has nothing worth recognising, and goes altogether.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models.audit import LifecycleAudit
from models.backfills import Backfill, RepositoryListing
from models.censuses import Census
from models.collecting import CollectingStop
from models.deletions import Deletion
from models.dialects import changed_rows
from models.errors import LeaseLost
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


def claim(session: Session, installation_id: int, *, now: datetime, lease: timedelta) -> Installation | None:
    """The installation, claimed to be purged; None where it is not due, or not free. Commit before the first batch."""
    due = update(Installation).where(Installation.id == installation_id, *_is_claimable(now))
    if changed_rows(session, due.values(lease_owner=uuid4().hex, lease_until=now + lease)) != 1:
        return None
    return session.get(Installation, installation_id, populate_existing=True)


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


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of installations that could be purged now, the longest due first."""
    rows = select(Installation.id).where(*_is_claimable(now)).order_by(Installation.purge_after)
    return session.scalars(rows.limit(at_most)).all()


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
