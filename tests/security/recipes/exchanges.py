"""From an entry of an attack file to the bytes of its request, in this service's spelling."""

from __future__ import annotations

import json
import re
import urllib.parse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from atlassian_jwt.url_utils import hash_url

from tests.security.recipes.bodies import (
    STREAM_CHUNK_BYTES,
    Hosts,
    build_payload,
    build_raw,
    is_generator,
    read_payload_call,
)
from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.routes import our_address, our_parameter, our_raw_http
from tests.security.recipes.tokens import build_token
from tests.security.recipes.values import Scope, expand, expand_text
from tests.security.recipes.variants import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.security.recipes.cast import Cast

KNOWN_REQUEST_MEMBERS = {
    "method", "path", "query", "json", "headers", "raw", "raw_hex", "raw_http", "variant", "concurrency", "repeat",
    "repeat_params", "slow_headers", "slow_body", "trigger", "upstream", "check",
}  # fmt: skip
# What `curl --path-as-is` would leave alone, and braces encoded as Bitbucket does.
PATH_SAFE = "/%:@!$&'()*+,;=~[]|\\"
# Files are had by links, which hold the page's token themselves.
SESSION_WAYS = {"/pages/repository/flow.csv": "query:link"}
HASH_ONLY = re.compile(r"#n")
PRE_ENCODED = re.compile(r"^(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9._~-])+$")


@dataclass(frozen=True)
class Exchange:
    """A request as it goes over the wire, and the token in it."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    token: str | None = None
    is_chunked: bool = False
    raw: bytes | None = None

    def header(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> Exchange:
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=(*others, (name, value)))

    def encode(self, host: str) -> bytes:
        """The bytes to send. Nothing is checked or mended: control characters are part of attacks."""
        if self.raw is not None:
            return self.raw
        headers = list(self.headers)
        if self.header("Host") is None:
            headers.insert(0, ("Host", host))
        headers.append(("Connection", "close"))
        body = b""
        if self.body is not None and self.is_chunked:
            headers.append(("Transfer-Encoding", "chunked"))
            body = _chunked(self.body)
        elif self.body is not None:
            headers.append(("Content-Length", str(len(self.body))))
            body = self.body
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Composer:
    """Composes the requests of one run. `session_token` is the service's own token for a viewer such as `A.user_member`, and an address."""

    cast: Cast
    hosts: Hosts
    session_token: Callable[[str, str], str]
    now: Callable[[], int]

    def compose(self, entry: Mapping[str, Any]) -> Exchange:
        """The request of an entry, with its token where the recipe wants it; raises NotUnderstood."""
        request = entry["request"]
        for member in request:
            if member not in KNOWN_REQUEST_MEMBERS:
                raise NotUnderstood("member of a request", member)
        if "raw_http" in request:
            return Exchange("RAW", "", raw=our_raw_http(request["raw_http"]).encode())
        method, target = self._line(request, int(entry.get("repeat_params", request.get("repeat_params", 1))))
        recipe = entry.get("token")
        signed = (recipe or {}).get("signed_request")
        scope = self.scope(*(self._line(signed, 1) if signed else (method, target)))
        headers = [(str(name), str(expand(value, scope))) for name, value in request.get("headers", {}).items()]
        exchange = _with_body(Exchange(method, target, tuple(headers)), request, scope, self.hosts)
        return exchange if recipe is None else self._with_token(exchange, recipe, scope)

    def _line(self, request: Mapping[str, Any], repeat_params: int) -> tuple[str, str]:
        """Method and target, in our spelling."""
        scope = self.scope("GET", "/")
        path, named = our_address(str(request["path"]))
        path = urllib.parse.quote(str(expand_text(path, scope)), safe=PATH_SAFE)
        pairs = named + [pair for pair in request.get("query") or [] for _ in range(repeat_params)]
        query = [_pair(index, pair, scope) for index, pair in enumerate(pairs)]
        return str(request["method"]), path + ("?" + "&".join(query) if query else "")

    def scope(self, method: str, target: str) -> Scope:
        """What the values of a recipe are taken from, for a request with this line."""
        scope = Scope(self.cast, self.now(), lambda: hash_url(method, target), lambda name: self._token_of(name, scope))
        return scope

    def _token_of(self, tenant: str, scope: Scope) -> str:
        key = self.cast.tenant(tenant).client_key
        claims = {"iss": key, "aud": key, "iat": "$now", "exp": "$now+3600", "qsh": "$qsh"}
        return build_token({"alg": "HS256", "signed_with": f"{tenant}.secret", "claims": claims}, scope)

    def _with_token(self, exchange: Exchange, recipe: Mapping[str, Any], scope: Scope) -> Exchange:
        if "session" in recipe:
            path = exchange.target.partition("?")[0]
            own = {"raw": self.session_token(recipe["session"], path), "mutate": recipe.get("mutate", [])}
            token = build_token(own, scope)
            via = SESSION_WAYS.get(path, "header:Bearer") if recipe.get("via", "header") == "header" else recipe["via"]
        else:
            token = build_token(recipe, scope)
            via = recipe.get("via", "header")
        carried = exchange
        for way in ("header", "query:jwt") if via == "both" else (via,):
            carried = _carry(carried, token, way)
        return replace(carried, token=token)


