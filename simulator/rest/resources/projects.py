"""Projects of a workspace, created, changed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request, forbidden
from simulator.rest.representations.accounts import project_details
from simulator.rest.resources.workspaces import project_of
from simulator.rest.routes import Answer, Routes
from simulator.world import actions
from simulator.world.model import Project

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Workspace

routes = Routes()

_LIST = "/workspaces/<workspace>/projects"


def _administered(call: Call, workspace: str) -> Workspace:
    home = call.workspace(workspace)
    if call.principal.role_in(home) != "owner":
        raise forbidden()
    return home


@routes.post(_LIST, scope="project:admin")
def create(call: Call, workspace: str) -> Answer:
    """One more project."""
    return _create(call, _administered(call, workspace), call.json())


def _create(call: Call, home: Workspace, body: Json) -> Answer:
    key, name = fields.needed_text(body, "key").upper(), fields.needed_text(body, "name")
    if key in home.projects:
        raise bad_request("Project with this Owner and Key already exists.", key=["taken"])
    now = call.world.now()
    private = fields.flag(body, "is_private")
    made = Project(
        call.world.new_uuid("project"),
        key,
        name,
        now,
        now,
        fields.text(body, "description") or "",
        is_private=True if private is None else private,
    )
    home.projects[key] = made
    answer = project_details(call.world, home, made)
    return Answer(answer, 201, {"Location": answer["links"]["self"]["href"]})


@routes.put(f"{_LIST}/<key>", scope="project:admin")
def update(call: Call, workspace: str, key: str) -> Answer:
    """Change a project; a key that is not there is a new one (201)."""
    home, body = _administered(call, workspace), call.json()
    if key not in home.projects:
        return _create(call, home, {"key": key} | body)
    project = project_of(call, home, key)
    actions.update_project(
        call.world,
        home,
        project,
        actor=call.user,
        name=fields.text(body, "name"),
        description=fields.text(body, "description"),
    )
    private = fields.flag(body, "is_private")
    project.is_private = project.is_private if private is None else private
    return Answer(project_details(call.world, home, project))


@routes.delete(f"{_LIST}/<key>", scope="project:admin")
def delete(call: Call, workspace: str, key: str) -> Answer:
    """Delete a project without repositories."""
    home = _administered(call, workspace)
    project = project_of(call, home, key)
    if any(one.project is project for one in call.world.in_workspace(home)):
        raise bad_request("Cannot delete a project that contains repositories.")
    del home.projects[key]
    return Answer(status=204)
