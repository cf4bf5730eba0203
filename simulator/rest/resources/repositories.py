"""/repositories: one repository and the repositories of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.representations.accounts import account
from simulator.rest.representations.repositories import repository_details
from simulator.rest.routes import Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

# What `role` of the listing asks for (description of GET /repositories/{workspace}).
_ROLES = {"member": "read", "contributor": "write", "admin": "admin", "owner": "admin"}


@routes.get("/repositories/<workspace>", scope="repository")
def of_workspace(call: Call, workspace: str) -> Json:
    """The repositories of a workspace that the caller may see.

    A private workspace's public repositories are seen by all, so the workspace itself is not asked for.
    """
    home = call.world.workspace(workspace)
    visible = [one for one in call.world.in_workspace(home) if call.principal.may("read", one)]
    if home.is_private and not visible and call.principal.role_in(home) is None:
        raise not_found(f"No workspace with identifier '{workspace}'.")
    if role := call.arguments.get("role"):
        visible = [one for one in visible if call.principal.may(_ROLES.get(role, "admin"), one)]
    return call.page(visible, lambda one: repository_details(call.world, one), shortcuts=_SHORTCUTS)


_SHORTCUTS = {
    "name": lambda one: one.name,
    "slug": lambda one: one.slug,
    "uuid": lambda one: one.uuid,
    "is_private": lambda one: one.is_private,
    "project.key": lambda one: one.project.key,
}


@routes.get("/repositories/<workspace>/<slug>", scope="repository")
def one_repository(call: Call, workspace: str, slug: str) -> Json:
    """A repository by slugs or UUIDs; `{}` as the workspace goes with a UUID."""
    return repository_details(call.world, call.repository(workspace, slug))


def forks_of(call: Call, repository: Repository) -> list[Repository]:
    """The repository's forks that the caller may see."""
    return [
        one for one in call.world.repositories.values() if one.parent is repository and call.principal.may("read", one)
    ]


@routes.get("/repositories/<workspace>/<slug>/forks", scope="repository")
def forks(call: Call, workspace: str, slug: str) -> Json:
    """The repository's forks."""
    found = forks_of(call, call.repository(workspace, slug))
    return call.page(found, lambda one: repository_details(call.world, one), shortcuts=_SHORTCUTS)


@routes.get("/repositories/<workspace>/<slug>/watchers", scope="repository")
def watchers(call: Call, workspace: str, slug: str) -> Json:
    """Those who watch it: here, whoever may administer it explicitly."""
    repository = call.repository(workspace, slug)
    users = [call.world.users[uuid] for uuid, level in repository.permissions.items() if level == "admin"]
    return call.page(users, lambda one: account(call.world, one))
