"""/repositories: created, changed, renamed, forked and deleted; their inheritance switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.credentials import require_user
from simulator.rest.errors import bad_request, forbidden
from simulator.rest.representations.links import repository_api
from simulator.rest.representations.repositories import repository_details
from simulator.rest.routes import Answer, Routes
from simulator.world import actions, identifiers
from simulator.world.errors import Missing

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository, Workspace

routes = Routes()

_ONE = "/repositories/<workspace>/<slug>"


def _home(call: Call, key: str) -> Workspace:
    """A workspace in which the caller may make repositories; raises ApiError (403, 404)."""
    home = call.workspace(key)
    require_user(call.principal)
    if call.principal.role_in(home) is None:
        raise forbidden("You cannot administer this workspace.")
    return home


@routes.post(_ONE, scope="repository:admin")
def create(call: Call, workspace: str, slug: str) -> Answer:
    """A new and empty repository."""
    return _create(call, _home(call, workspace), slug, status=200)


_FORK_POLICIES = ("allow_forks", "no_public_forks", "no_forks")


def _fork_policy(body: Json) -> str | None:
    policy = fields.text(body, "fork_policy")
    if policy not in {None, *_FORK_POLICIES}:
        raise bad_request("Bad request", fork_policy=f"{policy} is not a valid choice")
    return policy


def _create(call: Call, home: Workspace, slug: str, *, status: int) -> Answer:
    body = call.json()
    fork_policy = _fork_policy(body)
    made = actions.create_repository(
        call.world,
        home,
        actor=call.user,
        name=fields.text(body, "name") or slug,
        slug=identifiers.slug_of(slug),
        project_key=fields.text(body, "project.key"),
        is_private=True if (private := fields.flag(body, "is_private")) is None else private,
        description=fields.text(body, "description") or "",
    )
    made.fork_policy = fork_policy or made.fork_policy  # type: ignore[assignment]
    made.language = fields.text(body, "language") or ""
    made.website = fields.text(body, "website")
    made.has_issues = bool(fields.flag(body, "has_issues"))
    address = repository_api(call.world, made)
    return Answer(repository_details(call.world, made), status, {"Location": address})


@routes.put(_ONE, scope="repository:admin")
def update(call: Call, workspace: str, slug: str) -> Answer:
    """Change settings; another `name` is a rename, an address without a repository creates one (201)."""
    try:
        repository = call.repository(workspace, slug, needs="admin")
    except Missing:
        return _create(call, _home(call, workspace), slug, status=201)
    body, actor = call.json(), call.user
    main_branch = fields.text(body, "mainbranch.name")
    if main_branch is not None and main_branch not in repository.git.branches():
        raise bad_request("Bad request", mainbranch=f"branch not found: {main_branch}")
    fork_policy = _fork_policy(body)
    name = fields.text(body, "name")
    if name is not None and name != repository.name:
        actions.rename_repository(call.world, repository, actor=actor, name=name)
    actions.update_repository(
        call.world,
        repository,
        actor=actor,
        description=fields.text(body, "description"),
        website=fields.text(body, "website"),
        language=fields.text(body, "language"),
        is_private=fields.flag(body, "is_private"),
        main_branch=main_branch,
        project_key=fields.text(body, "project.key"),
        has_issues=fields.flag(body, "has_issues"),
        fork_policy=fork_policy,
    )
    return Answer(
        repository_details(call.world, repository), headers={"Location": repository_api(call.world, repository)}
    )


@routes.delete(_ONE, scope="repository:delete")
def delete(call: Call, workspace: str, slug: str) -> Answer:
    """Delete it for good."""
    repository = call.repository(workspace, slug, needs="admin")
    actions.delete_repository(call.world, repository, actor=call.user)
    return Answer(status=204)


@routes.post(f"{_ONE}/forks", scope="repository:write")
def fork(call: Call, workspace: str, slug: str) -> Answer:
    """Fork into the workspace that the body names, by default the repository's own."""
    repository, body = call.repository(workspace, slug), call.json()
    key = fields.text(body, "workspace.slug") or fields.text(body, "workspace.uuid") or repository.workspace.slug
    home = _home(call, key)
    made = actions.fork_repository(
        call.world, repository, actor=call.user, workspace=home, name=fields.text(body, "name")
    )
    return Answer(repository_details(call.world, made), 201, {"Location": repository_api(call.world, made)})


def _inheritance(repository: Repository) -> Json:
    own = repository.branching_model.development is not None or repository.branching_model.has_production
    return {
        "type": "repository_inheritance_state",
        "override_settings": {"default_merge_strategy": False, "branching_model": own},
    }


@routes.get(f"{_ONE}/override-settings", scope="repository:admin")
def override_settings(call: Call, workspace: str, slug: str) -> Json:
    """Which settings are the repository's own rather than its project's."""
    return _inheritance(call.repository(workspace, slug, needs="admin"))


@routes.put(f"{_ONE}/override-settings", scope="repository:admin")
def change_override_settings(call: Call, workspace: str, slug: str) -> Answer:
    """Accepted as they are: here a project has no settings to inherit."""
    call.repository(workspace, slug, needs="admin")
    call.json()
    return Answer(status=204)
