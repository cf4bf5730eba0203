"""One delivery from claim to end: applied, ignored, tried again later, or a dead letter.

Rows and the delivery's end are committed together, so a delivery is applied wholly or not at all, and once. What a power
failure takes back is done again: only taking a delivery in has to wait for the disk, and that is the web server's.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.exc import OperationalError

from models import inbox, installations, interrupted
from models.errors import LeaseLost
from sync import events
from sync.errors import DeliveryUnusable
from sync.retry import retry_at

if TYPE_CHECKING:
    from models.inbox import Claim
    from services import Services

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=6)
"""Longer than a wait for locks may take, and as short as that allows: a delivery of a killed worker waits as long.

A worker that is slower than this does no harm: whoever takes over makes its claim worthless."""

BEHIND_OTHERS: Final = timedelta(seconds=30)
"""So long those go first who have nothing to do with a delivery that has ended its worker."""

NOT_ACTIVE: Final = "The installation is not active."


def let_others_first(services: "Services") -> None:
    """Before a worker begins: put tenants behind all others whose delivery has ended a worker. It may hang the next one as well."""
    try:
        with services.redoable.begin() as session:
            put_back = interrupted.put_back(session, now=services.now(), by=BEHIND_OTHERS)
    except OperationalError as error:
        # Another process has the lock: an order of turns is not worth a start.
        log.warning("turns.not_put_back", error=type(error).__name__)
        return
    if put_back:
        log.info("turns.put_back", installations=put_back, seconds=BEHIND_OTHERS.total_seconds())


def apply_next(services: "Services", rung_for: int) -> bool:
    """Apply the delivery whose turn it is, for a ring at the doorbell. False where none is due.

    `rung_for` is the delivery that the ring was about. It may have to wait: turns go around the installations.
    """
    with services.redoable.begin() as session:
        claimed = inbox.claim_next(session, now=services.now(), lease=LEASE)
    if claimed is None:
        log.debug("delivery.none_due", rung_for=rung_for)
        return False
    apply_claimed(services, claimed)
    return True


def apply_claimed(services: "Services", claimed: "Claim") -> None:
    """Apply a claimed delivery, or give it back. Raises only what the database raises twice."""
    try:
        ignored_because = _apply(services, claimed)
    except LeaseLost:
        log.warning("delivery.lease_lost", delivery=claimed.delivery_id, installation=claimed.installation_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this delivery's trouble and must be nobody else's
        _give_back(services, claimed, error)
    else:
        outcome = "delivery.applied" if ignored_because is None else "delivery.ignored"
        log.info(outcome, delivery=claimed.delivery_id, installation=claimed.installation_id, because=ignored_because)


def _apply(services: "Services", claimed: "Claim") -> str | None:
    now = services.now()
    with services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        delivery = inbox.leased(session, claimed)
        if installation is None or not installation.is_active:
            ignored_because: str | None = NOT_ACTIVE
        else:
            ignored_because = events.apply(session, installation, delivery, now=now)
        inbox.finish(session, claimed, now=now, ignored_because=ignored_because)
    return ignored_because


def _give_back(services: "Services", claimed: "Claim", error: Exception) -> None:
    now = services.now()
    is_final = isinstance(error, DeliveryUnusable) or claimed.attempts >= inbox.MAX_ATTEMPTS
    again_at = None if is_final else retry_at(now, attempts=claimed.attempts)
    sentence = str(error) if isinstance(error, DeliveryUnusable) else f"{type(error).__name__}: {error}"
    try:
        with services.redoable.begin() as session:
            inbox.fail(session, claimed, error=sentence, now=now, retry_at=again_at)
    except LeaseLost:
        return
    event = "delivery.dead_letter" if is_final else "delivery.failed"
    log.error(event, delivery=claimed.delivery_id, installation=claimed.installation_id, exc_info=error)
