"""/permissions-config/users: who may do what to a repository; groups are in group_permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request, not_found
from simulator.rest.representations.accounts import account
from simulator.rest.representations.links import href, repository_api
from simulator.rest.representations.repositories import repository_reference
from simulator.rest.routes import Answer, Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository, User

routes = Routes()

_CONFIG = "/repositories/<workspace>/<slug>/permissions-config"
_LEVELS = ("read", "write", "admin")


def _represent(call: Call, repository: Repository, user: User) -> Json:
    address = repository_api(call.world, repository, "permissions-config/users", user.uuid)
    return {
        "type": "repository_user_permission",
        "permission": repository.permissions.get(user.uuid, "none"),
        "user": account(call.world, user),
        "repository": repository_reference(call.world, repository),
        "links": {"self": href(address)},
    }


@routes.get(f"{_CONFIG}/users", scope="repository:admin")
def users(call: Call, workspace: str, slug: str) -> Json:
    """Everybody with an explicit permission."""
    repository = call.repository(workspace, slug, needs="admin")
    found = [call.world.users[uuid] for uuid in repository.permissions if uuid in call.world.users]
    return call.page(found, lambda one: _represent(call, repository, one))


@routes.get(f"{_CONFIG}/users/<selected>", scope="repository:admin")
def one_user(call: Call, workspace: str, slug: str, selected: str) -> Json:
    """One user's explicit permission, `none` if they have none."""
    repository = call.repository(workspace, slug, needs="admin")
    return _represent(call, repository, call.world.user(selected))


@routes.put(f"{_CONFIG}/users/<selected>", scope="repository:admin")
def change_user(call: Call, workspace: str, slug: str, selected: str) -> Json:
    """Give a user an explicit permission."""
    repository, user = call.repository(workspace, slug, needs="admin"), call.world.user(selected)
    level = fields.needed_text(call.json(), "permission")
    if level not in _LEVELS:
        raise bad_request("Bad request", permission=f"{level} is not a valid choice")
    repository.permissions[user.uuid] = level  # type: ignore[assignment]
    return _represent(call, repository, user)


@routes.delete(f"{_CONFIG}/users/<selected>", scope="repository:admin")
def remove_user(call: Call, workspace: str, slug: str, selected: str) -> Answer:
    """Take a user's explicit permission away."""
    repository, user = call.repository(workspace, slug, needs="admin"), call.world.user(selected)
    if user.uuid not in repository.permissions:
        raise not_found(f"{selected} has no explicit permission")
    del repository.permissions[user.uuid]
    return Answer(status=204)
