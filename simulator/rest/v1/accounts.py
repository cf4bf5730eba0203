"""People, workspaces and groups as REST 1.0 tells them.

Sources: v1-groups.spring-social.json and its siblings for the shape of each answer; the page groups-endpoint of
support.atlassian.com/bitbucket-cloud/docs for how accounts are told since names gave way to ids in 2019 (`username`,
`first_name` and `last_name` ended with Atlassian's privacy changes; a workspace keeps its name).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.groups import Group
    from simulator.world.model import User, Workspace
    from simulator.world.world import World


def account(world: World, user: User) -> Json:
    """Somebody, as members and inviters are told."""
    return {
        "display_name": user.display_name,
        "account_id": user.account_id,
        "is_active": True,
        "is_team": False,
        "is_staff": False,
        "avatar": f"{world.site_url}/account/{quote(user.uuid)}/avatar/32",
        "resource_uri": f"/1.0/users/{user.uuid}",
        "nickname": user.nickname,
        "uuid": user.uuid,
    }


def owner(world: World, workspace: Workspace) -> Json:
    """Whom a group or a repository belongs to: a workspace, or the one person of a personal one."""
    if workspace.personal_of is not None:
        return account(world, workspace.personal_of)
    return {
        "display_name": workspace.name,
        "username": workspace.slug,
        "account_id": None,
        "mention_id": None,
        "is_active": True,
        "is_team": True,
        "avatar": f"{world.site_url}/account/{quote(workspace.uuid)}/avatar/32",
        "resource_uri": f"/1.0/users/{workspace.uuid}",
        "nickname": workspace.slug,
        "uuid": workspace.uuid,
    }


def group_details(world: World, workspace: Workspace, group: Group) -> Json:
    """A group with its members, as /groups shows it."""
    return {
        "name": group.name,
        "permission": group.permission,
        "auto_add": group.auto_add,
        "email_forwarding_disabled": False,
        "members": [account(world, one) for one in group.members],
        "owner": owner(world, workspace),
        "slug": group.slug,
    }


def group_reference(world: World, workspace: Workspace, group: Group) -> Json:
    """A group as privileges mention it."""
    details = group_details(world, workspace, group)
    return {name: details[name] for name in ("owner", "name", "members", "slug")}
