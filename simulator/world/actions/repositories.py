"""A repository's own life: created, changed, renamed, transferred, forked, deleted."""

# ruff: noqa: PLR0913 - an action takes the facts of what happens by keyword

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest.representations.accounts import account, project_details, workspace_reference
from simulator.rest.representations.repositories import repository_in_event, repository_reference
from simulator.world import identifiers
from simulator.world.actions.announcing import announce
from simulator.world.errors import Invalid
from simulator.world.git import GitRepository
from simulator.world.model import Event, Repository

if TYPE_CHECKING:
    from simulator.world.model import Project, User, Workspace
    from simulator.world.world import World


def _free_slug(world: World, workspace: Workspace, slug: str, *, besides: Repository | None = None) -> str:
    if any(one.slug == slug and one is not besides for one in world.in_workspace(workspace)):
        problem = "Repository with this Slug and Owner already exists."
        raise Invalid(problem, fields={"name": [problem]})
    return slug


def _project(workspace: Workspace, key: str | None) -> Project:
    """The project with `key`, or the workspace's first."""
    if key is None:
        if not workspace.projects:
            raise Invalid("Bad request", fields={"project": ["The workspace has no project"]})
        return next(iter(workspace.projects.values()))
    if key not in workspace.projects:
        raise Invalid("Bad request", fields={"project": [f"Project with key {key} not found"]})
    return workspace.projects[key]


def create_repository(
    world: World,
    workspace: Workspace,
    *,
    actor: User,
    name: str,
    slug: str | None = None,
    uuid: str | None = None,
    project_key: str | None = None,
    is_private: bool = True,
    description: str = "",
) -> Repository:
    """Create an empty repository. Emits repo:created."""
    with world.lock:
        now = world.now()
        made = Repository(
            uuid=uuid or world.new_uuid("repository"),
            workspace=workspace,
            project=_project(workspace, project_key),
            slug=_free_slug(world, workspace, slug or identifiers.slug_of(name)),
            name=name,
            git=GitRepository.create(world.new_directory()),
            created_on=now,
            updated_on=now,
            is_private=is_private,
            description=description,
            permissions={actor.uuid: "admin"},
            group_privileges={group: group.permission for group in workspace.groups.values() if group.permission},
        )
        world.add_repository(made)
        announce(world, "repo:created", repository=made, actor=actor, subject={})
        return made


def update_repository(
    world: World,
    repository: Repository,
    *,
    actor: User,
    description: str | None = None,
    website: str | None = None,
    language: str | None = None,
    is_private: bool | None = None,
    main_branch: str | None = None,
    project_key: str | None = None,
    has_issues: bool | None = None,
    fork_policy: str | None = None,
) -> Repository:
    """Change settings. Emits repo:updated with the changes."""
    with world.lock:
        wanted = {
            "description": description,
            "website": website,
            "language": language,
            "is_private": is_private,
            "main_branch": main_branch,
            "has_issues": has_issues,
            "fork_policy": fork_policy,
        }
        changes: dict[str, Any] = {}
        for name, value in wanted.items():
            old = getattr(repository, name)
            if value is not None and value != old:
                setattr(repository, name, value)
                changes["mainbranch" if name == "main_branch" else name] = {"new": value, "old": old}
        if project_key is not None and project_key != repository.project.key:
            changes["project"] = {"new": {"key": project_key}, "old": {"key": repository.project.key}}
            repository.project = _project(repository.workspace, project_key)
        return _changed(world, repository, changes, actor=actor)


def _changed(world: World, repository: Repository, changes: dict[str, Any], *, actor: User) -> Repository:
    if changes:
        repository.updated_on = world.now()
        announce(world, "repo:updated", repository=repository, actor=actor, subject={"changes": changes})
    return repository


def rename_repository(world: World, repository: Repository, *, actor: User, name: str) -> Repository:
    """Rename: name, slug and links change, the uuid does not. Emits repo:updated (repo-updated.go-playground.json)."""
    with world.lock:
        slug = _free_slug(world, repository.workspace, identifiers.slug_of(name), besides=repository)
        if (name, slug) == (repository.name, repository.slug):
            return repository
        before = _identity(world, repository)
        repository.name, repository.slug = name, slug
        after = _identity(world, repository)
        changes = {key: {"new": after[key], "old": before[key]} for key in before if before[key] != after[key]}
        return _changed(world, repository, changes, actor=actor)


def _identity(world: World, repository: Repository) -> dict[str, Any]:
    reference = repository_reference(world, repository)
    return {key: reference[key] for key in ("name", "full_name", "links")} | {"slug": repository.slug}


def transfer_repository(world: World, repository: Repository, *, actor: User, workspace: Workspace) -> Repository:
    """Move to another workspace. Emits repo:transfer to both (no body of it was found recorded)."""
    with world.lock:
        origin = repository.workspace
        if workspace is origin:
            return repository
        _free_slug(world, workspace, repository.slug)
        repository.project = _project(workspace, None)
        repository.workspace = workspace
        repository.permissions = {actor.uuid: "admin"}
        repository.updated_on = world.now()
        subject = {"previous_workspace": workspace_reference(world, origin)}
        for told in (origin, workspace):
            announce(world, "repo:transfer", repository=repository, actor=actor, subject=dict(subject), workspace=told)
        return repository


def fork_repository(
    world: World, repository: Repository, *, actor: User, workspace: Workspace, name: str | None = None
) -> Repository:
    """Fork into `workspace`. Emits repo:fork of the original (repo-fork.go-playground.json)."""
    with world.lock:
        now = world.now()
        called = name or repository.name
        made = Repository(
            uuid=world.new_uuid("repository"),
            workspace=workspace,
            project=_project(workspace, None),
            slug=_free_slug(world, workspace, identifiers.slug_of(called)),
            name=called,
            git=GitRepository.fork(repository.git, world.new_directory()),
            created_on=now,
            updated_on=now,
            is_private=repository.is_private,
            description=repository.description,
            language=repository.language,
            main_branch=repository.main_branch,
            parent=repository,
            permissions={actor.uuid: "admin"},
        )
        world.add_repository(made)
        body = {"fork": repository_in_event(world, made)}
        announce(world, "repo:fork", repository=repository, actor=actor, subject=body)
        return made


def delete_repository(world: World, repository: Repository, *, actor: User) -> None:
    """Delete; forks and pull requests from it lose their origin. Emits repo:deleted."""
    with world.lock:
        del world.repositories[repository.uuid]
        for other in world.repositories.values():
            if other.parent is repository:
                other.parent = None
            for pull_request in other.pull_requests.values():
                if pull_request.source_repository is repository:
                    pull_request.source_repository = None
        announce(world, "repo:deleted", repository=repository, actor=actor, subject={})


def update_project(
    world: World,
    workspace: Workspace,
    project: Project,
    *,
    actor: User,
    name: str | None = None,
    description: str | None = None,
) -> Project:
    """Change a project. Emits project:updated (no body of it was found recorded)."""
    with world.lock:
        changes: dict[str, Any] = {}
        for field, value in (("name", name), ("description", description)):
            old = getattr(project, field)
            if value is not None and value != old:
                setattr(project, field, value)
                changes[field] = {"new": value, "old": old}
        if changes:
            project.updated_on = world.now()
            subject = {"project": project_details(world, workspace, project), "changes": changes}
            body = subject | {"actor": account(world, actor)}
            world.emit(Event("project:updated", workspace, None, actor, subject, body, world.now()))
        return project
