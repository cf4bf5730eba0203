"""JSON objects from outside, read so that no later consumer can stumble: the only place of this package that parses.

Refused are what parsers disagree about (duplicate members, NaN, numbers beyond 64 bit), what databases disagree about
(NUL, lone surrogates) and what exhausts a stack (deep nesting).
"""

# ruff: noqa: N818 - a refusal is named after what happened

import json
import math
from typing import Any, NoReturn

from connect.errors import PayloadInvalid, Reason

MAX_DEPTH = 64
"""Deepest nesting that is read. Bitbucket's own payloads reach 12."""

_MAX_INTEGER_DIGITS = 20  # a sign and the 19 digits of 2**63; longer ones are refused before they are converted


class DuplicateMember(ValueError):
    """An object holds a member twice: first-wins and last-wins parsers would read different things."""


class NumberRefused(ValueError):
    """A number that not every consumer can hold: NaN, an infinity, an integer beyond 64 bit."""


class NulRefused(ValueError):
    """A string holds U+0000, which PostgreSQL's text type cannot."""


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request body.

    Raises `PayloadInvalid` (input.json, input.number, input.nul), and nothing else, for everything that is not exactly
    one UTF-8 JSON object.
    """
    try:
        return parse_object(body)
    except NumberRefused as error:
        raise PayloadInvalid(Reason.INPUT_NUMBER, str(error)) from error
    except NulRefused as error:
        raise PayloadInvalid(Reason.INPUT_NUL, str(error)) from error
    except ValueError as error:
        raise PayloadInvalid(Reason.INPUT_JSON, "the body is not one valid JSON object in UTF-8") from error


def parse_object(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`. Raises `ValueError` or one of its subclasses above for everything else."""
    text = data.decode("utf-8")
    try:
        value = _decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one family for every refusal
    # A string can only hold a NUL or a lone surrogate where it was written as an escape.
    _check_nodes(value, escapes="\\u" in text)
    return value


def _check_nodes(value: dict[str, Any], *, escapes: bool) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        if escapes:
            _check_strings(level)
        # Only what has children goes on: most values have none, and there are many.
        level = [child for node in level for child in _children(node) if type(child) in _CONTAINERS]
        if not level:
            return
    raise ValueError("nested too deeply")


_CONTAINERS = frozenset((dict, list))


def _children(node: Any) -> Any:  # noqa: ANN401 - an object or array of JSON
    return node.values() if type(node) is dict else node


def _check_strings(level: list[Any]) -> None:
    for node in level:
        for text in (*node, *node.values()) if type(node) is dict else node:
            if isinstance(text, str):
                _check_string(text)


def _check_string(text: str) -> None:
    if "\x00" in text:
        raise NulRefused("a string holds the character U+0000")
    text.encode("utf-8")  # raises UnicodeEncodeError, a ValueError, for a lone surrogate


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) != len(members):
        raise DuplicateMember("an object holds a member twice")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _MAX_INTEGER_DIGITS or not -(2**63) <= (value := int(digits)) < 2**63:
        raise NumberRefused("an integer does not fit 64 bit")
    return value


def _float(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise NumberRefused("a number is too large")
    return value


def _constant(name: str) -> NoReturn:
    raise NumberRefused(f"{name} is not a number of JSON")


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
).decode
