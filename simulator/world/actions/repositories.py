"""A repository's own life: created, changed, renamed, transferred, forked, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import Project, Repository, User, Workspace
    from simulator.world.world import World


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
    raise NotImplementedError


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
) -> Repository:
    """Change settings. Emits repo:updated with the changes."""
    raise NotImplementedError


def rename_repository(world: World, repository: Repository, *, actor: User, name: str) -> Repository:
    """Rename: name, slug and links change, the uuid does not. Emits repo:updated."""
    raise NotImplementedError


def transfer_repository(world: World, repository: Repository, *, actor: User, workspace: Workspace) -> Repository:
    """Move to another workspace. Emits repo:transfer to both."""
    raise NotImplementedError


def fork_repository(
    world: World, repository: Repository, *, actor: User, workspace: Workspace, name: str | None = None
) -> Repository:
    """Fork into `workspace`. Emits repo:fork (of the original)."""
    raise NotImplementedError


def delete_repository(world: World, repository: Repository, *, actor: User) -> None:
    """Delete. Emits repo:deleted."""
    raise NotImplementedError


def update_project(
    world: World,
    workspace: Workspace,
    project: Project,
    *,
    actor: User,
    name: str | None = None,
    description: str | None = None,
) -> Project:
    """Change a project. Emits project:updated."""
    raise NotImplementedError
