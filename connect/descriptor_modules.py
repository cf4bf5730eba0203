"""What Bitbucket accepts in the `modules` of a descriptor: their names and shapes, addresses, conditions, webhooks.

Each check yields sentences that say what to change, and records in `Needs` which scopes the modules depend on.
"""

# https://developer.atlassian.com/cloud/bitbucket/modules/

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from connect.scopes import KNOWN_SCOPES, SCOPE_OF_CONDITION, SCOPE_OF_CONTEXT, scope_of_event
from connect.webhooks import KNOWN_EVENTS, MAX_EVENT_KEY_LENGTH

MAX_MODULE_KEY_LENGTH: Final = 128
MAX_URL_LENGTH: Final = 2048
MAX_LOCATION_LENGTH: Final = 128

_MODULE_KEY = re.compile(r"[a-zA-Z0-9-]+", re.ASCII)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_CONTEXT_PATH = re.compile(r"([a-z_]+)(\.[A-Za-z0-9_]+)+", re.ASCII)
_EXTENSION = re.compile(r"[^./\s]+")
_URL_CHARACTERS = re.compile(r"[!-~]+", re.ASCII)
_PROXY_METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}

# None: the place is documented, the list of locations is cut off in every copy there is.
_LOCATIONS: dict[str, frozenset[str] | None] = {
    "webItems": None,
    "webPanels": frozenset(
        {
            "org.bitbucket.repository.overview.informationPanel",
            "org.bitbucket.pullrequest.overview.informationPanel",
            "org.bitbucket.account.admin.mirror.config",
        }
    ),
    "webCards": frozenset({"org.bitbucket.source"}),
    "repoPages": frozenset({"org.bitbucket.repository.navigation", "org.bitbucket.repository.actions"}),
    "adminPages": frozenset({"org.bitbucket.repository.admin", "org.bitbucket.account.admin"}),
}
_TARGETS = {"page", "dialog", "inlinedialog"}


@dataclass(slots=True)
class Needs:
    """The scopes that a descriptor's own modules depend on, each with what needs it, and the module keys seen."""

    scopes: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def scope(self, scope: str, what: str) -> None:
        """Records that `what` (a plural, for a sentence) needs `scope`."""
        self.scopes.setdefault(scope, what)


def check_modules(modules: object, needs: Needs) -> Iterator[str]:
    """The problems of a descriptor's `modules`."""
    if modules is None:
        return
    if not isinstance(modules, Mapping) or not modules:
        yield "Write `modules` as an object with at least one module: an app without any does nothing."
        return
    for kind, declared in modules.items():
        if kind not in _KINDS:
            yield _unknown_kind(kind)
        elif kind in _OBJECTS:
            yield from _check_object(kind, declared, needs)
        else:
            yield from _check_list(kind, declared, needs)


def check_address(url: object, where: str, needs: Needs, *, placeholders: bool = True) -> Iterator[str]:
    """The problems of one address: a path on the app, or an https address, with context parameters in its query."""
    if not isinstance(url, str) or not url:
        yield f"Set `{where}` to the path of a route, such as /panels/repository."
        return
    if len(url) > MAX_URL_LENGTH:
        yield f"Shorten `{where}` to {MAX_URL_LENGTH} characters."
    if _URL_CHARACTERS.fullmatch(url) is None:
        yield f"Percent-encode `{where}`: it holds spaces or letters that an address cannot."
        return
    relative = url.startswith("/") and not url.startswith("//")
    if not relative and not url.startswith("https://"):
        yield f"Begin `{where}` with a slash: relative addresses are appended to `baseUrl`, others must be https."
        return
    path, _, query = url.partition("?")
    yield from _check_path(path if relative else urlsplit(path).path, where)
    yield from _check_query(query, where)
    yield from _check_placeholders(url, where, needs, allowed=placeholders)


def _check_path(path: str, where: str) -> Iterator[str]:
    if "{" in path:
        yield f"Move the context parameter of `{where}` into its query: in a path its encoding breaks the signature."
    if "//" in path or (path.endswith("/") and path != "/"):
        yield f"Remove the closing or doubled slash of `{where}`: signers disagree about it."


def _check_query(query: str, where: str) -> Iterator[str]:
    if "#" in query:
        yield f"Remove the fragment of `{where}`: Bitbucket appends the token after it."
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if "jwt" in names:
        yield f"Rename the parameter jwt of `{where}`: Bitbucket's own token has that name."
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"Give the parameter {name} of `{where}` once: signers disagree about the order of repeated values."


