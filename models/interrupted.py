"""Deliveries whose worker ended in the middle of them, without a word: killed, or by its own watchdog because they hung.

They may do the same again to the next worker. Whoever else waits goes first for a while, so that a tenant with several of them
does not take the lock, or the worker, from the others again and again.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.dialects import changed_rows
from models.inbox import Delivery, DeliveryState
from models.installations import Installation


def put_back(session: Session, *, now: datetime, by: timedelta) -> int:
    """Put the installations of such deliveries behind all others for a time. Returns how many.

    Where nobody else waits they have their turn all the same: turns are an order, and no wait.
    """
    abandoned = select(Delivery.installation_id).where(
        Delivery.state == DeliveryState.PENDING, Delivery.lease_until <= now
    )
    behind = update(Installation).where(Installation.id.in_(abandoned), Installation.served_at <= now)
    return changed_rows(session, behind.values(served_at=now + by))
