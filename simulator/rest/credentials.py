"""Who is calling: anonymous, Basic (e-mail and API token), Bearer, or a Connect app's JWT.

Sources: the description's chapter "authentication"; connect-protocol.md 5.1 (the scheme `JWT` is case-sensitive);
rest-api.md 0 (tokens only in the header since May 2026, app passwords gone since July 2026).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from simulator.rest.errors import ApiError, unauthorized
from simulator.rest.scopes import ALL
from simulator.world.principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from simulator.oauth import Tokens
    from simulator.world.world import World


def principal_of(world: World, tokens: Tokens, *, authorization: str | None, method: str, target: str) -> Principal:
    """The caller of a request; `target` is its raw path and query. Raises ApiError (401)."""
    if not authorization:
        return ANONYMOUS
    scheme, _, value = authorization.partition(" ")
    found = None
    if scheme == "JWT":
        found = _connect_app(world, value.strip(), method, target)
    elif scheme.lower() == "bearer":
        found = tokens.principal(value.strip(), now=world.now())
    elif scheme.lower() == "basic":
        found = _api_token(world, value.strip())
    if found is None:
        raise unauthorized()
    return found


def _connect_app(world: World, token: str, method: str, target: str) -> Principal | None:
    if world.connect_authenticator is None:
        return None
    return world.connect_authenticator(token, method, target)


def _api_token(world: World, value: str) -> Principal | None:
    try:
        email, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    user = world.users_by_email.get(email.lower())
    if user is None or not secret:
        return None
    held = [one for one in user.api_tokens if hmac.compare_digest(one.encode(), secret.encode())]
    # A seeded token was made with every scope.
    return Principal("apitoken", user, scopes=ALL, quota_key=f"user:{user.uuid}") if held else None


def require_user(principal: Principal) -> None:
    """Raise ApiError (401) for an anonymous caller."""
    if principal.is_anonymous:
        raise unauthorized("This endpoint requires authentication.")


__all__ = ["ApiError", "principal_of", "require_user"]
