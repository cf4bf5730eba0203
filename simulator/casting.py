"""Who and what there is: makes workspaces, repositories and users for tests, finds a sensible viewer, lists the cast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, get_args

from simulator.rest.representations.links import repository_site
from simulator.world import identifiers
from simulator.world.actions import create_repository
from simulator.world.errors import Invalid, Missing
from simulator.world.model import Project, RepositoryPermission, User, Workspace, WorkspacePermission

if TYPE_CHECKING:
    from simulator.world import World
    from simulator.world.model import Repository

Wish = Mapping[str, Any]
USER_WISHES = (
    "uuid",
    "account_id",
    "nickname",
    "display_name",
    "email",
    "workspace",
    "permission",
    "repository",
    "repository_permission",
)


def default_viewer(world: World, workspace: Workspace) -> User:
    """Who looks and acts where nobody is named: an owner of the workspace, else any member, else any person."""
    if workspace.personal_of is not None:
        return workspace.personal_of
    by_rank = sorted(workspace.members, key=lambda uuid: workspace.members[uuid] != "owner")
    people = [world.users[uuid] for uuid in by_rank if uuid in world.users]
    people += [user for user in world.users.values() if user.kind == "user"]
    if not people:
        raise Missing("There is nobody in this world.")
    return people[0]


def default_actor(world: World, repository: Repository | None) -> User:
    """Who acts where nobody is named."""
    workspace = repository.workspace if repository else next(iter(world.workspaces.values()), None)
    if workspace is None:
        raise Missing("There is no workspace in this world.")
    return default_viewer(world, workspace)


def find_repository(world: World, name: str) -> Repository:
    """The repository called `workspace/slug`, or of that uuid; raises Missing."""
    workspace, separator, slug = name.partition("/")
    return world.repository(workspace, slug) if separator else world.repository("{}", name)


def people_of(world: World, workspace: Workspace) -> list[User]:
    """The people of a workspace, owners first."""
    if workspace.personal_of is not None:
        return [workspace.personal_of]
    ranked = sorted(workspace.members.items(), key=lambda member: member[1] != "owner")
    people = [world.users[uuid] for uuid, _ in ranked if uuid in world.users]
    return [user for user in people if user.kind == "user"]


def summary(world: World) -> dict[str, Any]:
    """Workspaces with their people and repositories, and the address of each repository's page."""
    return {
        "site_url": world.site_url,
        "api_url": world.api_url,
        "workspaces": [_workspace(world, one) for one in world.workspaces.values()],
    }


def _workspace(world: World, workspace: Workspace) -> dict[str, Any]:
    return {
        "uuid": workspace.uuid,
        "slug": workspace.slug,
        "name": workspace.name,
        "is_personal": workspace.personal_of is not None,
        "people": [
            {
                "uuid": one.uuid,
                "account_id": one.account_id,
                "nickname": one.nickname,
                "display_name": one.display_name,
                "permission": workspace.members.get(one.uuid, "owner"),
            }
            for one in people_of(world, workspace)
        ],
        "repositories": [
            {
                "uuid": one.uuid,
                "slug": one.slug,
                "full_name": one.full_name,
                "is_private": one.is_private,
                "url": repository_site(world, one),
            }
            for one in world.in_workspace(workspace)
        ],
    }


def put_workspace(world: World, wish: Wish) -> dict[str, Any]:
    """Make a workspace (slug, name, uuid, owner, is_private), or change the one of that uuid."""
    slug = str(wish.get("slug") or identifiers.slug_of(str(wish.get("name") or "workspace")))
    uuid = _uuid(world, wish, "workspace")
    workspace = world.workspaces.get(uuid)
    if workspace is None:
        workspace = world.add_workspace(Workspace(uuid, slug, str(wish.get("name") or slug), world.now()))
        key = "PROJ"
        project = Project(world.new_uuid("project"), key, "Project", workspace.created_on, workspace.created_on)
        workspace.projects[key] = project
    workspace.slug, workspace.name = slug, str(wish.get("name") or workspace.name)
    workspace.is_private = bool(wish.get("is_private", workspace.is_private))
    if wish.get("owner"):
        workspace.members[world.user(str(wish["owner"])).uuid] = "owner"
    return {"ok": True, "uuid": workspace.uuid, "slug": workspace.slug}


def put_repository(world: World, wish: Wish) -> dict[str, Any]:
    """Make an empty repository (workspace, slug, name, uuid, is_private, description)."""
    workspace = world.workspace(str(wish.get("workspace", "")))
    actor = world.user(str(wish["actor"])) if "actor" in wish else default_viewer(world, workspace)
    name = str(wish.get("name") or wish.get("slug") or "")
    if not name:
        raise Invalid("slug is missing.")
    made = create_repository(
        world,
        workspace,
        actor=actor,
        name=name,
        slug=wish.get("slug"),
        uuid=_uuid(world, wish, "repository"),
        is_private=bool(wish.get("is_private", True)),
        description=str(wish.get("description") or ""),
    )
    return {"ok": True, "uuid": made.uuid, "slug": made.slug, "full_name": made.full_name}


def put_user(world: World, wish: Wish) -> dict[str, Any]:
    """Make a user, or change the one of that uuid; join a workspace, get a permission on a repository."""
    uuid = _uuid(world, wish, "user")
    nickname = str(wish.get("nickname") or wish.get("display_name") or "someone")
    user = world.users.get(uuid)
    if user is None:
        account_id = str(wish.get("account_id") or identifiers.account_id_for(uuid))
        user = User(uuid, account_id, nickname, str(wish.get("display_name") or nickname), world.now())
        user.email = str(wish.get("email") or "")
        world.add_user(user)
    if wish.get("workspace"):
        permission = _one_of(WorkspacePermission, wish.get("permission", "member"))
        world.workspace(str(wish["workspace"])).members[user.uuid] = cast("WorkspacePermission", permission)
    if wish.get("repository"):
        repository = find_repository(world, str(wish["repository"]))
        level = _one_of(RepositoryPermission, wish.get("repository_permission", "read"))
        repository.permissions[user.uuid] = cast("RepositoryPermission", level)
    return {"ok": True, "uuid": user.uuid, "account_id": user.account_id}


def _uuid(world: World, wish: Wish, kind: str) -> str:
    given = wish.get("uuid")
    if given is None:
        return world.new_uuid(kind)
    uuid = identifiers.braced(str(given))
    if uuid is None:
        raise Invalid(f"{given} is not a uuid.")
    return uuid


def _one_of(alias: object, value: object) -> str:
    allowed = get_args(alias)
    if value not in allowed:
        raise Invalid(f"{value!r} is none of {', '.join(allowed)}.")
    return str(value)
