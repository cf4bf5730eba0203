"""Deleting what an uninstalled, or never proved, installation has left: in small batches, so that others get their turn."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import audit, purges
from models.database import empty_log
from models.errors import LeaseLost, TooManyPurges

if TYPE_CHECKING:
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

BATCH_ROWS: Final = 500
LEASE: Final = timedelta(seconds=60)
"""For one batch; each one renews it."""

PURGED: Final = "lifecycle.purged"


def purge_installation(services: "Services", installation_id: int, *, is_capped: bool = True) -> bool:
    """Delete the installation's rows if their time has come. False where it has not, or where others are at it.

    No more go within a day than the settings allow, unless `is_capped` is false: a mistake of ours must not delete everybody.
    Raises WrongId for what is no row id.
    """
    most = services.settings.purges_per_day if is_capped else None
    try:
        with services.sessions.begin() as session:
            claimed = purges.claim(session, installation_id, now=services.now(), lease=LEASE, at_most_a_day=most)
    except TooManyPurges:
        log.warning("installation.purge_held_back", installation=installation_id, at_most=most)
        return False
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
    if most is not None:
        _say_who_waits(services, most)
    return True


def _say_who_waits(services: "Services", at_most_a_day: int) -> None:
    """Said once, by the last purge of a day, and not by each sweep that finds them waiting."""
    now = services.now()
    with services.readers() as session:
        if purges.allowance(session, now=now, at_most_a_day=at_most_a_day):
            return
        waiting = len(purges.waiting(session, now=now))
    if waiting:
        log.error("installation.purges_wait", waiting=waiting, at_most=at_most_a_day)


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
