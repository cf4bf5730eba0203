"""What a person may do, as pages and conditions need to know it; levels are those of Bitbucket's permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import Repository, RepositoryPermission, User, Workspace, WorkspacePermission


def workspace_permission(workspace: Workspace, user: User | None) -> WorkspacePermission | None:
    """The person's place in a workspace, if any; a personal workspace is owned by its person."""
    if user is None:
        return None
    if workspace.personal_of is user:
        return "owner"
    return workspace.members.get(user.uuid)


def repository_permission(repository: Repository, user: User | None) -> RepositoryPermission | None:
    """The most that somebody may do; whoever owns the workspace administers, and public repositories all may read."""
    if workspace_permission(repository.workspace, user) == "owner":
        return "admin"
    explicit = repository.permissions.get(user.uuid) if user else None
    return explicit or (None if repository.is_private else "read")
