"""Mutants of whose rows are whose: each lets one question or one change of storage reach all tenants."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

TESTS = ("tests/models/test_tenant_scoping.py",)
# By file: a name, and the condition that keeps a tenant to itself, with as much around it as tells it from others.
SCOPES: dict[str, dict[str, tuple[str, str]]] = {
    "models/repositories.py": {
        "held": ("        Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD\n    )\n    return session.scalars", "Repository.installation_id == installation.id"),
        "locked": ("        .where(Repository.installation_id == installation.id, Repository.uuid == uuid)\n        .with_for_update()", "Repository.installation_id == installation.id"),
    },
    "models/collecting.py": {
        "is-stopped": ("        CollectingStop.installation_id == installation_id, CollectingStop.repository_uuid.in_(sorted(either))", "CollectingStop.installation_id == installation_id"),
        "stops": ("        CollectingStop.installation_id == installation.id\n    )\n    return {", "CollectingStop.installation_id == installation.id"),
        "resume": ("delete(CollectingStop).where(CollectingStop.installation_id == installation.id)", "CollectingStop.installation_id == installation.id"),
    },
    "models/workspace_settings.py": {
        "settings": ("select(SettingsOfWorkspace).where(SettingsOfWorkspace.installation_id == installation.id)", "SettingsOfWorkspace.installation_id == installation.id"),
    },
    "models/deletions.py": {
        "newest": ("select(Deletion).where(Deletion.installation_id == installation.id)", "Deletion.installation_id == installation.id"),
        "is-under-way": ("select(Deletion.id).where(Deletion.installation_id == installation.id, Deletion.finished_at", "Deletion.installation_id == installation.id"),
        "deliveries": ("            Delivery.installation_id == claimed.installation_id, Delivery.repository_uuid", "Delivery.installation_id == claimed.installation_id"),
        "tables": ("select(columns.id).where(columns.installation_id == claimed.installation_id)", "columns.installation_id == claimed.installation_id"),
    },
    "models/purges.py": {
        "tables": ("select(table.id).where(table.installation_id == claimed.id)", "table.installation_id == claimed.id"),
    },
    "models/history/deletion.py": {
        "history": ("select(Repository.id).where(Repository.installation_id == installation_id)", "Repository.installation_id == installation_id"),
    },
    "models/setup_audit.py": {
        "newest": ("select(SetupAudit).where(SetupAudit.installation_id == installation.id)", "SetupAudit.installation_id == installation.id"),
    },
    "models/censuses.py": {
        "of": ("select(Census).where(Census.installation_id == installation.id)", "Census.installation_id == installation.id"),
        "end": ("update(Census).where(Census.installation_id == installation.id)", "Census.installation_id == installation.id"),
    },
    "models/reconciles.py": {
        "of-installation": ("rows.where(Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD)", "Repository.installation_id == installation.id"),
        "end-all": ("in_(select(Repository.id).where(Repository.installation_id == installation.id))", "Repository.installation_id == installation.id"),
    },
    "models/backfills.py": {
        "of-installation": (".where(Backfill.installation_id == installation.id, Repository.state == RepositoryState.HELD)", "Backfill.installation_id == installation.id"),
        "unfinished": ("select(Backfill).where(Backfill.installation_id == installation_id, Backfill.stage != Stage.DONE)", "Backfill.installation_id == installation_id"),
        "listing": ("select(RepositoryListing).where(RepositoryListing.installation_id == installation.id)", "RepositoryListing.installation_id == installation.id"),
    },
    "models/quota.py": {
        "usage": ("        .where(CallCount.installation_id == installation_id, CallCount.minute > _window_start(now))\n        .group_by(CallCount.purpose)\n    )\n    found = {", "CallCount.installation_id == installation_id"),
        "state": ("select(Quota).where(Quota.installation_id == installation_id)", "Quota.installation_id == installation_id"),
    },
    "models/export.py": {
        "installation": ("rows.where(columns.id == installation_id)", "columns.id == installation_id"),
        "owned": ("rows.where(columns.installation_id == installation_id)", "columns.installation_id == installation_id"),
    },
    "models/history/people.py": {
        "ids": ("select(Person.uuid, Person.id).where(\n        Person.installation_id == repository.installation_id", "Person.installation_id == repository.installation_id"),
        "uuids": ("select(Person.id, Person.uuid).where(\n        Person.installation_id == repository.installation_id", "Person.installation_id == repository.installation_id"),
        "newest": ("select(func.max(Person.id)).where(Person.installation_id == repository.installation_id)", "Person.installation_id == repository.installation_id"),
        "named": ("    people = select(*columns).where(\n        Person.installation_id == repository.installation_id", "Person.installation_id == repository.installation_id"),
        "of-installation": ("select(*columns).where(Person.installation_id == installation.id", "Person.installation_id == installation.id"),
        "facts": ("Person.kind).where(\n        Person.installation_id == repository.installation_id", "Person.installation_id == repository.installation_id"),
    },
    "models/history/follow_ups.py": {
        "due": ("        Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD, *_is_claimable(now)", "Repository.installation_id == installation.id"),
        "release": ("ours = select(Repository.id).where(Repository.installation_id == installation.id)", "Repository.installation_id == installation.id"),
        "count": ("    rows = rows.where(Repository.installation_id == installation.id, Repository.state == RepositoryState.HELD)\n    return session.scalar(rows) or 0", "Repository.installation_id == installation.id"),
    },
    "models/inbox.py": {
        "counts": ("    ours = Delivery.installation_id == installation.id\n", "Delivery.installation_id == installation.id"),
    },
    "models/personal_data.py": {
        "name": ("update(Person).where(Person.installation_id == holding.installation_id", "Person.installation_id == holding.installation_id"),
        "texts": ("    ours = select(Repository.id).where(Repository.installation_id == holding.installation_id)", "Repository.installation_id == holding.installation_id"),
        "trail": ("        SetupAudit.installation_id == holding.installation_id,\n", "SetupAudit.installation_id == holding.installation_id"),
        "deliveries": ("        Delivery.installation_id == holding.installation_id,\n", "Delivery.installation_id == holding.installation_id"),
    },
}  # fmt: skip


def everybodys(around: str, condition: str) -> str:
    """The same with a condition that every row meets."""
    column = condition.partition(" == ")[0]
    return around.replace(condition, f"{column} > 0")


ALL = [
    Mutant(f"{path.removesuffix('.py')}:{name}-of-everybody", path, around, everybodys(around, condition), TESTS)
    for path, scopes in SCOPES.items()
    for name, (around, condition) in scopes.items()
]
