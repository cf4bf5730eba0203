"""The bodies that recipes name: what Bitbucket sends on installs, uninstalls and pushes, and what only attackers send.

`$install(A, new_secret=A.secret_new)`, `$push(A.repo_open, pad_to=262144)`, `$pad(n)`, `$nest(n)` and the like.
"""

from __future__ import annotations

import gzip
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.security.recipes.cast import repository_name, repository_slug
from tests.security.recipes.errors import NotUnderstood
from tests.security.recipes.values import call_in, expand, expand_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.security.recipes.cast import Cast, Tenant
    from tests.security.recipes.values import Scope

GZIP_BOMB_BYTES = 10 * 1024 * 1024
STREAM_CHUNK_BYTES = 64 * 1024
FORGED = "forged-by-attacker"


@dataclass(frozen=True)
class Hosts:
    """What Bitbucket calls itself in payloads: the simulator's address."""

    site_url: str
    api_url: str


@dataclass(frozen=True)
class PayloadCall:
    """A provider's payload: whose, and what is changed in it. A variant replaces the value of the last change."""

    name: str
    subject: str
    changes: tuple[tuple[str, object], ...] = ()

    def with_last_value(self, value: object) -> PayloadCall:
        if not self.changes:
            raise NotUnderstood("place for a variant", f"${self.name}({self.subject})")
        return PayloadCall(self.name, self.subject, (*self.changes[:-1], (self.changes[-1][0], value)))


def read_payload_call(text: object) -> PayloadCall | None:
    """The payload that a text calls for; None for a text that calls for none."""
    call = call_in(text) if isinstance(text, str) else None
    if call is None or call[0] not in BUILDERS or not call[1]:
        return None
    name, (subject, *changes) = call
    pairs = [change.partition("=") for change in changes]
    return PayloadCall(name, subject, tuple((key.strip(), _literal(value)) for key, _, value in pairs))


def build_payload(call: PayloadCall, scope: Scope, hosts: Hosts) -> dict[str, Any]:
    """The payload with its changes made; raises NotUnderstood."""
    return BUILDERS[call.name](call, scope, hosts)


def build_raw(text: str, scope: Scope) -> bytes:
    """The bytes of a `raw` body: one of the generators, or the text as it stands."""
    call = call_in(text)
    if call is not None and call[0] in GENERATORS:
        return GENERATORS[call[0]](*(int(argument) for argument in call[1]))
    return str(expand_text(text, scope)).encode() if "$" in text else text.encode("utf-8", "surrogatepass")


def is_generator(text: object) -> bool:
    call = call_in(text) if isinstance(text, str) else None
    return call is not None and call[0] in GENERATORS


def _literal(text: str) -> object:
    """`true`, `null`, numbers and JSON stand for themselves, everything else is text."""
    stripped = text.strip()
    if stripped in {"true", "false", "null"} or stripped.startswith(("{", "[")):
        try:
            return json.loads(stripped)
        except ValueError:
            return stripped
    # Only the spaces that separate arguments go; a control character belongs to the attack.
    return text.lstrip(" ")


def set_at(payload: dict[str, Any], path: str, value: object) -> None:
    """Sets `a.b.c`, making the objects on the way."""
    *parents, last = path.split(".")
    for parent in parents:
        inner = payload.get(parent)
        payload[parent] = inner if isinstance(inner, dict) else {}
        payload = payload[parent]
    payload[last] = value


def _principal(tenant: Tenant, hosts: Hosts) -> dict[str, Any]:
    address = tenant.workspace_uuid.replace("{", "%7B").replace("}", "%7D")
    return {
        "type": "team",
        "username": tenant.slug,
        "display_name": f"Workspace {tenant.name}",
        "uuid": tenant.workspace_uuid,
        "is_active": True,
        "created_on": "2021-03-23T22:31:12.668759+00:00",
        "has_2fa_enabled": None,
        "properties": {},
        "links": {"self": {"href": f"{hosts.api_url}/2.0/teams/{address}"}},
    }


def _lifecycle(event: str, tenant: Tenant, scope: Scope, hosts: Hosts) -> dict[str, Any]:
    principal = _principal(tenant, hosts)
    return {
        "productType": "bitbucket",
        "eventType": event,
        "key": scope.cast.app_key,
        "clientKey": tenant.client_key,
        "publicKey": "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ",
        "baseUrl": hosts.site_url,
        "baseApiUrl": hosts.api_url,
        "principal": principal,
        "user": dict(principal),
    }


def _change(
    payload: dict[str, Any], call: PayloadCall, scope: Scope, special: dict[str, Callable[[object], None]]
) -> None:
    for name, value in call.changes:
        if name in special:
            special[name](value)
        else:
            set_at(payload, name, expand(value, scope))
            if name.startswith("principal.") and isinstance(payload.get("user"), dict):
                set_at(payload, name.replace("principal.", "user.", 1), expand(value, scope))


