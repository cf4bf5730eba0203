"""Who may use REST 1.0: administrators only, of the workspace or of the repository. Others get 403, strangers 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.credentials import require_user
from simulator.rest.errors import bad_request, forbidden
from simulator.world.groups import PRIVILEGES
from simulator.world.identifiers import braced

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.world.model import Repository, RepositoryPermission, Workspace

NO_ADMINISTRATOR = "You need to be an administrator of this workspace."


def administered(call: Call, key: str) -> Workspace:
    """The workspace, by slug or UUID, of which the caller is an administrator; raises ApiError (401, 403, 404)."""
    require_user(call.principal)
    workspace = call.workspace(key)
    if call.principal.role_in(workspace) != "owner":
        raise forbidden(NO_ADMINISTRATOR)
    return workspace


def administered_repository(call: Call, workspace: str, slug: str) -> Repository:
    """The repository of which the caller is an administrator; raises ApiError (401, 403, 404)."""
    require_user(call.principal)
    return call.repository(workspace, slug, needs="admin")


def is_the_owner(workspace: Workspace, key: str) -> bool:
    """Whether `key` names the workspace that a group is looked for in."""
    return key.lower() == workspace.slug or braced(key) == workspace.uuid


def permission_in(text: str, *, what: str = "permission") -> RepositoryPermission:
    """One of the three privileges; raises ApiError (400)."""
    for one in PRIVILEGES:
        if text == one:
            return one  # type: ignore[return-value]
    raise bad_request(f"{text} is not a valid {what}")
