"""Deleting what an uninstalled, or never proved, installation has left: in small batches, so that others get their turn."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import audit, purges
from models.database import empty_log
from models.errors import LeaseLost

if TYPE_CHECKING:
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

BATCH_ROWS: Final = 500
LEASE: Final = timedelta(seconds=60)
"""For one batch; each one renews it."""

PURGED: Final = "lifecycle.purged"


def purge_installation(services: "Services", installation_id: int) -> bool:
    """Delete the installation's rows if their time has come. False where it has not, or where others are at it."""
    with services.sessions.begin() as session:
        claimed = purges.claim(session, installation_id, now=services.now(), lease=LEASE)
    if claimed is None:
        return False
    services.bearer_tokens.forget(claimed.client_key)
    try:
        rows = _delete_all(services, claimed)
        _finish(services, claimed)
    except LeaseLost:
        # It was installed again, or took so long that another worker goes on.
        log.info("installation.purge_overtaken", installation=installation_id)
        return False
    empty_log(services.engine)
    log.info("installation.purged", installation=installation_id, rows=rows)
    return True


def _delete_all(services: "Services", claimed: "Installation") -> int:
    rows = 0
    while deleted := _delete_batch(services, claimed):
        rows += deleted
    return rows


def _delete_batch(services: "Services", claimed: "Installation") -> int:
    with services.redoable.begin() as session:
        return purges.delete_batch(session, claimed, at_most=BATCH_ROWS, now=services.now(), lease=LEASE)


def _finish(services: "Services", claimed: "Installation") -> None:
    now = services.now()
    with services.sessions.begin() as session:
        audit.add(session, audit.Entry(claimed.client_key, "purged", PURGED), now=now)
        purges.finish(session, claimed, now=now)
