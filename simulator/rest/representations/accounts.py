"""Users, workspaces and projects as JSON.

Sources: user.toolchain--connect.json, user.drone-go-scm.json, workspace.gildas.json, workspaces.toolchain.json,
repository-full.jenkins-branch-source.json (nested workspace and project), pullrequest.gildas.json (an app user),
repo-push.toolchain--branch-delete.json (a team as owner).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from simulator.rest.representations.links import api, href, seconds, site, timestamp

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.model import Project, User, Workspace
    from simulator.world.world import World


def account(world: World, user: User) -> Json:
    """A user as other objects mention them."""
    if user.kind == "app_user":
        return _app_user(world, user)
    return {
        "display_name": user.display_name,
        "links": {
            "self": href(api(world, "users", user.uuid)),
            "avatar": href(_avatar(world, user.uuid)),
            "html": href(site(world, user.uuid) + "/"),
        },
        "type": user.kind,
        "uuid": user.uuid,
        "account_id": user.account_id,
        "nickname": user.nickname,
    }


def _app_user(world: World, user: User) -> Json:
    return {
        "type": "app_user",
        "links": {
            "self": href(api(world, "users", user.uuid)),
            "avatar": href(_avatar(world, user.uuid)),
            "html": href(site(world, user.uuid) + "/"),
        },
        "created_on": timestamp(user.created_on),
        "display_name": user.display_name,
        "uuid": user.uuid,
        "account_id": user.account_id,
        "account_status": "active",
        "kind": "repository_access_token",
    }


def _avatar(world: World, uuid: str) -> str:
    return f"{world.site_url}/account/{quote(uuid)}/avatar/"


def user_profile(world: World, user: User) -> Json:
    """A user as /users/{id} shows them."""
    profile = account(world, user)
    profile["links"] |= {
        "repositories": href(api(world, "repositories", user.uuid)),
        "snippets": href(api(world, "snippets", user.uuid)),
        "hooks": href(api(world, "workspaces", user.uuid, "hooks")),
    }
    return profile | {
        "created_on": timestamp(user.created_on),
        "is_staff": False,
        "location": None,
        "account_status": "active",
    }


def own_profile(world: World, user: User) -> Json:
    """A user as /user shows them to themselves; the old `username` is still in it."""
    return user_profile(world, user) | {"username": user.nickname, "has_2fa_enabled": None}


def owner(world: World, workspace: Workspace) -> Json:
    """The account behind a workspace: its one user, or a team."""
    if workspace.personal_of is not None:
        return account(world, workspace.personal_of)
    return {
        "display_name": workspace.name,
        "links": {
            "self": href(api(world, "workspaces", workspace.uuid)),
            "avatar": href(_avatar(world, workspace.uuid)),
            "html": href(site(world, workspace.uuid) + "/"),
        },
        "type": "team",
        "uuid": workspace.uuid,
        "username": workspace.slug,
    }


def workspace_reference(world: World, workspace: Workspace) -> Json:
    """A workspace as other objects mention it."""
    avatar = f"{site(world, 'workspaces', workspace.slug)}/avatar/?ts={seconds(workspace.created_on)}"
    return {
        "type": "workspace",
        "uuid": workspace.uuid,
        "name": workspace.name,
        "slug": workspace.slug,
        "links": {
            "avatar": href(avatar),
            "html": href(site(world, workspace.slug) + "/"),
            "self": href(api(world, "workspaces", workspace.slug)),
        },
    }


def workspace_base(world: World, workspace: Workspace) -> Json:
    """A workspace in its shortest form (workspace-access.gildas.json)."""
    full = workspace_reference(world, workspace)
    links = {"avatar": full["links"]["avatar"], "self": full["links"]["self"]}
    return {"type": "workspace_base", "uuid": workspace.uuid, "slug": workspace.slug, "links": links}


def workspace_details(world: World, workspace: Workspace) -> Json:
    """A workspace as /workspaces/{workspace} shows it."""
    details = workspace_reference(world, workspace)
    base = ("workspaces", workspace.slug)
    links = details["links"] | {
        "hooks": href(api(world, *base, "hooks")),
        "html_overview": href(site(world, workspace.slug, "workspace/overview") + "/"),
        "members": href(api(world, *base, "members")),
        "owners": href(api(world, *base, "members") + "?q=permission%3D%22owner%22"),
        "projects": href(api(world, *base, "projects")),
        "repositories": href(api(world, "repositories", workspace.slug)),
        "snippets": href(api(world, "snippets", workspace.slug)),
    }
    return details | {
        "is_private": workspace.is_private,
        "is_privacy_enforced": False,
        "forking_mode": "allow_forks",
        "created_on": timestamp(workspace.created_on),
        "links": dict(sorted(links.items())),
    }


def project_reference(world: World, workspace: Workspace, project: Project) -> Json:
    """A project as other objects mention it."""
    page = site(world, workspace.slug, "workspace/projects", project.key)
    return {
        "type": "project",
        "key": project.key,
        "uuid": project.uuid,
        "name": project.name,
        "links": {
            "self": href(api(world, "workspaces", workspace.slug, "projects", project.key)),
            "html": href(page),
            "avatar": href(f"{page}/avatar/32?ts={seconds(project.created_on)}"),
        },
    }


def project_details(world: World, workspace: Workspace, project: Project) -> Json:
    """A project as /workspaces/{workspace}/projects/{key} shows it."""
    details = project_reference(world, workspace, project)
    repositories = f"{api(world, 'repositories', workspace.slug)}?q=project.key%3D%22{project.key}%22"
    details["links"]["repositories"] = href(repositories)
    return details | {
        "description": project.description,
        "is_private": project.is_private,
        "owner": owner(world, workspace),
        "workspace": workspace_reference(world, workspace),
        "created_on": timestamp(project.created_on),
        "updated_on": timestamp(project.updated_on),
        "has_publicly_visible_repos": any(
            not one.is_private and one.project is project for one in world.in_workspace(workspace)
        ),
    }
