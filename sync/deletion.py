"""Deleting what an administrator has asked to delete, while the installation goes on: in small batches, so that others get their turn."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import deletions
from models.errors import LeaseLost
from models.purges import OWNED_TABLES

if TYPE_CHECKING:
    from models.deletions import Deletion
    from services import Services

log = structlog.get_logger()

BATCH_ROWS: Final = 500
LEASE: Final = timedelta(seconds=60)
"""For one batch; each one renews it."""


def delete_asked(services: "Services", deletion_id: int) -> bool:
    """Do one deletion to its end. False where it is done, or where others are at it."""
    with services.sessions.begin() as session:
        claimed = deletions.claim(session, deletion_id, now=services.now(), lease=LEASE)
    if claimed is None:
        return False
    try:
        rows = _delete_all(services, claimed)
        with services.sessions.begin() as session:
            deletions.finish(session, claimed, now=services.now())
    except LeaseLost:
        # It took so long that another worker goes on, or the purge has taken the row.
        log.info("deletion.overtaken", deletion=deletion_id)
        return False
    log.info("deletion.done", deletion=deletion_id, installation=claimed.installation_id, rows=rows)
    return True


def _delete_all(services: "Services", claimed: "Deletion") -> int:
    rows = 0
    while deleted := _delete_batch(services, claimed):
        rows += deleted
    return rows


def _delete_batch(services: "Services", claimed: "Deletion") -> int:
    lease_until = services.now() + LEASE
    with services.redoable.begin() as session:
        return deletions.delete_batch(session, claimed, owned=OWNED_TABLES, at_most=BATCH_ROWS, lease_until=lease_until)
