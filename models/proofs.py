"""Proofs of installations in quarantine: who tries, how often, and what came of it. Guarded by a lease, like all work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from connect.lifecycle import InstallationState
from models.dialects import changed_rows
from models.errors import LeaseLost
from models.installations import Installation


def claim(session: Session, installation_id: int, *, now: datetime, lease: timedelta) -> Installation | None:
    """The installation, claimed for one attempt at its proof; None where it is not due, or not free. Commit before the attempt.

    The row's `lease_owner` is the name of this claim. A newer `installed` call takes the claim away.
    """
    due = update(Installation).where(Installation.id == installation_id, *_is_claimable(now))
    attempts = Installation.proof_attempts + 1
    taken = due.values(lease_owner=uuid4().hex, lease_until=now + lease, proof_attempts=attempts)
    if changed_rows(session, taken) != 1:
        return None
    return session.get(Installation, installation_id, populate_existing=True)


def succeed(session: Session, claimed: Installation, *, now: datetime) -> None:
    """Make the claimed installation active. Raises LeaseLost where it was re-installed, or claimed by another, meanwhile."""
    _release(
        session,
        claimed,
        state=InstallationState.ACTIVE,
        proven_at=now,
        proof_error=None,
        next_attempt_at=None,
        purge_after=None,
    )


def fail(session: Session, claimed: Installation, *, error: str, retry_at: datetime | None) -> None:
    """Leave the claimed installation in quarantine until `retry_at`; without one, until it is installed anew. Raises LeaseLost."""
    _release(session, claimed, proof_error=error, next_attempt_at=retry_at)


def due(session: Session, *, now: datetime, at_most: int) -> Sequence[int]:
    """The row ids of installations whose proof could be tried now, the longest due first."""
    rows = select(Installation.id).where(*_is_claimable(now)).order_by(Installation.next_attempt_at)
    return session.scalars(rows.limit(at_most)).all()


def _is_claimable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Installation.state == InstallationState.PENDING,
        Installation.is_due_at(now),
        Installation.is_free_at(now),
    )


def _release(session: Session, claimed: Installation, **values: object) -> None:
    ours = update(Installation).where(
        Installation.id == claimed.id,
        Installation.lease_owner == claimed.lease_owner,
        Installation.state == InstallationState.PENDING,
    )
    if changed_rows(session, ours.values(lease_owner=None, lease_until=None, **values)) != 1:
        raise LeaseLost(f"the proof of installation {claimed.id} is no longer ours")
