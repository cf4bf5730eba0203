"""/1.0/group-privileges: what the groups of a workspace may do with its repositories.

The body of a PUT is the bare word `read`, `write` or `admin`; a form is refused with what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.routes import Answer, Routes
from simulator.rest.v1.access import administered, administered_repository, is_the_owner, permission_in
from simulator.rest.v1.accounts import group_reference, owner
from simulator.world.groups import group_of, privileges_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.groups import Group
    from simulator.world.model import Repository, Workspace

routes = Routes()

_WORKSPACE = "/group-privileges/<workspace>"
_REPOSITORY = f"{_WORKSPACE}/<slug>"
_OF_GROUP = f"{_WORKSPACE}/<group_owner>/<group>"
_ON_REPOSITORY = f"{_REPOSITORY}/<group_owner>/<group>"


def _represent(call: Call, repository: Repository, group: Group) -> Json:
    workspace = repository.workspace
    return {
        "repo": repository.full_name,
        "privilege": privileges_on(repository)[group],
        "group": group_reference(call.world, workspace, group),
        "repository": {
            "owner": owner(call.world, workspace),
            "name": repository.name,
            "slug": repository.slug,
        },
    }


def _group(workspace: Workspace, group_owner: str, slug: str) -> Group:
    """A group of the workspace; groups of another one are never granted anything here."""
    if not is_the_owner(workspace, group_owner):
        raise not_found(f"There is no group {group_owner}/{slug} in this workspace.")
    return group_of(workspace, slug)


def _wanted(call: Call, repositories: Iterable[Repository]) -> Iterable[tuple[Repository, Group]]:
    """Grants on repositories, narrowed by `filter` (a privilege) and `private`."""
    privilege, private = call.arguments.get("filter"), call.arguments.get("private")
    for repository in repositories:
        if private is not None and repository.is_private is not (private.lower() == "true"):
            continue
        for group, level in privileges_on(repository).items():
            if privilege in {None, level}:
                yield repository, group


@routes.get(_WORKSPACE, scope="repository:admin")
def of_workspace(call: Call, workspace: str) -> Answer:
    """Every grant on every repository of a workspace."""
    home = administered(call, workspace)
    grants = _wanted(call, call.world.in_workspace(home))
    return Answer([_represent(call, repository, group) for repository, group in grants])


@routes.get(_REPOSITORY, scope="repository:admin")
def of_repository(call: Call, workspace: str, slug: str) -> Answer:
    """Every grant on one repository."""
    repository = administered_repository(call, workspace, slug)
    return Answer([_represent(call, one, group) for one, group in _wanted(call, [repository])])


@routes.get(_OF_GROUP, scope="repository:admin")
def of_group(call: Call, workspace: str, group_owner: str, group: str) -> Answer:
    """Every repository that one group may use."""
    home = administered(call, workspace)
    wanted = _group(home, group_owner, group)
    grants = _wanted(call, call.world.in_workspace(home))
    return Answer([_represent(call, repository, one) for repository, one in grants if one is wanted])


@routes.delete(_OF_GROUP, scope="repository:admin")
def revoke_everywhere(call: Call, workspace: str, group_owner: str, group: str) -> Answer:
    """Take away all that one group may do."""
    home = administered(call, workspace)
    wanted = _group(home, group_owner, group)
    for repository in call.world.in_workspace(home):
        repository.group_privileges.pop(wanted, None)
    return Answer(status=204)


@routes.get(_ON_REPOSITORY, scope="repository:admin")
def of_group_on_repository(call: Call, workspace: str, slug: str, group_owner: str, group: str) -> Answer:
    """What one group may do with one repository: a list of one, or of none."""
    repository = administered_repository(call, workspace, slug)
    wanted = _group(repository.workspace, group_owner, group)
    return Answer([_represent(call, repository, wanted)] if wanted in privileges_on(repository) else [])


@routes.put(_ON_REPOSITORY, scope="repository:admin")
def grant(call: Call, workspace: str, slug: str, group_owner: str, group: str) -> Answer:
    """Let a group read, write or administer a repository."""
    repository = administered_repository(call, workspace, slug)
    wanted = _group(repository.workspace, group_owner, group)
    repository.group_privileges[wanted] = permission_in(_bare_word(call), what="privilege")
    return Answer([_represent(call, repository, wanted)])


@routes.delete(_ON_REPOSITORY, scope="repository:admin")
def revoke(call: Call, workspace: str, slug: str, group_owner: str, group: str) -> Answer:
    """Take away what a group may do with a repository."""
    repository = administered_repository(call, workspace, slug)
    wanted = _group(repository.workspace, group_owner, group)
    if wanted not in privileges_on(repository):
        raise not_found(f"{group_owner}/{group} has no privilege on {repository.full_name}")
    del repository.group_privileges[wanted]
    return Answer(status=204)


def _bare_word(call: Call) -> str:
    """The body as text. `curl --data write` calls the bare word a form, which then has one empty field."""
    if not call.form:
        return call.body.decode("utf-8", "replace").strip()
    pairs = [(name, value) for name, values in call.form.items() for value in values]
    return "&".join(f"{name}={value}" if value else name for name, value in pairs)
