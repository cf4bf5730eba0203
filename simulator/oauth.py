"""OAuth 2.0 of the simulated Bitbucket: tokens, and the two endpoints under /site/oauth2.

Sources: the description's chapter "authentication"; connect-protocol.md 5.2 (the JWT grant: `scopes` in the plural,
7200 s, narrowing by `scope` and `bitbucket_repository`) and 5.4; refresh tokens rotate and die after three months unused.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import html
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, request

from simulator.rest.target import raw_target
from simulator.world import identifiers
from simulator.world.errors import Missing
from simulator.world.principal import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.world.model import User, Workspace
    from simulator.world.world import World

LIFETIME = timedelta(seconds=7200)
REFRESH_LIFETIME = timedelta(days=90)
CODE_LIFETIME = timedelta(minutes=10)
JWT_GRANT = "urn:bitbucket:oauth2:jwt"


@dataclass(frozen=True, slots=True)
class Consumer:
    """An OAuth consumer: a client with a secret, a callback and a fixed set of scopes."""

    key: str
    secret: str
    owner: Workspace
    user: User
    """as whom client_credentials acts"""
    callback_url: str
    scopes: frozenset[str]


@dataclass(slots=True)
class _Held:
    principal: Principal
    expires_on: datetime
    consumer: str = ""


class OAuthError(Exception):
    """A refusal of the token endpoint, in RFC 6749's shape."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


class Tokens:
    """Access tokens, refresh tokens and codes that are good, and the consumers who get them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._access: dict[str, _Held] = {}
        self._refresh: dict[str, _Held] = {}
        self._codes: dict[str, _Held] = {}
        self.consumers: dict[str, Consumer] = {}

    def _new(self, kind: str) -> str:
        seen = f"{self._world.seed}\0{kind}\0{self._world.next_id()}"
        return base64.urlsafe_b64encode(hashlib.sha384(seen.encode()).digest()).decode()

    def add_consumer(self, consumer: Consumer) -> Consumer:
        """Make a consumer known."""
        self.consumers[consumer.key] = consumer
        return consumer

    def access_token(self, principal: Principal, *, lifetime: timedelta = LIFETIME) -> str:
        """A new access token for `principal`: an OAuth one, or a repository's, project's or workspace's own."""
        token = self._new("access")
        self._access[token] = _Held(principal, self._world.now() + lifetime)
        return token

    def principal(self, token: str, *, now: datetime) -> Principal | None:
        """Whom a Bearer token stands for; None if it is unknown or has expired."""
        held = self._access.get(token)
        return held.principal if held is not None and now < held.expires_on else None

    def expire(self, token: str) -> None:
        """End one access token before its time; what it can be refreshed with stays good."""
        self._access.pop(token, None)

    def revoke(self, *, quota_key: str) -> None:
        """End every token of the caller known by `quota_key` (an uninstalled app)."""
        for store in (self._access, self._refresh):
            for token in [token for token, held in store.items() if held.principal.quota_key == quota_key]:
                del store[token]

    def code(self, consumer: Consumer, user: User) -> str:
        """An authorization code: `user` lets `consumer` act for them."""
        code = self._new("code")[:32]
        principal = Principal("oauth2", user, scopes=consumer.scopes, quota_key=f"consumer:{consumer.key}")
        self._codes[code] = _Held(principal, self._world.now() + CODE_LIFETIME, consumer.key)
        return code

    def grant(self, principal: Principal, *, consumer: str = "", refreshable: bool) -> dict[str, Any]:
        """The token endpoint's answer for `principal`."""
        answer: dict[str, Any] = {
            "access_token": self.access_token(principal),
            "scopes": " ".join(sorted(principal.scopes or ())),
            "expires_in": int(LIFETIME.total_seconds()),
            "token_type": "bearer",
        }
        if refreshable:
            token = self._new("refresh")
            self._refresh[token] = _Held(principal, self._world.now() + REFRESH_LIFETIME, consumer)
            answer["refresh_token"] = token
        return answer

    def redeem(self, kind: str, token: str, consumer: Consumer) -> Principal:
        """Take a code or refresh token out of circulation; raises OAuthError."""
        store = self._codes if kind == "code" else self._refresh
        held = store.pop(token, None)
        if held is None or held.consumer != consumer.key or held.expires_on <= self._world.now():
            raise OAuthError("invalid_grant", f"The specified {kind.replace('_', ' ')} is invalid or expired")
        return held.principal


def register_oauth(app: Flask, world: World, tokens: Tokens) -> None:
    """Serve /site/oauth2/access_token and /site/oauth2/authorize."""

    def access_token() -> Response:
        try:
            with world.lock:
                return _json(_granted(world, tokens, request.form), 200)
        except OAuthError as error:
            return _json({"error": error.error, "error_description": error.description}, error.status)

    def authorize() -> Response:
        with world.lock:
            return _authorized(world, tokens)

    app.add_url_rule("/site/oauth2/access_token", "oauth-token", access_token, methods=["POST"])
    app.add_url_rule("/site/oauth2/authorize", "oauth-authorize", authorize, methods=["GET", "POST"])


