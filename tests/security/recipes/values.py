"""The `$…` values of the recipe language, expanded anywhere in a recipe.

`$now+3600`, `$A.client_key`, `$upper($qsh)` and the like. What stands alone keeps its type (`$now` is a number), what
stands inside a longer text becomes part of it.
"""

from __future__ import annotations

import base64
import re
import urllib.parse
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.security.recipes.errors import NotUnderstood, RecipeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.security.recipes.cast import Cast

NAME = re.compile(r"\$(?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?)")
TERMS = re.compile(r"(?:[+-](?:\d+|L)\b)*")
TERM = re.compile(r"(?P<sign>[+-])(?P<size>\d+|L)")


@dataclass(frozen=True)
class Scope:
    """What the values of one request are taken from. The two functions are known only once the request is."""

    cast: Cast
    now: int
    query_string_hash: Callable[[], str]
    token_of: Callable[[str], str]


def split_arguments(text: str) -> list[str]:
    """The arguments between the parentheses of a call, split at commas outside of inner parentheses and brackets."""
    found, depth, current = [], 0, ""
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += character
    return [*found, current.strip()] if found or current.strip() else []


def expand(value: object, scope: Scope) -> object:
    """The value with everything in it expanded. Keys of objects stay as they are: `$ne` is an attack, not a word."""
    if isinstance(value, dict):
        return {name: expand(inner, scope) for name, inner in value.items()}
    if isinstance(value, list):
        return [expand(inner, scope) for inner in value]
    return expand_text(value, scope) if isinstance(value, str) else value


def expand_text(text: str, scope: Scope) -> object:
    """A text with its values expanded; one value alone keeps its type."""
    parts: list[object] = []
    position = 0
    while match := NAME.search(text, position):
        if match.start() > position:
            parts.append(text[position : match.start()])
        value, position = _expand_at(text, match, scope)
        parts.append(value)
    if position < len(text):
        parts.append(text[position:])
    if len(parts) == 1:
        return parts[0]
    return "".join(str(part) for part in parts)


def call_in(text: str) -> tuple[str, list[str]] | None:
    """The name and the arguments of a text that is one call, such as `$install(A, key=x)`; None for any other."""
    match = NAME.match(text)
    if match is None:
        return None
    if match.end() == len(text):
        return match["name"], []
    inner, end = _parenthesised(text, match.end())
    return (match["name"], split_arguments(inner)) if inner is not None and end == len(text) else None


def _expand_at(text: str, match: re.Match[str], scope: Scope) -> tuple[object, int]:
    name = match["name"]
    if name == "now":
        terms = TERMS.match(text, match.end())
        return _moment(terms[0] if terms else "", scope), terms.end() if terms else match.end()
    inner, end = _parenthesised(text, match.end())
    if inner is not None and name in TRANSFORMS:
        return TRANSFORMS[name]([expand_text(argument, scope) for argument in split_arguments(inner)], scope), end
    if inner is not None and name == "token":
        return scope.token_of(inner.strip()), end
    return _plain(name, scope), match.end()


def _parenthesised(text: str, start: int) -> tuple[str | None, int]:
    """What stands in the parentheses that open at `start`, and where they end."""
    if start >= len(text) or text[start] != "(":
        return None, start
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth == 0:
            return text[start + 1 : position], position + 1
    raise RecipeError(f"a parenthesis is never closed: {text[:80]!r}")


def _plain(name: str, scope: Scope) -> object:
    if name == "qsh":
        return scope.query_string_hash()
    if name == "uuid":
        return str(uuid.uuid4())
    if "." in name:
        return scope.cast.fact(name)
    raise NotUnderstood("value", f"${name}")


def _moment(terms: str, scope: Scope) -> int:
    moment = scope.now
    for term in TERM.finditer(terms):
        size = scope.cast.leeway_seconds if term["size"] == "L" else int(term["size"])
        moment += size if term["sign"] == "+" else -size
    return moment


def _repeat(arguments: list[object], _scope: Scope) -> str:
    text, count = arguments
    return str(text) * int(str(count))


def _prefix(arguments: list[object], _scope: Scope) -> str:
    text, length = arguments
    return str(text)[: int(str(length))]


def _base64(arguments: list[object], scope: Scope) -> str:
    name = str(arguments[0])
    secret = name if "." not in name and name != "attacker" else scope.cast.secret(name)
    return base64.urlsafe_b64encode(secret.encode()).rstrip(b"=").decode()


TRANSFORMS: dict[str, Callable[[list[object], Scope], object]] = {
    "repeat": _repeat,
    "prefix": _prefix,
    "b64": _base64,
    "upper": lambda arguments, _: str(arguments[0]).upper(),
    "lower": lambda arguments, _: str(arguments[0]).lower(),
    "nobrace": lambda arguments, _: str(arguments[0]).strip("{}"),
    "pct": lambda arguments, _: urllib.parse.quote(str(arguments[0]), safe=""),
    "str": lambda arguments, _: str(arguments[0]),
}
