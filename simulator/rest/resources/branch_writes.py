"""/refs: branches and tags, created and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request
from simulator.rest.representations.commits import branch, tag_details
from simulator.rest.representations.links import repository_api
from simulator.rest.routes import Answer, Routes
from simulator.world import actions

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

_REFS = "/repositories/<workspace>/<slug>/refs"


def _target(repository: Repository, body: Json) -> str:
    """The commit that a new ref is to point at; raises ApiError (400)."""
    wanted = fields.needed_text(body, "target.hash")
    if repository.git.find(wanted) is None:
        raise bad_request(f'Target "{wanted}" not found', **{"target.hash": ["Not found"]})
    return wanted


@routes.post(f"{_REFS}/branches", scope="repository:write")
def create_branch(call: Call, workspace: str, slug: str) -> Answer:
    """A new branch at a commit, or where another branch is."""
    repository, body = call.repository(workspace, slug, needs="write"), call.json()
    name = fields.needed_text(body, "name")
    made = actions.create_branch(call.world, repository, actor=call.user, name=name, target=_target(repository, body))
    address = repository_api(call.world, repository, "refs/branches", name)
    return Answer(branch(call.world, repository, name, repository.git.commit(made)), 201, {"Location": address})


@routes.delete(f"{_REFS}/branches/<path:name>", scope="repository:write")
def delete_branch(call: Call, workspace: str, slug: str, name: str) -> Answer:
    """Delete a branch; never the main one."""
    repository = call.repository(workspace, slug, needs="write")
    actions.delete_branch(call.world, repository, actor=call.user, name=name)
    return Answer(status=204)


@routes.post(f"{_REFS}/tags", scope="repository:write")
def create_tag(call: Call, workspace: str, slug: str) -> Answer:
    """A new tag; it is annotated, with a message of Bitbucket's own where none is given."""
    repository, body = call.repository(workspace, slug, needs="write"), call.json()
    name = fields.needed_text(body, "name")
    target = _target(repository, body)
    message = (
        fields.text(body, "message") or f"Added tag {name} for changeset {repository.git.commit(target).hash[:12]}"
    )
    made = actions.create_tag(call.world, repository, actor=call.user, name=name, target=target, message=message)
    address = repository_api(call.world, repository, "refs/tags", name)
    tag, commit = repository.git.tags()[name], repository.git.commit(made)
    return Answer(tag_details(call.world, repository, tag, commit), 201, {"Location": address})


@routes.delete(f"{_REFS}/tags/<path:name>", scope="repository:write")
def delete_tag(call: Call, workspace: str, slug: str, name: str) -> Answer:
    """Delete a tag."""
    repository = call.repository(workspace, slug, needs="write")
    actions.delete_tag(call.world, repository, actor=call.user, name=name)
    return Answer(status=204)
