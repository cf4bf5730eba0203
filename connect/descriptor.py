"""The app descriptor: filled from a template and the app's own routes, and checked as Bitbucket would check it.

A descriptor that is wrong fails late and far away: at the install, as a blank panel, as a webhook that never comes.
`check` therefore knows what is documented, and what was seen to fail in production, and says it at start-up.
"""

# https://developer.atlassian.com/cloud/bitbucket/app-descriptor/

import json
import re
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

from connect.descriptor_modules import Needs, check_address, check_modules
from connect.errors import DescriptorInvalid
from connect.scopes import KNOWN_SCOPES, implied_by

MAX_APP_KEY_LENGTH: Final = 80

_APP_KEY = re.compile(r"[a-z0-9.-]+", re.ASCII)
_LIFECYCLE_EVENTS = {"installed", "uninstalled", "enabled", "disabled"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_REQUIRED = ("key", "name", "description", "baseUrl", "authentication", "lifecycle", "contexts", "scopes", "modules")
_OPTIONAL = ("vendor", "definitions", "links", "forgeAppLink", "forgeAppId")


def fill(
    template: Mapping[str, Any], *, base_url: str, app_key: str, name: str, paths: Mapping[str, str]
) -> dict[str, Any]:
    """The descriptor that a template becomes at this address.

    The holes of a template are `null` for `key`, `name`, `baseUrl`, a lifecycle address and a module's `url`; a `url`
    may also begin with `?` to keep its query. `paths` gives the path for each: by `installed` and `uninstalled`, by
    module key, and `webhook` for all webhooks, without the path of `base_url` (Bitbucket appends them to it). In other
    texts `{base_url}`, `{app_key}` and `{app_name}` are replaced. Raises `DescriptorInvalid` for a hole without a path.
    """
    texts = {"{base_url}": base_url, "{app_key}": app_key, "{app_name}": name}
    descriptor: dict[str, Any] = _replace(template, texts)
    for member, value in (("key", app_key), ("name", name), ("baseUrl", base_url)):
        if descriptor.get(member) is None:
            descriptor[member] = value
    missing = [*_fill_lifecycle(descriptor, paths), *_fill_modules(descriptor, paths)]
    if missing:
        raise DescriptorInvalid(
            tuple(f"Give a path for `{hole}`, whose address the template leaves open." for hole in missing)
        )
    return descriptor


def check(descriptor: Mapping[str, Any], *, scopes_used: Collection[str], allow_http: bool = False) -> None:
    """Refuses a descriptor that Bitbucket would refuse or not honour.

    `scopes_used` are the scopes of the API calls that the code makes: the descriptor must ask for exactly those and
    what its own modules need. `allow_http` lets a loopback address do without TLS (the demo). Raises
    `DescriptorInvalid` with every problem at once, each a sentence that says what to change.
    """
    needs = Needs()
    problems = [
        *_check_members(descriptor),
        *_check_identity(descriptor),
        *_check_base_url(descriptor.get("baseUrl"), allow_http=allow_http),
        *_check_lifecycle(descriptor.get("lifecycle")),
        *_check_contexts(descriptor.get("contexts")),
        *check_modules(descriptor.get("modules"), needs),
        *_check_scopes(descriptor.get("scopes"), scopes_used, needs),
    ]
    if problems:
        raise DescriptorInvalid(tuple(problems))


def descriptor_version(descriptor: Mapping[str, Any]) -> str:
    """A short name for exactly this descriptor: 12 hexadecimal digits, whatever the order of its members."""
    canonical = json.dumps(descriptor, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()[:12]


def _replace(value: Any, texts: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which the texts are replaced."""
    if isinstance(value, Mapping):
        return {member: _replace(child, texts) for member, child in value.items()}
    if isinstance(value, list):
        return [_replace(child, texts) for child in value]
    if isinstance(value, str):
        for text, replacement in texts.items():
            value = value.replace(text, replacement)
    return value


def _fill_lifecycle(descriptor: dict[str, Any], paths: Mapping[str, str]) -> Iterator[str]:
    """Fills the lifecycle addresses, and yields the holes that no path fits."""
    lifecycle = descriptor.get("lifecycle")
    if not isinstance(lifecycle, dict):
        return
    for event in [event for event, url in lifecycle.items() if url is None]:
        lifecycle[event] = paths.get(event)
        if event not in paths:
            yield event


def _fill_modules(descriptor: dict[str, Any], paths: Mapping[str, str]) -> Iterator[str]:
    """Fills the addresses of the modules, and yields the holes that no path fits."""
    for kind, module in _modules_of(descriptor):
        url = module.get("url", "")
        if url is None or str(url).startswith("?"):
            hole = "webhook" if kind == "webhooks" else str(module.get("key"))
            module["url"] = paths.get(hole, "") + (url or "")
            if hole not in paths:
                yield hole


def _modules_of(descriptor: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    declared = descriptor.get("modules")
    for kind, modules in declared.items() if isinstance(declared, dict) else ():
        for module in modules if isinstance(modules, list) else [modules]:
            if isinstance(module, dict):
                yield kind, module


def _check_members(descriptor: Mapping[str, Any]) -> Iterator[str]:
    for member in _REQUIRED:
        if descriptor.get(member) is None:
            yield _MISSING.get(member, f"Add `{member}`: Bitbucket requires it.")
    for member in descriptor.keys() - {*_REQUIRED, *_OPTIONAL}:
        yield f"Remove or correct `{member}`: Bitbucket's descriptor has no such member."
    authentication = descriptor.get("authentication") or {"type": "jwt"}
    type_ = authentication.get("type") if isinstance(authentication, Mapping) else None
    if not isinstance(type_, str) or type_.lower() != "jwt":
        yield 'Set `authentication` to {"type": "jwt"}: without it calls say nothing about who sends them.'


_MISSING = {
    "scopes": "Add `scopes`: where the list is absent, Bitbucket asks the user for every scope there is.",
    "contexts": 'Add `contexts`, ["account"] for a whole workspace: Bitbucket shows no module without it.',
}


def _check_identity(descriptor: Mapping[str, Any]) -> Iterator[str]:
    key = descriptor.get("key")
    if key is not None and not (isinstance(key, str) and _APP_KEY.fullmatch(key) and len(key) <= MAX_APP_KEY_LENGTH):
        yield f"Write `key` with a-z, 0-9, dots and dashes, in at most {MAX_APP_KEY_LENGTH} characters."
    for member in ("name", "description"):
        text = descriptor.get(member)
        if text is not None and not (isinstance(text, str) and text.strip()):
            yield f"Write `{member}` as plain text that is not empty."
    vendor = descriptor.get("vendor")
    if vendor is not None and not (isinstance(vendor, Mapping) and isinstance(vendor.get("name"), str)):
        yield 'Write `vendor` as {"name": …, "url": …}.'


def _check_base_url(base_url: object, *, allow_http: bool) -> Iterator[str]:
    if base_url is None:
        return
    try:
        parts = urlsplit(base_url) if isinstance(base_url, str) else None
        host = parts.hostname if parts else None
    except ValueError:
        parts, host = None, None
    if parts is None or parts.scheme not in {"https", "http"} or not host or parts.username is not None:
        yield "Set `baseUrl` to the public https address of the app, such as https://bittern.example.com."
        return
    if parts.scheme == "http" and not (allow_http and host in _LOOPBACK):
        yield "Set `baseUrl` to an https address: Bitbucket does not call plain http (the demo may, on loopback)."
    if parts.path.endswith("/"):
        yield "Remove the closing slash of `baseUrl`: Bitbucket appends paths to it, and signs them without it."
    if parts.query or parts.fragment:
        yield "Remove the query and the fragment of `baseUrl`: it is only the front of an address."


def _check_lifecycle(lifecycle: object) -> Iterator[str]:
    if lifecycle is None:
        return
    if not isinstance(lifecycle, Mapping):
        yield 'Write `lifecycle` as {"installed": …, "uninstalled": …}.'
        return
    for event in ("installed", "uninstalled"):
        if event not in lifecycle:
            yield f"Add `lifecycle.{event}`: without it the app never learns of it."
    for event, url in lifecycle.items():
        if event not in _LIFECYCLE_EVENTS:
            yield f"Remove `lifecycle.{event}`: Bitbucket sends installed, uninstalled, enabled and disabled."
        # Needs() is thrown away: a lifecycle call happens before there is any context to fill in.
        yield from check_address(url, f"lifecycle.{event}", Needs(), placeholders=False)


def _check_contexts(contexts: object) -> Iterator[str]:
    if contexts is None:
        return
    if contexts not in (["account"], ["personal"]):
        yield 'Set `contexts` to ["account"] (a whole workspace) or ["personal"] (the installing user only).'


def _check_scopes(scopes: object, scopes_used: Collection[str], needs: Needs) -> Iterator[str]:
    if scopes is None:
        return
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        yield "Write `scopes` as a list of scope names."
        return
    for scope in sorted(set(scopes) - KNOWN_SCOPES):
        yield f"Correct the scope `{scope}`: one name that Bitbucket does not know makes the descriptor invalid."
    for scope in sorted({scope for scope in scopes if scopes.count(scope) > 1}):
        yield f"Name the scope `{scope}` once."
    needed = dict.fromkeys(scopes_used, "the API calls of the code") | needs.scopes
    granted = implied_by(scopes)
    for scope in sorted(needed.keys() - granted):
        yield f"Add the scope `{scope}`: {needed[scope]} need it, and a later version cannot add it to an existing install."
    for scope in sorted(set(scopes) & KNOWN_SCOPES - needed.keys()):
        yield f"Remove the scope `{scope}`: nothing needs it, and users are asked for it."
