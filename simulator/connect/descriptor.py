"""A descriptor: read, checked as Bitbucket would check it, and held as a value (connect-protocol.md 1, 2)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulator.connect.errors import DescriptorRefused
from simulator.connect.events import EVERY_EVENT, scope_for
from simulator.connect.module_checks import entries_of, module_problems
from simulator.connect.module_shapes import OLD_NAMES
from simulator.connect.scopes import SCOPES
from simulator.rest.scopes import closure

_APP_KEY = re.compile(r"[a-zA-Z0-9._-]{1,80}")
_CONTEXTS = frozenset({"account", "personal", "repository"})
_AUTHENTICATION_TYPES = frozenset({"jwt", "none"})
_LIFECYCLE = ("installed", "uninstalled", "enabled", "disabled")
_DEFAULT_WEIGHT = 100


@dataclass(frozen=True, kw_only=True)
class Module:
    """One module that has an address; `kind` is the plural name of its list."""

    kind: str
    key: str
    name: str
    url: str
    location: str
    weight: int
    tooltip: str
    icon_url: str | None
    icon_class: str | None
    conditions: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any]
    """the module as the descriptor has it"""


@dataclass(frozen=True)
class WebhookModule:
    """One subscription: `event` may be "*"."""

    event: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """A descriptor that passed the check. `scopes` are all that were asked for, with all that they include."""

    key: str
    name: str
    description: str
    vendor: str
    base_url: str
    authentication: str
    lifecycle: Mapping[str, str]
    asked_scopes: tuple[str, ...]
    scopes: frozenset[str]
    contexts: tuple[str, ...]
    modules: tuple[Module, ...]
    webhooks: tuple[WebhookModule, ...]
    document: Mapping[str, Any]

    @classmethod
    def from_document(cls, document: object, *, refuses_webhooks_without_scope: bool = False) -> Descriptor:
        """A checked descriptor; raises DescriptorRefused with every problem there is."""
        problems = list(problems_of(document))
        if not problems and isinstance(document, Mapping):
            descriptor = _read(document)
            if refuses_webhooks_without_scope:
                problems = list(_scope_problems(descriptor))
            if not problems:
                return descriptor
        raise DescriptorRefused(problems)

    @property
    def is_signed(self) -> bool:
        """Whether calls to this app carry a token."""
        return self.authentication == "jwt"

    def absolute(self, url: str) -> str:
        """An address of this app: a relative one is appended to baseUrl, path and all."""
        return self.base_url + url if url.startswith("/") else url

    def of_kind(self, *kinds: str) -> list[Module]:
        """The modules of these kinds, in the order in which Bitbucket shows them: by weight."""
        return sorted((one for one in self.modules if one.kind in kinds), key=lambda one: one.weight)


def problems_of(document: object) -> Iterator[str]:
    """Everything that is wrong with a descriptor, one sentence for each thing to change."""
    if not isinstance(document, Mapping):
        yield "The descriptor must be a JSON object."
        return
    yield from _identity_problems(document)
    yield from base_url_problems(document.get("baseUrl"))
    yield from _authentication_problems(document.get("authentication"))
    yield from _lifecycle_problems(document.get("lifecycle"))
    yield from _list_problems("scopes", document.get("scopes", []), SCOPES, "a scope")
    yield from _list_problems("contexts", document.get("contexts", []), _CONTEXTS, "a context")
    if "modules" not in document:
        yield "modules is missing."
    else:
        yield from module_problems(document["modules"])


def _identity_problems(document: Mapping[str, Any]) -> Iterator[str]:
    key = document.get("key")
    if not isinstance(key, str) or not _APP_KEY.fullmatch(key):
        yield "key must be 1 to 80 letters, digits, dots, hyphens or underscores."
    for name in ("name", "description"):
        if not isinstance(document.get(name), str) or not document[name].strip():
            yield f"{name} must be a text that says something."
    vendor = document.get("vendor", {})
    if not isinstance(vendor, Mapping):
        yield "vendor must be an object with a name and a url."


def base_url_problems(value: object) -> Iterator[str]:
    """Everything that is wrong with a baseUrl (connect-protocol.md 1.1)."""
    if not isinstance(value, str) or not value:
        yield "baseUrl is missing."
        return
    parts = urlsplit(value)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        yield f'baseUrl "{value}" must be an https address.'
        return
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        yield f'baseUrl "{value}" must use https; http is accepted only for this machine itself.'
    if value.endswith("/"):
        yield f'baseUrl "{value}" must not end with a slash.'
    if parts.query or parts.fragment:
        yield f'baseUrl "{value}" must have no query and no fragment.'


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authentication_problems(value: object) -> Iterator[str]:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind.lower() not in _AUTHENTICATION_TYPES:
        yield 'authentication must be {"type": "jwt"} or {"type": "none"}.'


def _lifecycle_problems(value: object) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield 'lifecycle must be an object such as {"installed": "/installed", "uninstalled": "/uninstalled"}.'
        return
    for name, url in value.items():
        if name not in _LIFECYCLE:
            yield f"lifecycle.{name} is not a lifecycle call of Bitbucket."
        elif not isinstance(url, str) or not url.startswith(("/", "https://", "http://")):
            yield f'lifecycle.{name} must begin with "/" (it is appended to baseUrl) or be a whole address.'


def _list_problems(name: str, value: object, allowed: frozenset[str], what: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name} must be a list."
        return
    for number, one in enumerate(value):
        if not isinstance(one, str) or one not in allowed:
            yield f'{name}[{number}] "{one}" is not {what} of Bitbucket.'


def _scope_problems(descriptor: Descriptor) -> Iterator[str]:
    for webhook in descriptor.webhooks:
        if webhook.event != EVERY_EVENT and scope_for(webhook.event) not in descriptor.scopes:
            yield f'The webhook "{webhook.event}" needs the scope "{scope_for(webhook.event)}".'


def _read(document: Mapping[str, Any]) -> Descriptor:
    asked = tuple(document["scopes"]) if "scopes" in document else tuple(sorted(SCOPES))
    modules = document["modules"]
    return Descriptor(
        key=document["key"],
        name=document["name"],
        description=document["description"],
        vendor=str((document.get("vendor") or {}).get("name", "")),
        base_url=document["baseUrl"],
        authentication=document["authentication"]["type"].lower(),
        lifecycle=dict(document["lifecycle"]),
        asked_scopes=asked,
        scopes=closure(asked),
        contexts=tuple(document.get("contexts") or ("account",)),
        modules=tuple(_read_modules(modules)),
        webhooks=tuple(WebhookModule(one["event"], one["url"]) for one in modules.get("webhooks", [])),
        document=document,
    )


def _read_modules(modules: Mapping[str, Any]) -> Iterator[Module]:
    for name, value in modules.items():
        for entry in entries_of(name, value):
            if "url" in entry and "key" in entry:
                yield _read_module(OLD_NAMES.get(name, name), entry)


def _read_module(kind: str, entry: Mapping[str, Any]) -> Module:
    return Module(
        kind=kind,
        key=entry["key"],
        name=(entry.get("name") or {}).get("value", ""),
        url=entry["url"],
        location=entry.get("location", ""),
        weight=entry.get("weight", _DEFAULT_WEIGHT),
        tooltip=(entry.get("tooltip") or {}).get("value", ""),
        icon_url=(entry.get("icon") or {}).get("url"),
        icon_class=(entry.get("params") or {}).get("auiIcon"),
        conditions=tuple(entry.get("conditions", ())),
        options=entry,
    )
