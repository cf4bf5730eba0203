"""LEK-05: what an uninstalled workspace has left is gone in time: from tables, indexes, files, the queue and the processes' memory."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from demo.waiting import wait_until
from models.audit import LifecycleAudit
from models.installations import Installation
from tests.security.laboratory import panel_entry
from tests.security.recipes.cast import repository_name
from tests.security.stage import uninstall

if TYPE_CHECKING:
    from tests.security.laboratory import Laboratory

PROMISED_SECONDS = 60.0
"""From the end of the retention: the sweep comes round every few seconds, and a purge takes batches."""


def uninstall_and_purge(laboratory: Laboratory) -> set[str]:
    """Uninstall A, let its retention be over, and look for anything that names it."""
    ledger, tenant = laboratory.ledger, laboratory.cast.tenant("A")
    marks = _marks(laboratory)
    assert any(mark in ledger.text() for mark in marks), "nothing of A is there to be erased"
    uninstall(laboratory, "A")
    over = update(Installation).where(Installation.client_key == tenant.client_key)
    ledger.execute(over.values(purge_after=datetime.now(UTC)))
    began = time.monotonic()
    wait_until(
        lambda: ledger.value(select(Installation.purged_at).where(Installation.client_key == tenant.client_key)),
        what="the purge of A",
        timeout_seconds=PROMISED_SECONDS,
    )
    took = time.monotonic() - began

    rows = ledger.snapshot()
    for table, found in rows.items():
        if table not in {Installation.__tablename__, LifecycleAudit.__tablename__}:
            assert not any(mark in repr(found) for mark in marks), f"{table} still names something of A"
    wait_until(lambda: not _files_with(laboratory, marks), what="clean files", timeout_seconds=PROMISED_SECONDS)
    assert laboratory.ask(panel_entry("A", "A.user_member")).status == 401, "A is still served from memory"
    assert took <= PROMISED_SECONDS
    return {"0 hits outside the tombstone", "purge done in the promised time"}


def _marks(laboratory: Laboratory) -> list[str]:
    """Names and ids that only A has, but for those that the tombstone keeps."""
    tenant = laboratory.cast.tenant("A")
    names = [repository_name(tenant, fact) for fact in tenant.repositories]
    uuids = [uuid.strip("{}") for uuid in (*tenant.repositories.values(), *tenant.users.values())]
    return [*names, *uuids, "Member of A"]


def _files_with(laboratory: Laboratory, marks: list[str]) -> list[str]:
    """The files that still hold something of A, read as a thief would: freed pages, the database's log, the queue."""
    queues = [path for path in laboratory.system.plan.state_directory.rglob("*queue*") if path.is_file()]
    contents = {path.name: path.read_bytes() for path in (*laboratory.ledger.files, *queues)}
    return [name for name, content in contents.items() if any(mark.encode() in content for mark in marks)]
