"""/permissions-config/groups: what groups may do with a repository, as 2.0 tells what 1.0's group-privileges hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request, not_found
from simulator.rest.representations.accounts import owner, workspace_reference
from simulator.rest.representations.links import href, repository_api, site
from simulator.rest.representations.repositories import repository_reference
from simulator.rest.routes import Answer, Routes
from simulator.world.groups import PRIVILEGES, group_of, privileges_on

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.groups import Group
    from simulator.world.model import Repository

routes = Routes()

_ALL = "/repositories/<workspace>/<slug>/permissions-config/groups"
_ONE = f"{_ALL}/<group>"


def _represent(call: Call, repository: Repository, group: Group) -> Json:
    address = repository_api(call.world, repository, "permissions-config/groups", group.slug)
    return {
        "type": "repository_group_permission",
        "permission": privileges_on(repository).get(group, "none"),
        "group": _group(call, repository, group),
        "repository": repository_reference(call.world, repository),
        "links": {"self": href(address)},
    }


def _group(call: Call, repository: Repository, group: Group) -> Json:
    workspace = repository.workspace
    page = site(call.world, workspace.slug, "workspace/settings/groups", group.slug)
    return {
        "type": "group",
        "owner": owner(call.world, workspace),
        "workspace": workspace_reference(call.world, workspace),
        "name": group.name,
        "slug": group.slug,
        "full_slug": f"{workspace.slug}:{group.slug}",
        "links": {"html": href(page)},
    }


@routes.get(_ALL, scope="repository:admin")
def groups(call: Call, workspace: str, slug: str) -> Json:
    """Every group with a permission."""
    repository = call.repository(workspace, slug, needs="admin")
    return call.page(list(privileges_on(repository)), lambda one: _represent(call, repository, one))


@routes.get(_ONE, scope="repository:admin")
def one_group(call: Call, workspace: str, slug: str, group: str) -> Json:
    """One group's permission, `none` if it has none."""
    repository = call.repository(workspace, slug, needs="admin")
    return _represent(call, repository, group_of(repository.workspace, group))


@routes.put(_ONE, scope="repository:admin")
def change_group(call: Call, workspace: str, slug: str, group: str) -> Json:
    """Give a group a permission."""
    repository = call.repository(workspace, slug, needs="admin")
    found, level = group_of(repository.workspace, group), fields.needed_text(call.json(), "permission")
    if level not in PRIVILEGES:
        raise bad_request("Bad request", permission=f"{level} is not a valid choice")
    repository.group_privileges[found] = level  # type: ignore[assignment]
    return _represent(call, repository, found)


@routes.delete(_ONE, scope="repository:admin")
def remove_group(call: Call, workspace: str, slug: str, group: str) -> Answer:
    """Take a group's permission away."""
    repository = call.repository(workspace, slug, needs="admin")
    found = group_of(repository.workspace, group)
    if found not in privileges_on(repository):
        raise not_found(f"{group} has no permission")
    del repository.group_privileges[found]
    return Answer(status=204)
