"""Groups of a workspace, what they may do with its repositories, and who was invited: what REST 1.0 is still asked for.

Sources: the pages groups-endpoint, group-privileges-endpoint, invitations-endpoint and invitations-resource of
support.atlassian.com/bitbucket-cloud/docs, and the recorded bodies ../shared/bitbucket/rest/v1-*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.world import identifiers
from simulator.world.errors import Conflict, Invalid, Missing

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.world.model import Repository, RepositoryPermission, User, Workspace

PRIVILEGES = ("read", "write", "admin")
"""Rising, as rights compare."""


@dataclass(slots=True, eq=False)
class Group:
    """Some of the people of a workspace. `permission` is what each new repository grants it; None: nothing."""

    slug: str
    name: str
    permission: RepositoryPermission | None = None
    auto_add: bool = False
    members: list[User] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class GroupInvitation:
    """Somebody outside was asked to join groups of a workspace."""

    email: str
    invited_by: User
    sent_on: datetime
    groups: list[Group] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class RepositoryInvitation:
    """Somebody outside was asked to one repository."""

    email: str
    permission: RepositoryPermission
    invited_by: User
    sent_on: datetime


def group_of(workspace: Workspace, slug: str) -> Group:
    """The group of a workspace by its slug; raises Missing."""
    found = workspace.groups.get(slug)
    if found is None:
        raise Missing(f"There is no group {workspace.slug}/{slug}.")
    return found


def create_group(workspace: Workspace, name: str) -> Group:
    """A new group without members; raises Invalid or Conflict."""
    slug = identifiers.slug_of(name)
    if not name.strip():
        raise Invalid("name: this field is required")
    if slug in workspace.groups:
        raise Conflict(f"A group named {name} already exists.")
    made = Group(slug, name)
    workspace.groups[slug] = made
    return made


def rename_group(workspace: Workspace, group: Group, name: str) -> None:
    """Another name, and so another slug; raises Conflict."""
    slug = identifiers.slug_of(name)
    if workspace.groups.get(slug, group) is not group:
        raise Conflict(f"A group named {name} already exists.")
    del workspace.groups[group.slug]
    group.name, group.slug = name, slug
    workspace.groups[slug] = group


def delete_group(workspace: Workspace, group: Group) -> None:
    """The group goes, with the invitations that were to it alone; its members stay members of the workspace."""
    del workspace.groups[group.slug]
    for invitation in list(workspace.group_invitations.values()):
        withdraw(workspace, invitation, group)


def withdraw(workspace: Workspace, invitation: GroupInvitation, group: Group) -> None:
    """Take one group out of an invitation; the last one takes the invitation along."""
    if group in invitation.groups:
        invitation.groups.remove(group)
    if not invitation.groups:
        workspace.group_invitations.pop(invitation.email, None)


def join(workspace: Workspace, group: Group, user: User) -> None:
    """Put somebody into a group; who was no member of the workspace becomes one."""
    workspace.members.setdefault(user.uuid, "member")
    if user not in group.members:
        group.members.append(user)


def privileges_on(repository: Repository) -> dict[Group, RepositoryPermission]:
    """What groups may do with a repository. Grants to groups that are gone, or of a former workspace, count for nothing."""
    held = repository.group_privileges
    return {group: held[group] for group in repository.workspace.groups.values() if group in held}


def privilege_through_groups(repository: Repository, user: User) -> RepositoryPermission | None:
    """The most that somebody's groups let them do with a repository."""
    granted = [level for group, level in privileges_on(repository).items() if user in group.members]
    return max(granted, key=PRIVILEGES.index, default=None)
