"""Making condensed objects whole, where `fields` or `q` lead into what they leave out.

Source: the description's chapters "serialization" (condensed and full) and "partial-response"
(`+values.destination.repository.owner`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.accounts import project_details, user_profile, workspace_details
from simulator.rest.representations.repositories import repository_details

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.rest.json_types import Json
    from simulator.world.world import World


def expander(world: World) -> Callable[[Json], Json | None]:
    """A function that gives an embedded user, workspace, project or repository all of its fields."""

    def expand(value: Json) -> Json | None:
        uuid = value.get("uuid")
        full = _full(world, value.get("type"), uuid) if isinstance(uuid, str) else None
        return None if full is None else full | value

    return expand


def _full(world: World, kind: object, uuid: str) -> Json | None:
    if kind == "repository" and uuid in world.repositories:
        return repository_details(world, world.repositories[uuid])
    if kind in {"user", "app_user"} and uuid in world.users:
        return user_profile(world, world.users[uuid])
    if kind == "workspace" and uuid in world.workspaces:
        return workspace_details(world, world.workspaces[uuid])
    if kind == "project":
        for workspace in world.workspaces.values():
            for project in workspace.projects.values():
                if project.uuid == uuid:
                    return project_details(world, workspace, project)
    return None