def _json(body: dict[str, Any], status: int) -> Response:
    made = Response(status=status, content_type="application/json", headers={"Cache-Control": "no-store"})
    made.set_data(json.dumps(body))
    return made


def _granted(world: World, tokens: Tokens, form: Mapping[str, str]) -> dict[str, Any]:
    grant_type = form.get("grant_type", "")
    if grant_type == JWT_GRANT:
        return tokens.grant(_narrowed(_app(world), form), refreshable=False)
    if grant_type not in {"client_credentials", "authorization_code", "refresh_token"}:
        raise OAuthError("unsupported_grant_type", "The specified grant_type is not supported")
    consumer = _consumer(tokens, form)
    if grant_type == "client_credentials":
        principal = Principal(
            "oauth2", consumer.user, consumer.owner, consumer.scopes, None, f"consumer:{consumer.key}"
        )
    elif grant_type == "authorization_code":
        principal = tokens.redeem("code", form.get("code", ""), consumer)
    else:
        principal = tokens.redeem("refresh_token", form.get("refresh_token", ""), consumer)
    return tokens.grant(principal, consumer=consumer.key, refreshable=True)


def _app(world: World) -> Principal:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = None
    if scheme == "JWT" and world.connect_authenticator is not None:
        found = world.connect_authenticator(token.strip(), request.method, raw_target())
    if found is None:
        raise OAuthError("unauthorized_client", "Your credentials could not be verified", status=401)
    return found


def _narrowed(principal: Principal, form: Mapping[str, str]) -> Principal:
    """The JWT grant's two ways to ask for less."""
    granted = principal.scopes or frozenset()
    wanted = frozenset(form.get("scope", "").replace(",", " ").split())
    if not wanted <= granted:
        raise OAuthError("invalid_scope", f"Scopes not granted: {' '.join(sorted(wanted - granted))}")
    repositories = None
    if "bitbucket_repository" in form:
        uuids = form["bitbucket_repository"].replace(",", " ").split()
        repositories = frozenset(identifiers.braced(one) or one for one in uuids)
    return dataclasses.replace(principal, kind="oauth2", scopes=wanted or granted, repositories=repositories)


def _consumer(tokens: Tokens, form: Mapping[str, str]) -> Consumer:
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    consumer = tokens.consumers.get(key)
    if consumer is None or not hmac.compare_digest(consumer.secret.encode(), secret.encode()):
        raise OAuthError("invalid_client", "Invalid OAuth client credentials", status=400)
    return consumer


def _authorized(world: World, tokens: Tokens) -> Response:
    """Ask, or for `user=` in the query (a convenience of the simulator) or a posted consent, send the code back."""
    arguments = request.values
    consumer = tokens.consumers.get(arguments.get("client_id", ""))
    if consumer is None:
        return Response("Invalid client_id", 400, content_type="text/plain; charset=utf-8")
    redirect = arguments.get("redirect_uri") or consumer.callback_url
    if not _within(redirect, consumer.callback_url):
        return Response("redirect_uri does not match the consumer's callback", 400, content_type="text/plain")
    if arguments.get("response_type") != "code":
        return _back(redirect, {"error": "unsupported_response_type", "state": arguments.get("state", "")})
    if request.method == "POST" and arguments.get("consent") != "grant":
        return _back(redirect, {"error": "access_denied", "state": arguments.get("state", "")})
    try:
        user = world.user(arguments["user"]) if "user" in arguments else None
    except Missing:
        user = None
    if user is None:
        return Response(_consent_page(world, consumer), content_type="text/html; charset=utf-8")
    return _back(redirect, {"code": tokens.code(consumer, user), "state": arguments.get("state", "")})


def _within(redirect: str, callback: str) -> bool:
    one, other = urlsplit(redirect), urlsplit(callback)
    base = other.path.rstrip("/")
    same_host = (one.scheme, one.netloc) == (other.scheme, other.netloc)
    return same_host and (one.path.rstrip("/") == base or one.path.startswith(f"{base}/"))


def _back(redirect: str, answer: dict[str, str]) -> Response:
    query = urlencode({name: value for name, value in answer.items() if value})
    separator = "&" if urlsplit(redirect).query else "?"
    return Response(status=302, headers={"Location": f"{redirect}{separator}{query}"})


def _consent_page(world: World, consumer: Consumer) -> str:
    people = [user for user in world.users.values() if user.kind == "user"]
    options = "".join(
        f'<option value="{html.escape(one.uuid)}">{html.escape(one.display_name)}</option>' for one in people
    )
    scopes = "".join(f"<li>{html.escape(one)}</li>" for one in sorted(consumer.scopes))
    return (
        "<!doctype html><title>Confirm access to your account</title>"
        f"<h1>{html.escape(consumer.key)} is requesting access</h1><ul>{scopes}</ul>"
        f'<form method="post"><label>Act as <select name="user">{options}</select></label>'
        '<button name="consent" value="grant">Grant access</button>'
        '<button name="consent" value="deny">Deny</button></form>'
    )
