"""The `fields` parameter: take away, add, or name all that is wanted.

Source: the description's chapter "partial-response" (rest-api.md 2). Modes may be mixed as in its `-*,+foo,+bar`:
removals first, then additions. `*` matches one level. Lists are transparent: a path names what is in their elements.
Embedded objects are condensed; a path that leads into what they leave out makes them whole first (`expand`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from simulator.rest.json_types import Json, Value

Expand = Callable[[Json], Json | None]


def apply(body: Json, fields: str | None, *, hidden: Sequence[str] = (), expand: Expand | None = None) -> Json:
    """`body` as `fields` wants it; `hidden` are the paths that only an explicit wish (or `*`) brings."""
    wishes = [one.strip() for one in (fields or "").split(",") if one.strip()]
    default: Json = _without(body, hidden)
    if not wishes:
        return default
    removed = [one[1:] for one in wishes if one.startswith("-")]
    # An unescaped plus arrives as a space, which matches nothing: so says the chapter.
    added = [one[1:] for one in wishes if one.startswith("+")]
    named = [one for one in wishes if one[0] not in "+-"]
    whole = expand or (lambda _: None)
    if named:
        kept: Json = {}
        for path in [*named, *added]:
            kept = _merge(kept, _picked(body, path.split("."), whole))
        chosen: Json = _without(kept, removed)
        return chosen
    result: Json = _without(default, removed)
    for path in added:
        result = _merge(result, _picked(body, path.split("."), whole))
    return result


def _without(value: Value, paths: Sequence[str]) -> Value:
    for path in paths:
        value = _cut(value, path.split("."))
    return value


def _cut(value: Value, path: list[str]) -> Value:
    if isinstance(value, list):
        return [_cut(one, path) for one in value]
    if not isinstance(value, dict):
        return value
    head, *rest = path
    if head == "*":
        return {name: _cut(one, rest) for name, one in value.items()} if rest else {}
    if head not in value:
        return value
    if not rest:
        return {name: one for name, one in value.items() if name != head}
    return value | {head: _cut(value[head], rest)}


def _picked(value: Value, path: list[str], expand: Expand) -> Value:
    if not path:
        return value
    if isinstance(value, list):
        return [_picked(one, path, expand) for one in value]
    if not isinstance(value, dict):
        return value
    head, *rest = path
    if head == "*":
        return {name: _picked(one, rest, expand) for name, one in value.items()}
    if head not in value:
        value = expand(value) or value
    return {head: _picked(value[head], rest, expand)} if head in value else {}


def _merge(one: Value, other: Value) -> Value:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {name: _merge(one[name], value) if name in one else value for name, value in other.items()}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_merge(left, right) for left, right in zip(one, other, strict=True)]
    return other
