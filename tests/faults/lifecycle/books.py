"""What must be in the database, told from the steps alone: one entry for each tenant, and what the rows are compared with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults.lifecycle.neighbours import NEIGHBOURS

RETENTION = timedelta(days=30)
UNPROVED_KEPT = timedelta(days=7)
ABSENT, PENDING, ACTIVE, UNINSTALLED = "absent", "pending", "active", "uninstalled"
WHOLE = ""
"""Of a stop or a deletion: of everything, and not of one repository."""


@dataclass
class Entry:
    state: str = ABSENT
    secret: str | None = None
    previous: str | None = None
    lifecycle_at: int | None = None
    purge_after: datetime | None = None
    settings_version: int = 0
    approvals: int = 1
    deliveries: dict[str, str] = field(default_factory=dict)
    """The repository of each, by its UUID."""
    stopped: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    """Deletions that are to be done, oldest first."""

    def end(self, *, at, now):
        self.state, self.lifecycle_at, self.purge_after = UNINSTALLED, at, now + RETENTION

    def accept(self, secret, *, at):
        self.previous = self.secret if self.state in {ACTIVE, UNINSTALLED} else None
        self.state, self.secret, self.lifecycle_at, self.purge_after = ACTIVE, secret, at, None

    def forget(self):
        """Nothing is kept but what a re-install is recognised by."""
        self.settings_version, self.approvals = 0, 1
        self.deliveries.clear()

    def purge(self):
        self.forget()
        self.stopped.clear()
        self.asked.clear()
        self.purge_after = self.previous = None


class Books:
    """The entries, by the names of the tenants."""

    def __init__(self, box):
        self._box = box
        self._opened = {}
        self._entries = {one.name: Entry() for one in NEIGHBOURS}

    def of(self, neighbour):
        return self._entries[neighbour.name]

    def clear(self, neighbour):
        self._entries[neighbour.name] = Entry()

    def check(self, rows):
        """Raise AssertionError where the database says anything else."""
        for neighbour in NEIGHBOURS:
            assert self._said(rows, neighbour) == _expected(self.of(neighbour)), neighbour.name

    def _said(self, rows, neighbour):
        row = rows.installation(neighbour)
        if row is None:
            return {"state": ABSENT, "rows": sorted(rows.of.get(neighbour.name, {}).keys() - {"lifecycle_audit"})}
        settings = rows.own(neighbour, "workspace_settings")
        return {
            "state": row["state"],
            "secret": self._open(neighbour, row["sealed_secret"]),
            "previous": self._open(neighbour, row["sealed_previous_secret"]),
            "lifecycle_at": row["lifecycle_at"],
            "settings": [(one["version"], json.loads(one["body"])["required_approvals"]) for one in settings],
            "deliveries": sorted(one["delivery_uuid"] for one in rows.own(neighbour, "webhook_deliveries")),
            "stopped": sorted(one["repository_uuid"] for one in rows.own(neighbour, "collecting_stops")),
            "asked": sorted(
                one["repository_uuid"] or WHOLE
                for one in rows.own(neighbour, "deletions")
                if one["finished_at"] is None
            ),
        }

    def _open(self, neighbour, sealed):
        """Each seal is opened once: a sealed text is never written twice."""
        if sealed is not None and sealed not in self._opened:
            self._opened[sealed] = self._box.open(sealed, context=neighbour.client_key)
        return self._opened.get(sealed)


def _expected(entry):
    if entry.state == ABSENT:
        return {"state": ABSENT, "rows": []}
    return {
        "state": entry.state,
        "secret": entry.secret,
        "previous": entry.previous,
        "lifecycle_at": entry.lifecycle_at,
        "settings": [(entry.settings_version, entry.approvals)] if entry.settings_version else [],
        "deliveries": sorted(entry.deliveries),
        "stopped": sorted(entry.stopped),
        "asked": sorted(entry.asked),
    }
