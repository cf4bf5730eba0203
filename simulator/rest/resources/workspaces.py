"""/workspaces: a workspace, its members, their permissions, its projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.credentials import require_user
from simulator.rest.errors import forbidden, not_found
from simulator.rest.representations.accounts import (
    account,
    project_details,
    workspace_details,
    workspace_reference,
)
from simulator.rest.representations.links import api, href, timestamp
from simulator.rest.representations.pull_requests import HIDDEN_IN_LISTS, pull_request_details
from simulator.rest.representations.repositories import repository_reference
from simulator.rest.routes import Answer, Routes
from simulator.world import identifiers

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Project, Repository, User, Workspace

routes = Routes()


@routes.get("/workspaces/<workspace>", scope=None)
def one_workspace(call: Call, workspace: str) -> Json:
    """A workspace by slug or UUID."""
    return workspace_details(call.world, call.workspace(workspace))


def _as_member(call: Call, workspace: str) -> Workspace:
    home = call.workspace(workspace)
    require_user(call.principal)
    if call.principal.role_in(home) is None:
        raise forbidden()
    return home


def _members(call: Call, home: Workspace) -> list[User]:
    held = [call.world.users[uuid] for uuid in home.members if uuid in call.world.users]
    return held or ([home.personal_of] if home.personal_of else [])


def _membership(call: Call, home: Workspace, user: User) -> Json:
    return {
        "type": "workspace_membership",
        "links": {"self": href(api(call.world, "workspaces", home.slug, "members", user.uuid))},
        "user": account(call.world, user),
        "workspace": workspace_reference(call.world, home),
    }


def _with_permission(call: Call, home: Workspace, user: User) -> Json:
    return _membership(call, home, user) | {
        "permission": home.members.get(user.uuid, "owner"),
        "added_on": timestamp(home.created_on),
        "last_accessed": timestamp(call.world.now()),
    }


@routes.get("/workspaces/<workspace>/members", scope="account")
def members(call: Call, workspace: str) -> Json:
    """Everybody in a workspace; administrators may filter by e-mail."""
    home = _as_member(call, workspace)
    shortcuts = {
        "user.email": lambda user: user.email,
        "permission": lambda user: home.members.get(user.uuid, "owner"),
    }
    return call.page(_members(call, home), lambda user: _membership(call, home, user), shortcuts=shortcuts)


@routes.get("/workspaces/<workspace>/members/<member>", scope="account")
def one_member(call: Call, workspace: str, member: str) -> Json:
    """One member, by UUID or account id."""
    home = _as_member(call, workspace)
    wanted = identifiers.braced(member) or member
    for user in _members(call, home):
        if wanted in {user.uuid, user.account_id}:
            return _with_permission(call, home, user)
    raise not_found(f"{member} is not a member of {home.slug}")


@routes.get("/workspaces/<workspace>/permissions", scope="account")
def permissions(call: Call, workspace: str) -> Json:
    """Everybody in a workspace with their role."""
    home = _as_member(call, workspace)
    shortcuts = {"permission": lambda user: home.members.get(user.uuid, "owner")}
    return call.page(
        _members(call, home), lambda user: _with_permission(call, home, user), default=50, shortcuts=shortcuts
    )


def _repository_permissions(call: Call, repository: Repository) -> list[tuple[Repository, User, str]]:
    users = call.world.users
    return [(repository, users[uuid], level) for uuid, level in repository.permissions.items() if uuid in users]


def _repository_permission(call: Call, row: tuple[Repository, User, str]) -> Json:
    repository, user, level = row
    return {
        "type": "repository_permission",
        "permission": level,
        "user": account(call.world, user),
        "repository": repository_reference(call.world, repository),
    }


def _administered(call: Call, workspace: str) -> Workspace:
    home = _as_member(call, workspace)
    if call.principal.role_in(home) != "owner":
        raise forbidden()
    return home


@routes.get("/workspaces/<workspace>/permissions/repositories", scope="account")
def all_repository_permissions(call: Call, workspace: str) -> Json:
    """Every explicit permission on every repository; administrators only."""
    home = _administered(call, workspace)
    rows = [row for one in call.world.in_workspace(home) for row in _repository_permissions(call, one)]
    return call.page(rows, lambda row: _repository_permission(call, row))


@routes.get("/workspaces/<workspace>/permissions/repositories/<slug>", scope="repository")
def one_repository_permissions(call: Call, workspace: str, slug: str) -> Json:
    """Every explicit permission on one repository; administrators only."""
    _administered(call, workspace)
    rows = _repository_permissions(call, call.repository(workspace, slug))
    return call.page(rows, lambda row: _repository_permission(call, row))


@routes.get("/workspaces/<workspace>/projects", scope="project")
def projects(call: Call, workspace: str) -> Json:
    """The projects that the caller may see."""
    home = call.workspace(workspace)
    seen = [one for one in home.projects.values() if call.principal.sees_project(home, one)]
    return call.page(seen, lambda one: project_details(call.world, home, one))


def project_of(call: Call, home: Workspace, key: str) -> Project:
    """A project that the caller may see; raises ApiError (404)."""
    found = home.projects.get(key)
    if found is None or not call.principal.sees_project(home, found):
        raise not_found(f"Project with key {key} not found")
    return found


@routes.get("/workspaces/<workspace>/projects/<key>", scope="project")
def one_project(call: Call, workspace: str, key: str) -> Json:
    """One project by its key."""
    home = call.workspace(workspace)
    return project_details(call.world, home, project_of(call, home, key))


@routes.get("/workspaces/<workspace>/pullrequests/<selected>", scope="pullrequest")
def pull_requests_of(call: Call, workspace: str, selected: str) -> Answer:
    """What one user opened in a workspace; only open ones unless `state` says more."""
    home = call.workspace(workspace)
    author = call.world.user(selected)
    states = call.every.get("state") or ["OPEN"]
    found = [
        pull_request
        for repository in call.world.in_workspace(home)
        if call.principal.may("read", repository)
        for pull_request in reversed(repository.pull_requests.values())
        if pull_request.author is author and pull_request.state in states
    ]
    page = call.page(found, lambda one: pull_request_details(call.world, one), largest=50)
    return Answer(page, hidden=tuple(f"values.{name}" for name in HIDDEN_IN_LISTS))
