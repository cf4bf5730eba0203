"""`key=value` as it is typed: query parameters, headers, and the fields of a body with their types and nesting.

Fields follow `gh api`: `-F` reads true, false, null, whole numbers and `@file`, `-f` takes the text as it is;
`content[raw]=text` nests, `reviewers[][uuid]=…` makes a list of objects, `tags[]` an empty list.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli.api.errors import NotUnderstood

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_KEY: Final = re.compile(r"([^\[\]=]+)((?:\[[^\[\]]*\])*)")
_SUBKEY: Final = re.compile(r"\[([^\[\]]*)\]")
_WHOLE_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)")
_WORDS: Final = {"true": True, "false": False, "null": None}
_SETTLED_ELSEWHERE: Final = {"authorization", "host", "content-length", "transfer-encoding", "connection"}


@dataclass(frozen=True, slots=True)
class File:
    """A file that was named with `@`: what it is called, and what it holds."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its key, the subkeys in brackets ("" for the next element of a list), and its value."""

    key: str
    subkeys: tuple[str, ...]
    value: Any

    @property
    def name(self) -> str:
        """The key as it was typed."""
        return self.key + "".join(f"[{subkey}]" for subkey in self.subkeys)


def read_pairs(typed: Iterable[str]) -> dict[str, list[str]]:
    """Query parameters; one that is named again gets another value. Raises NotUnderstood."""
    found: dict[str, list[str]] = {}
    for text in typed:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise NotUnderstood(f"{text!r} is not KEY=VALUE.")
        found.setdefault(key, []).append(value)
    return found


def read_headers(typed: Iterable[str]) -> dict[str, str]:
    """Headers, `Name: value`. Raises NotUnderstood, also for those that the credential and the transport set."""
    found = {}
    for text in typed:
        name, colon, value = text.partition(":")
        if not colon or not name.strip() or not text.isprintable() or not text.isascii():
            raise NotUnderstood(f"{text!r} is not NAME: VALUE.")
        if name.strip().lower() in _SETTLED_ELSEWHERE:
            raise NotUnderstood(
                f"{name.strip()} is not set by hand: options say who calls, and the call says the rest."
            )
        found[name.strip()] = value.strip()
    return found


def read_field(typed: str, *, read_file: Callable[[str], bytes]) -> Field:
    """A typed field (`-F`). Raises NotUnderstood."""
    field = read_raw_field(typed)
    value = field.value
    if not isinstance(value, str):
        return field
    if value.startswith("@"):
        value = File("stdin" if value == "@-" else Path(value[1:]).name, read_file(value[1:]))
    elif value in _WORDS:
        value = _WORDS[value]
    elif _WHOLE_NUMBER.fullmatch(value):
        value = int(value)
    return Field(field.key, field.subkeys, value)


def read_raw_field(typed: str) -> Field:
    """A field whose value is text (`-f`). Raises NotUnderstood."""
    name, equals, value = typed.partition("=")
    match = _KEY.fullmatch(name)
    if match is None or (not equals and not name.endswith("[]")):
        raise NotUnderstood(f"{typed!r} is not KEY=VALUE.")
    subkeys = tuple(_SUBKEY.findall(match[2]))
    # `key[]` alone is the empty list; otherwise the value belongs to its next element.
    return Field(match[1], subkeys, value) if equals else Field(match[1], subkeys[:-1], [])


def nested(fields: Sequence[Field]) -> dict[str, Any]:
    """The object that fields make. Raises NotUnderstood where two of them cannot both be."""
    made: dict[str, Any] = {}
    for field in fields:
        _put(made, (field.key, *field.subkeys), _as_json(field.value), field.name)
    return made


def _as_json(value: Any) -> Any:  # noqa: ANN401 - whatever a field may hold
    if not isinstance(value, File):
        return value
    try:
        return value.content.decode()
    except UnicodeDecodeError:
        raise NotUnderstood(f"{value.name} is not text: send it with --form, or as a whole with --input.") from None


def _put(place: dict[str, Any], keys: tuple[str, ...], value: Any, name: str) -> None:  # noqa: ANN401
    key, rest = keys[0], keys[1:]
    if not rest:
        if key in place:
            raise NotUnderstood(f"{name} is given twice.")
        place[key] = value
    elif rest[0]:
        _put(_within(place, key, {}, name), rest, value, name)
    else:
        _append(_within(place, key, [], name), rest[1:], value, name)


def _append(elements: list[Any], keys: tuple[str, ...], value: Any, name: str) -> None:  # noqa: ANN401
    """Add to a list. An object that has not got the key yet is gone on with; otherwise the next one begins."""
    if not keys:
        elements.append(value)
        return
    if not keys[0]:
        raise NotUnderstood(f"{name} is a list in a list, which fields cannot say: use --input.")
    if not elements or not isinstance(elements[-1], dict) or _is_taken(elements[-1], keys):
        elements.append({})
    _put(elements[-1], keys, value, name)


def _is_taken(element: dict[str, Any], keys: tuple[str, ...]) -> bool:
    if keys[0] not in element or (len(keys) > 1 and not keys[1]):
        return False
    held = element[keys[0]]
    return len(keys) == 1 or not isinstance(held, dict) or _is_taken(held, keys[1:])


def _within(place: dict[str, Any], key: str, empty: Any, name: str) -> Any:  # noqa: ANN401
    held = place.setdefault(key, empty)
    if type(held) is not type(empty):
        raise NotUnderstood(f"{name} cannot be: another field has made something else of {key}.")
    return held
