"""Checks the modules of a descriptor and says what to change, one sentence for each problem."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from simulator.connect.conditions import condition_problems
from simulator.connect.events import EVENTS, EVERY_EVENT
from simulator.connect.module_shapes import LIMITS, OLD_NAMES, SHAPES, Shape

Problems = Iterator[str]
_MODULE_KEY = re.compile(r"[a-zA-Z0-9-]+")
_TARGET_TYPES = ("dialog", "inlinedialog", "page")


def module_problems(modules: object) -> Problems:
    """Everything that is wrong with the value of `modules`."""
    if not isinstance(modules, Mapping):
        yield "modules must be an object."
        return
    for name, value in modules.items():
        shape = SHAPES.get(OLD_NAMES.get(str(name), str(name)))
        if shape is None:
            yield f"modules.{name} is not a module that Bitbucket knows."
        else:
            yield from _container_problems(name, value, shape)


def entries_of(name: str, value: object) -> list[Mapping[str, object]]:
    """The modules under one name as a list, whatever holds them; singular names of old may hold one object."""
    if isinstance(value, Mapping):
        shape = SHAPES[OLD_NAMES.get(name, name)]
        values = list(value.values()) if shape.container == "map" else [value]
    else:
        values = value if isinstance(value, list) else []
    return [one for one in values if isinstance(one, Mapping)]


def _container_problems(name: str, value: object, shape: Shape) -> Problems:
    where = f"modules.{name}"
    if shape.container == "list" and isinstance(value, Mapping) and name in OLD_NAMES:
        yield from _entry_problems(where, OLD_NAMES[name], value, shape)
    elif shape.container == "list":
        yield from _list_problems(where, OLD_NAMES.get(name, name), value, shape)
    elif not isinstance(value, Mapping):
        yield f"{where} must be one object, not {_kind(value)}."
    elif shape.container == "object":
        yield from _entry_problems(where, name, value, shape)
    else:
        for path, entry in value.items():
            yield from _entry_problems(f'{where}["{path}"]', name, entry, shape)


def _list_problems(where: str, name: str, value: object, shape: Shape) -> Problems:
    if not isinstance(value, list):
        yield f"{where} must be a list, not {_kind(value)}."
        return
    seen: set[object] = set()
    for number, entry in enumerate(value):
        yield from _entry_problems(f"{where}[{number}]", name, entry, shape)
        key = entry.get("key") if isinstance(entry, Mapping) else None
        if isinstance(key, str) and key in seen:
            yield f'{where}[{number}].key "{key}" is used twice; module keys must differ.'
        seen.add(key if isinstance(key, str) else None)


def _entry_problems(where: str, name: str, entry: object, shape: Shape) -> Problems:
    if not isinstance(entry, Mapping):
        yield f"{where} must be an object, not {_kind(entry)}."
        return
    for required in shape.required:
        if entry.get(required) in (None, "", [], {}):
            yield f"{where}.{required} is missing."
    for field, check in _FIELD_CHECKS.items():
        if entry.get(field) not in (None, ""):
            yield from check(f"{where}.{field}", entry[field])
    yield from condition_problems(f"{where}.conditions", entry.get("conditions", []))
    if name in _KIND_CHECKS:
        yield from _KIND_CHECKS[name](where, entry)


def _key_problems(where: str, value: object) -> Problems:
    yield from _text_problems(where, value, limit=LIMITS["key"])
    if isinstance(value, str) and not _MODULE_KEY.fullmatch(value):
        yield f'{where} "{value}" may hold only letters, digits and hyphens.'


def _url_problems(where: str, value: object) -> Problems:
    yield from _text_problems(where, value, limit=LIMITS["url"])
    if not isinstance(value, str):
        return
    if not re.fullmatch(r"[^{}]*(\{[^{}]+\}[^{}]*)*", value):
        yield f"{where} has a brace that does not close, or an empty placeholder."
    if not value.startswith("/") and urlsplit(value).scheme not in {"https", "http"}:
        yield f'{where} must begin with "/" (it is appended to baseUrl) or be a whole address.'


def _location_problems(where: str, value: object) -> Problems:
    yield from _text_problems(where, value, limit=LIMITS["location"])


def _name_problems(where: str, value: object) -> Problems:
    if not isinstance(value, Mapping) or not isinstance(value.get("value"), str) or not value["value"]:
        yield f'{where} must be an object such as {{"value": "…"}}.'


def _weight_problems(where: str, value: object) -> Problems:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{where} must be a whole number."


def _icon_problems(where: str, value: object) -> Problems:
    if not isinstance(value, Mapping) or not isinstance(value.get("url"), str):
        yield f"{where} must be an object with a url."


def _params_problems(where: str, value: object) -> Problems:
    if not isinstance(value, Mapping):
        yield f"{where} must be an object."


_FIELD_CHECKS: dict[str, Callable[[str, object], Problems]] = {
    "key": _key_problems,
    "url": _url_problems,
    "destination": _url_problems,
    "location": _location_problems,
    "name": _name_problems,
    "tooltip": _name_problems,
    "weight": _weight_problems,
    "icon": _icon_problems,
    "params": _params_problems,
}


def _webhook_problems(where: str, entry: Mapping[str, object]) -> Problems:
    event = entry.get("event")
    if not event:
        return
    yield from _text_problems(f"{where}.event", event, limit=LIMITS["event"])
    if isinstance(event, str) and event != EVERY_EVENT and event not in EVENTS:
        yield f'{where}.event "{event}" is not an event of Bitbucket.'


def _web_item_problems(where: str, entry: Mapping[str, object]) -> Problems:
    target = entry.get("target")
    if target is not None and (not isinstance(target, Mapping) or target.get("type") not in _TARGET_TYPES):
        yield f"{where}.target must be an object whose type is one of {', '.join(_TARGET_TYPES)}."


def _linker_problems(where: str, entry: Mapping[str, object]) -> Problems:
    regex = entry.get("regex")
    if not isinstance(regex, str):
        return
    try:
        groups = re.compile(regex).groupindex
    except re.error as error:
        yield f"{where}.regex does not compile: {error}."
    else:
        if "K" not in groups:
            yield f"{where}.regex must have one group named K: (?P<K>…)."


def _file_view_problems(where: str, entry: Mapping[str, object]) -> Problems:
    matches = entry.get("file_matches")
    if matches and not (isinstance(matches, Mapping) and isinstance(matches.get("extensions"), list)):
        yield f"{where}.file_matches must be an object with a list of extensions."


_KIND_CHECKS: dict[str, Callable[[str, Mapping[str, object]], Problems]] = {
    "webhooks": _webhook_problems,
    "webItems": _web_item_problems,
    "linkers": _linker_problems,
    "fileViews": _file_view_problems,
    "fileEditors": _file_view_problems,
}


def _text_problems(where: str, value: object, *, limit: int) -> Problems:
    if not isinstance(value, str):
        yield f"{where} must be text, not {_kind(value)}."
    elif len(value) > limit:
        yield f"{where} is {len(value)} characters long; {limit} are allowed."


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds: dict[type, str] = {list: "a list", dict: "an object", str: "text", bool: "a truth value"}
    return kinds.get(type(value), "a number")
