"""What build servers report on commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.builds import build_status_in_event
from simulator.world.actions.announcing import announce
from simulator.world.errors import Invalid
from simulator.world.model import BuildStatus

if TYPE_CHECKING:
    from simulator.world.model import BuildState, Repository, User
    from simulator.world.world import World

_STATES = ("SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED")


def set_build_status(  # noqa: PLR0913 - an action takes the facts of what happens by keyword
    world: World,
    repository: Repository,
    *,
    actor: User,
    commit: str,
    key: str,
    state: BuildState,
    url: str = "",
    name: str = "",
    description: str = "",
    refname: str | None = None,
) -> BuildStatus:
    """Report build `key` of `commit`. Emits repo:commit_status_created, or _updated where the key was there."""
    if state not in _STATES:
        raise Invalid("Bad request", fields={"state": f"{state} is not a valid choice"})
    if not key:
        raise Invalid("Bad request", fields={"key": "required key not provided"})
    with world.lock:
        commit_hash = repository.git.commit(commit).hash
        held = repository.build_statuses.setdefault(commit_hash, {})
        found, now = held.get(key), world.now()
        event = "repo:commit_status_updated" if found else "repo:commit_status_created"
        if found is None:
            found = held[key] = BuildStatus(world.new_uuid("build"), key, commit_hash, state, now, now)
        found.state, found.updated_on = state, now
        found.url, found.name = url or found.url, name or found.name
        found.description, found.refname = description, refname or found.refname
        body = build_status_in_event(world, repository, found)
        announce(world, event, repository=repository, actor=actor, subject={"commit_status": body})
        return found
