"""The bodies of lifecycle calls, field by field as captured (connect-protocol.md 3.2, 3.3).

Source: ../shared/bitbucket/lifecycle/*.toolchain--*.json. Workspaces still call themselves `team` there and link to
`/2.0/teams/`, which is gone; `user` repeats `principal`; the actor's uuid has no braces; a personal account has no
`username`, and its body no `sharedSecret` where the app is registered.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from simulator.world.model import User

if TYPE_CHECKING:
    from simulator.connect.installations import Installation
    from simulator.world import World
    from simulator.world.model import Workspace

# A key pair of nobody: apps get one in every payload and have no use for it (the secret is symmetric).
PUBLIC_KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDDH0HzNVxwtUAs1lPkrIdF1OJzcF7IF8D+62+522jmzQlHnb6m"
    "uaEkjm/qddeAkhbWZsfsTQvvPaKDKSvGCBQjGVrarIXKBzukQy5zOeQG5mZiN4MHoWFLS7YnoeVbr8IN1f4D1N3G"
    "+aThrfNJSLUHjHayOFAMYn7n7/ldZC1UPQIDAQAB"
)


def installed_body(
    world: World, installation: Installation, principal: User | Workspace, *, actor: User, with_secret: bool
) -> dict[str, Any]:
    """The body of an `installed` call."""
    body = _common(world, installation, principal, event="installed")
    body["actor"] = {"type": "user", "uuid": actor.uuid.strip("{}"), "account_id": actor.account_id}
    if with_secret:
        body["sharedSecret"] = installation.secret
    return body


def uninstalled_body(world: World, installation: Installation, principal: User | Workspace) -> dict[str, Any]:
    """The body of an `uninstalled` call: no actor and no secret."""
    return _common(world, installation, principal, event="uninstalled")


def as_bytes(body: dict[str, Any]) -> bytes:
    """The body as it travels; the captured Content-Length fits json.dumps with its own separators."""
    return json.dumps(body).encode("ascii")


def _common(world: World, installation: Installation, principal: User | Workspace, *, event: str) -> dict[str, Any]:
    described = principal_of(world, principal)
    return {
        "productType": "bitbucket",
        "principal": described,
        "eventType": event,
        "baseUrl": world.site_url,
        "publicKey": PUBLIC_KEY,
        "user": described,
        "key": installation.app_key,
        "baseApiUrl": world.api_url,
        "clientKey": installation.client_key,
    }


def principal_of(world: World, principal: User | Workspace) -> dict[str, Any]:
    """Whose installation it is: a workspace, or a person."""
    return _person(world, principal) if isinstance(principal, User) else _team(world, principal)


def _team(world: World, workspace: Workspace) -> dict[str, Any]:
    uuid = quote(workspace.uuid)
    return {
        "username": workspace.slug,
        "display_name": workspace.name,
        "uuid": workspace.uuid,
        "links": {
            "self": {"href": f"{world.api_url}/2.0/teams/{uuid}"},
            "html": {"href": f"{world.site_url}/{uuid}/"},
            "avatar": {"href": f"{world.site_url}/account/{workspace.slug}/avatar/"},
        },
        "is_active": True,
        "created_on": workspace.created_on.isoformat(),
        "type": "team",
        "properties": {},
        "has_2fa_enabled": None,
    }


def _person(world: World, user: User) -> dict[str, Any]:
    uuid = quote(user.uuid)
    return {
        "account_id": user.account_id,
        "created_on": user.created_on.isoformat(),
        "department": None,
        "display_name": user.display_name,
        "is_active": True,
        "is_staff": False,
        "links": {
            "avatar": {"href": f"{world.site_url}/account/{uuid}/avatar/"},
            "html": {"href": f"{world.site_url}/{uuid}/"},
            "self": {"href": f"{world.api_url}/2.0/users/{uuid}"},
        },
        "type": "user",
        "uuid": user.uuid,
        "zoneinfo": None,
    }
