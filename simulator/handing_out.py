"""Credentials that a person would make in Bitbucket's settings: OAuth consumers, and access tokens of a workspace, project or repository.

Sources: the description's chapter "authentication" (a consumer's scopes are fixed on it; client credentials act as its owner;
an access token belongs to what it was made for and acts as a user of its own).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from simulator import casting
from simulator.oauth import LIFETIME, Consumer, Tokens
from simulator.rest.scopes import ALL, closure
from simulator.world import identifiers
from simulator.world.errors import Invalid, Missing
from simulator.world.model import User
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from simulator.world import World
    from simulator.world.model import Workspace

Wish = Mapping[str, Any]
CONSUMER_WISHES: Final = ("workspace", "key", "secret", "callback_url", "scopes", "user")
TOKEN_WISHES: Final = ("workspace", "project", "repository", "name", "scopes", "lifetime_seconds")


def put_consumer(world: World, tokens: Tokens, wish: Wish) -> dict[str, Any]:
    """Register an OAuth consumer in a workspace, or change the one of that key."""
    workspace = world.workspace(str(wish.get("workspace", "")))
    missing = [name for name in ("key", "secret", "callback_url") if not wish.get(name)]
    if missing:
        raise Invalid(f"{', '.join(missing)} missing.")
    user = world.user(str(wish["user"])) if "user" in wish else casting.default_viewer(world, workspace)
    consumer = Consumer(
        key=str(wish["key"]),
        secret=str(wish["secret"]),
        owner=workspace,
        user=user,
        callback_url=str(wish["callback_url"]),
        scopes=_scopes(wish),
    )
    tokens.add_consumer(consumer)
    return {"ok": True, "key": consumer.key, "scopes": sorted(consumer.scopes)}


def make_access_token(world: World, tokens: Tokens, wish: Wish) -> dict[str, Any]:
    """Make an access token for a repository, else for a project of a workspace, else for a workspace."""
    workspace, repositories = _reach(world, wish)
    name = str(wish.get("name") or "access token")
    uuid = world.new_uuid("user")
    user = User(uuid, identifiers.account_id_for(uuid), name, name, world.now(), kind="app_user")
    world.add_user(user)
    principal = Principal("oauth2", user, workspace, _scopes(wish), repositories, f"token:{uuid}")
    lifetime = timedelta(seconds=float(wish.get("lifetime_seconds", LIFETIME.total_seconds())))
    return {"ok": True, "token": tokens.access_token(principal, lifetime=lifetime), "user": uuid}


def _reach(world: World, wish: Wish) -> tuple[Workspace, frozenset[str] | None]:
    """The workspace, and the repositories that a token is narrowed to: those that a project holds now."""
    if "repository" in wish:
        repository = casting.find_repository(world, str(wish["repository"]))
        return repository.workspace, frozenset({repository.uuid})
    workspace = world.workspace(str(wish.get("workspace", "")))
    if "project" not in wish:
        return workspace, None
    project = workspace.projects.get(str(wish["project"]))
    if project is None:
        raise Missing(f"{workspace.slug} has no project {wish['project']}.")
    return workspace, frozenset(one.uuid for one in world.in_workspace(workspace) if one.project is project)


def _scopes(wish: Wish) -> frozenset[str]:
    wanted = frozenset(str(one) for one in wish.get("scopes", ()))
    unknown = sorted(wanted - ALL)
    if not wanted or unknown:
        raise Invalid(f"No such scopes: {' '.join(unknown)}." if unknown else "scopes are missing.")
    return closure(wanted)