def _check_placeholders(url: str, where: str, needs: Needs, *, allowed: bool) -> Iterator[str]:
    if "{" in _PLACEHOLDER.sub("", url) or "}" in _PLACEHOLDER.sub("", url):
        yield f"Correct the braces of `{where}`: a context parameter is written {{repository.uuid}}."
        return
    for name in _PLACEHOLDER.findall(url):
        match = _CONTEXT_PATH.fullmatch(name)
        scope = SCOPE_OF_CONTEXT.get(match[1]) if match else None
        if not allowed:
            yield f"Remove {{{name}}} from `{where}`: that call comes without any context."
        elif scope is None:
            yield f"Correct {{{name}}} in `{where}`: Bitbucket fills in members of a context object, as {{user.uuid}}."
        else:
            needs.scope(scope, f"context parameters such as {{{name}}}")


def _unknown_kind(kind: str) -> str:
    for known in _KINDS:
        if kind in {known.removesuffix("s"), known + "s"}:
            return f"Rename the module `{kind}` to `{known}`."
    return f"Remove the module `{kind}`: Bitbucket knows {', '.join(sorted(_KINDS))}."


def _check_object(kind: str, declared: object, needs: Needs) -> Iterator[str]:
    if not isinstance(declared, Mapping):
        yield f"Write `{kind}` as one object, not as a list."
        return
    yield from _KINDS[kind](declared, kind, needs)


def _check_list(kind: str, declared: object, needs: Needs) -> Iterator[str]:
    if not isinstance(declared, list):
        yield f"Write `{kind}` as a list, also where it has only one entry."
        return
    for position, module in enumerate(declared):
        where = f"{kind}[{position}]"
        if isinstance(module, Mapping):
            yield from _KINDS[kind](module, where, needs)
        else:
            yield f"Write `{where}` as an object."