def _pair(index: int, pair: list[object], scope: Scope) -> str:
    """One `name=value` of a query. A value that `$pct` has encoded is encoded once more: a double encoding is its point."""
    name = our_parameter(HASH_ONLY.sub(str(index), str(expand(pair[0], scope))))
    value = str(expand(pair[1], scope))
    keep = "%" if PRE_ENCODED.match(name) and "%" in name else ""
    return f"{urllib.parse.quote(name, safe=keep)}={urllib.parse.quote(value, safe='')}"


def _with_body(exchange: Exchange, request: Mapping[str, Any], scope: Scope, hosts: Hosts) -> Exchange:
    body = _body(request, scope, hosts)
    if body is None:
        return exchange
    typed = exchange if exchange.header("Content-Type") else exchange.with_header("Content-Type", "application/json")
    return replace(typed, body=body, is_chunked=str(request.get("raw", request.get("json", ""))).startswith("$stream"))


def _body(request: Mapping[str, Any], scope: Scope, hosts: Hosts) -> bytes | None:
    if "raw_hex" in request:
        return bytes.fromhex(request["raw_hex"])
    if "raw" in request:
        return build_raw(request["raw"], scope)
    if "json" not in request:
        return None
    value = request["json"]
    if is_generator(value):
        return build_raw(value, scope)
    if read_payload_call(value) is not None:
        return json.dumps(build_payload(payload_of(dict(request)), scope, hosts)).encode()
    return json.dumps(expand(value, scope)).encode()


def _carry(exchange: Exchange, token: str, via: str) -> Exchange:
    """The request with its token in it, where `via` says."""
    kind, _, name = via.partition(":")
    if kind == "header":
        return exchange.with_header("Authorization", f"{name or 'JWT'} {token}")
    if kind == "query":
        separator = "&" if "?" in exchange.target else "?"
        return replace(
            exchange, target=f"{exchange.target}{separator}{name or 'jwt'}={urllib.parse.quote(token, safe='')}"
        )
    if kind == "cookie":
        return exchange.with_header("Cookie", f"{name or 'jwt'}={token}")
    if kind in {"form", "body"}:
        body = urllib.parse.urlencode({name or "jwt": token}).encode()
        return replace(exchange.with_header("Content-Type", "application/x-www-form-urlencoded"), body=body)
    raise NotUnderstood("way of a token", via)


def _chunked(body: bytes) -> bytes:
    pieces = [body[start : start + STREAM_CHUNK_BYTES] for start in range(0, len(body), STREAM_CHUNK_BYTES)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