def _install(call: PayloadCall, scope: Scope, hosts: Hosts) -> dict[str, Any]:
    tenant = scope.cast.tenant(call.subject)
    payload = _lifecycle("installed", tenant, scope, hosts)
    payload["sharedSecret"] = tenant.secret
    payload["actor"] = {"type": "user", "uuid": str(uuid.uuid4()), "account_id": "60593b1f5f7a2d0069f1d2c3"}
    special = {
        "new_secret": lambda name: payload.update(sharedSecret=_secret_value(name, scope.cast)),
        "without": lambda name: payload.pop(str(name)),
        "omit": lambda name: payload.pop(str(name)),
    }
    _change(payload, call, scope, special)
    return payload


def _secret_value(name: object, cast: Cast) -> object:
    """The secret of that name; a variant may be no name at all, and is then sent as it is."""
    return cast.secret(name) if isinstance(name, str) and (name == "attacker" or "." in name) else name


def _uninstall(call: PayloadCall, scope: Scope, hosts: Hosts) -> dict[str, Any]:
    payload = _lifecycle("uninstalled", scope.cast.tenant(call.subject), scope, hosts)
    special = {"without": lambda name: payload.pop(str(name)), "omit": lambda name: payload.pop(str(name))}
    _change(payload, call, scope, special)
    return payload


def _push(call: PayloadCall, scope: Scope, hosts: Hosts) -> dict[str, Any]:
    tenant_name, _, repository = call.subject.partition(".")
    body = _push_body(scope.cast.tenant(tenant_name), repository, hosts)
    wrapped: dict[str, Any] = {"event": "repo:push", "data": body}
    options: dict[str, Any] = {}
    special: dict[str, Callable[[object], None]] = {
        "envelope": lambda kind: options.update(envelope=kind),
        "pad_to": lambda size: options.update(pad_to=int(str(size))),
        "forged": lambda _: _forge(body),
        "name": lambda text: body["repository"].update(name=expand(text, scope)),
        "author.raw": lambda value: _poison(body["push"]["changes"][0]["new"]["target"], value),
        "links.self.href": lambda url: set_at(body["repository"], "links.self.href", url),
    }
    _change(body, call, scope, special)
    payload = body if options.get("envelope") == "bare" else wrapped
    if size := options.get("pad_to"):
        body["padding"] = "x" * (size - len(json.dumps(payload).encode()) - len(', "padding": ""'))
    return payload


def _push_body(tenant: Tenant, repository: str, hosts: Hosts) -> dict[str, Any]:
    if repository not in tenant.repositories:
        raise NotUnderstood("repository", f"{tenant.name}.{repository}")
    slug = repository_slug(repository)
    address = f"{hosts.api_url}/2.0/repositories/{tenant.slug}/{slug}"
    moment = datetime.now(UTC).isoformat()
    target = {
        "type": "commit",
        "hash": uuid.uuid4().hex + "00000000",
        "date": moment,
        "message": "Mend the gate\n",
        "author": {"type": "author", "raw": "Ada Example <ada@example.test>"},
        "links": {"self": {"href": f"{address}/commit/1"}},
    }
    branch = {"type": "branch", "name": "main", "target": target, "links": {}}
    return {
        "actor": {"type": "user", "uuid": "{" + str(uuid.uuid4()) + "}", "display_name": "Ada Example"},
        "repository": {
            "type": "repository",
            "uuid": tenant.repositories[repository],
            "name": repository_name(tenant, repository),
            "full_name": f"{tenant.slug}/{slug}",
            "is_private": True,
            "scm": "git",
            "workspace": {"type": "workspace", "uuid": tenant.workspace_uuid, "slug": tenant.slug},
            "links": {"self": {"href": address}},
        },
        "push": {
            "changes": [
                {"old": branch, "new": branch, "created": False, "closed": False, "forced": False, "truncated": False}
            ]
        },
    }


def _poison(commit: dict[str, Any], raw: object) -> None:
    """An author that the consumer cannot read. This one reads null as nobody, so what stands for it is no author at all."""
    commit["author"] = "nobody" if raw is None or raw == "null" else {"type": "author", "raw": raw}


def _forge(body: dict[str, Any]) -> None:
    """Values that no API answer holds; wherever they are seen later, a body was believed."""
    body["repository"]["name"] = FORGED
    body["repository"]["mainbranch"] = {"type": "branch", "name": FORGED}


BUILDERS: dict[str, Callable[[PayloadCall, Scope, Hosts], dict[str, Any]]] = {
    "install": _install,
    "uninstall": _uninstall,
    "push": _push,
}

GENERATORS: dict[str, Callable[..., bytes]] = {
    "pad": lambda size: b'{"padding":"' + b"x" * (size - 14) + b'"}',
    "stream": lambda size: b"x" * size,
    "gzipbomb": lambda size=GZIP_BOMB_BYTES: gzip.compress(b"\0" * size, 9),
    "nest": lambda depth: b"[" * depth + b"]" * depth,
    "keys": lambda count: b"{" + b",".join(b'"k%d":0' % number for number in range(count)) + b"}",
    "surrogate": lambda: b'{"repository":{"name":"\\ud800"}}',
}