def _check_page(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    """Everything that is shown: pages, panels, cards, items, tabs, file views."""
    yield from _check_key(module, where, needs)
    if _text_value(module.get("name")) is None:
        yield f'Write `{where}.name` as {{"value": "…"}}.'
    if "tooltip" in module and _text_value(module["tooltip"]) is None:
        yield f'Write `{where}.tooltip` as {{"value": "…"}}.'
    if type(module.get("weight", 0)) is not int:
        yield f"Write `{where}.weight` as a whole number: lower ones are shown first."
    yield from check_address(module.get("url"), f"{where}.url", needs)
    yield from _check_icon(module.get("icon"), where)
    yield from _check_location(module, where)
    yield from _check_target(module.get("target"), where)
    yield from _check_conditions(module.get("conditions", []), f"{where}.conditions", needs)


def _check_file_view(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    """What is offered for files: a page, and the extensions of the files it is offered for."""
    yield from _check_page(module, where, needs)
    matches = module.get("file_matches")
    extensions = matches.get("extensions") if isinstance(matches, Mapping) else None
    if not isinstance(extensions, list) or not extensions:
        yield f'Set `{where}.file_matches` to {{"extensions": [...]}} with at least one: it is offered for no file without.'
    elif not all(isinstance(one, str) and _EXTENSION.fullmatch(one) for one in extensions):
        yield f"Write each extension of `{where}.file_matches` without its dot, as py."


def _check_key(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    key = module.get("key")
    if not isinstance(key, str) or not _MODULE_KEY.fullmatch(key) or len(key) > MAX_MODULE_KEY_LENGTH:
        yield f"Write `{where}.key` with letters, digits and dashes, in at most {MAX_MODULE_KEY_LENGTH} characters."
    elif key in needs.keys:
        yield f"Give `{where}` another key: {key} is taken by another module."
    else:
        needs.keys.add(key)


def _is_one_of(value: object, names: Collection[str]) -> bool:
    return isinstance(value, str) and value in names


def _text_value(text: object) -> str | None:
    value = text.get("value") if isinstance(text, Mapping) else None
    return value if isinstance(value, str) and value.strip() else None


def _check_icon(icon: object, where: str) -> Iterator[str]:
    if icon is not None:
        url = icon.get("url") if isinstance(icon, Mapping) else None
        yield from check_address(url, f"{where}.icon.url", Needs(), placeholders=False)


def _check_location(module: Mapping[str, Any], where: str) -> Iterator[str]:
    kind = where.partition("[")[0]
    if kind not in _LOCATIONS:
        return
    location, known = module.get("location"), _LOCATIONS[kind]
    if not isinstance(location, str) or len(location) > MAX_LOCATION_LENGTH:
        yield f"Set `{where}.location` to a location of at most {MAX_LOCATION_LENGTH} characters."
    elif known is not None and location not in known:
        yield f"Set `{where}.location` to one of {', '.join(sorted(known))}: {location} shows nothing."
    elif not location.startswith("org.bitbucket."):
        yield f"Set `{where}.location` to a location of Bitbucket's, which all begin with org.bitbucket."


def _check_target(target: object, where: str) -> Iterator[str]:
    if target is not None and not (isinstance(target, Mapping) and _is_one_of(target.get("type"), _TARGETS)):
        yield f'Set `{where}.target` to {{"type": …}} with page, dialog or inlinedialog.'


def _check_conditions(conditions: object, where: str, needs: Needs) -> Iterator[str]:
    if not isinstance(conditions, list):
        yield f"Write `{where}` as a list."
        return
    for position, condition in enumerate(conditions):
        yield from _check_condition(condition, f"{where}[{position}]", needs)


def _check_condition(condition: object, where: str, needs: Needs) -> Iterator[str]:
    if isinstance(condition, Mapping) and _is_one_of(condition.get("type"), {"and", "or"}):
        yield from _check_conditions(condition.get("conditions"), f"{where}.conditions", needs)
        return
    name = condition.get("condition") if isinstance(condition, Mapping) else None
    if not isinstance(condition, Mapping) or not isinstance(name, str) or name not in SCOPE_OF_CONDITION:
        yield f"Set `{where}.condition` to a condition of Bitbucket's: {', '.join(sorted(SCOPE_OF_CONDITION))}."
        return
    target = condition.get("target")
    if name in {"equals", "contains"} and not isinstance(target, str):
        yield f"Give `{where}` a target such as repository.uuid: {name} compares it."
    scopes = (SCOPE_OF_CONDITION[name], SCOPE_OF_CONTEXT.get(str(target).partition(".")[0]))
    for scope in filter(None, scopes):
        needs.scope(scope, f"conditions such as {name}")


def _check_webhook(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    event = module.get("event")
    if not isinstance(event, str) or len(event) > MAX_EVENT_KEY_LENGTH or event not in KNOWN_EVENTS | {"*"}:
        yield f"Set `{where}.event` to an event of Bitbucket's or to *: a misspelt one is never sent."
    elif (scope := scope_of_event(event)) is not None:
        needs.scope(scope, f"webhooks such as {event}")
    yield from check_address(module.get("url"), f"{where}.url", Needs(), placeholders=False)


def _check_redirect(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    yield from _check_key(module, where, needs)
    yield from check_address(module.get("url"), f"{where}.url", needs)


def _check_consumer(module: Mapping[str, Any], where: str, _needs: Needs) -> Iterator[str]:
    if not isinstance(module.get("clientId"), str) or not module["clientId"]:
        yield f"Set `{where}.clientId` to the key of an OAuth consumer of yours."
    scopes = module.get("scopes", [])
    if not isinstance(scopes, list) or not all(isinstance(scope, str) and scope in KNOWN_SCOPES for scope in scopes):
        yield f"Write `{where}.scopes` as a list of scopes that Bitbucket knows."


def _check_linker(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    yield from _check_key(module, where, needs)
    if "(?P<K>" not in str(module.get("regex")):
        yield f"Give `{where}.regex` one group named K, written (?P<K>…)."
    if not _is_one_of(module.get("type", "href"), {"href", "image"}):
        yield f"Set `{where}.type` to href or image."


def _check_custom_event(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    yield from _check_key(module, where, needs)


def _check_proxy(module: Mapping[str, Any], where: str, needs: Needs) -> Iterator[str]:
    for path, entry in module.items():
        if not path.startswith("/"):
            yield f"Begin the path `{path}` of `{where}` with a slash."
        methods = entry.get("methods", {}) if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(methods, Mapping):
            yield f'Write the entry `{path}` of `{where}` as {{"destination": …, "methods": {{…}}}}.'
            continue
        yield from check_address(entry.get("destination"), f"{where}.{path}.destination", needs)
        yield from _check_conditions(entry.get("conditions", []), f"{where}.{path}.conditions", needs)
        for method, own in methods.items():
            yield from _check_proxy_method(method, own, f"{where}.{path}.{method}", needs)


def _check_proxy_method(method: str, own: object, where: str, needs: Needs) -> Iterator[str]:
    if method not in _PROXY_METHODS or not isinstance(own, Mapping):
        yield f"Correct `{where}`: a method in capitals, with an object."
    elif "destination" in own:
        yield from check_address(own["destination"], f"{where}.destination", needs)


_KINDS: dict[str, Callable[[Mapping[str, Any], str, Needs], Iterator[str]]] = {
    "adminPages": _check_page,
    "configurePage": _check_page,
    "customEvents": _check_custom_event,
    "fileEditors": _check_file_view,
    "fileViews": _check_file_view,
    "generalPages": _check_page,
    "linkers": _check_linker,
    "oauthConsumer": _check_consumer,
    "postInstallRedirect": _check_redirect,
    "profileTabs": _check_page,
    "proxy": _check_proxy,
    "repoPages": _check_page,
    "webCards": _check_page,
    "webItems": _check_page,
    "webPanels": _check_page,
    "webhooks": _check_webhook,
}
_OBJECTS = {"configurePage", "oauthConsumer", "postInstallRedirect", "proxy"}
