"""The `q` language and `sort`.

Source: the description's chapter "filtering" (rest-api.md 3): `= != ~ !~ > >= < <= IN, NOT IN`, AND, OR, parentheses,
strings, numbers, null, booleans, unquoted ISO-8601 times, lists. AND binds tighter than OR. A path through a list is
true if it is for one of the elements (`reviewers.nickname = "x"`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from simulator.rest.errors import ApiError, bad_request

if TYPE_CHECKING:
    from simulator.rest.json_types import Value

Lookup = Callable[[Any, str], list[Any]]
"""(item, dotted path) -> the values there: several where the path goes through a list, none where it leads nowhere"""
Predicate = Callable[[Any, Lookup], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:\\.|[^"\\])*")
    | (?P<operator>!=|!~|>=|<=|=|~|>|<)
    | (?P<mark>[(),])
    | (?P<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_*][\w.*-]*)
    )""",
    re.VERBOSE,
)
_Token = tuple[str, str]


class _Parser:
    """Reads one expression from left to right; every fault is the same 400."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._place = 0

    def _fault(self) -> ApiError:
        return bad_request(f"Invalid query: {self._text}")

    def _split(self, text: str) -> list[_Token]:
        tokens: list[_Token] = []
        place, end = 0, len(text.rstrip())
        while place < end:
            match = _TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise self._fault()
            tokens.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()
        return tokens

    def _peek(self) -> _Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("end", "")

    def _take(self) -> _Token:
        token = self._peek()
        self._place += 1
        return token

    def _keyword(self, *words: str) -> bool:
        """Whether the next tokens are these words; if so they are taken."""
        ahead = self._tokens[self._place : self._place + len(words)]
        if [(kind, text.upper()) for kind, text in ahead] != [("word", word) for word in words]:
            return False
        self._place += len(words)
        return True

    def whole(self) -> Predicate:
        """The whole text as one predicate."""
        result = self._either()
        if self._peek()[0] != "end":
            raise self._fault()
        return result

    def _either(self) -> Predicate:
        options = [self._both()]
        while self._keyword("OR"):
            options.append(self._both())
        return lambda item, lookup: any(one(item, lookup) for one in options)

    def _both(self) -> Predicate:
        needs = [self._term()]
        while self._keyword("AND"):
            needs.append(self._term())
        return lambda item, lookup: all(one(item, lookup) for one in needs)

    def _term(self) -> Predicate:
        if self._peek() == ("mark", "("):
            self._take()
            inner = self._either()
            if self._take() != ("mark", ")"):
                raise self._fault()
            return inner
        kind, path = self._take()
        if kind != "word":
            raise self._fault()
        return self._comparison(path)

    def _comparison(self, path: str) -> Predicate:
        if self._keyword("NOT", "IN"):
            unwanted = self._list()
            return lambda item, lookup: not _member(lookup(item, path), unwanted)
        if self._keyword("IN"):
            wanted = self._list()
            return lambda item, lookup: _member(lookup(item, path), wanted)
        kind, operator = self._take()
        if kind != "operator":
            raise self._fault()
        literal = self._literal()
        return _compared(path, operator, literal)

    def _list(self) -> list[Any]:
        if self._take() != ("mark", "("):
            raise self._fault()
        values = [self._literal()]
        while (token := self._take()) == ("mark", ","):
            values.append(self._literal())
        if token != ("mark", ")"):
            raise self._fault()
        return values

    def _literal(self) -> Value:
        kind, text = self._take()
        constants = {"null": None, "true": True, "false": False}
        if kind == "string":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "time":
            return moment(text)
        if kind == "word" and text.lower() in constants:
            return constants[text.lower()]
        raise self._fault()


def moment(text: str) -> datetime | None:
    """An ISO-8601 date or time, UTC where it says nothing; None where it is not one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _comparable(value: Value, literal: Value) -> Value:
    if isinstance(literal, datetime) and isinstance(value, str):
        return moment(value)
    return value


def _equal(value: Value, literal: Value) -> bool:
    if isinstance(value, bool) != isinstance(literal, bool):
        return False
    return bool(_comparable(value, literal) == literal)


def _member(values: list[Any], wanted: list[Any]) -> bool:
    return any(_equal(value, one) for value in values or [None] for one in wanted)


def _compared(path: str, operator: str, literal: Value) -> Predicate:
    if operator == "=":
        return lambda item, lookup: _member(lookup(item, path), [literal])
    if operator == "!=":
        return lambda item, lookup: not _member(lookup(item, path), [literal])
    if operator == "~":
        return lambda item, lookup: any(_contains(value, literal) for value in lookup(item, path))
    if operator == "!~":
        return lambda item, lookup: not any(_contains(value, literal) for value in lookup(item, path))
    return lambda item, lookup: any(_ordered(value, operator, literal) for value in lookup(item, path))


def _contains(value: Value, literal: Value) -> bool:
    return isinstance(value, str) and str(literal).lower() in value.lower()


def _ordered(value: Value, operator: str, literal: Value) -> bool:
    value = _comparable(value, literal)
    try:
        answers = {">": value > literal, ">=": value >= literal, "<": value < literal, "<=": value <= literal}
    except TypeError:
        return False
    return bool(answers[operator])


def parse(text: str) -> Predicate:
    """The predicate that `text` stands for; raises ApiError (400)."""
    return _Parser(text).whole()


def names(text: str, path: str) -> bool:
    """Whether the query speaks of `path` at all."""
    return re.search(rf"(?<![\w.]){re.escape(path)}(?![\w.])", re.sub(r'"(?:\\.|[^"\\])*"', '""', text)) is not None


def _order(one: Value, other: Value) -> int:
    if one is None or other is None:
        return (one is not None) - (other is not None)
    try:
        return int(one > other) - int(one < other)
    except TypeError:
        return int(str(one) > str(other)) - int(str(one) < str(other))


def _order_of_pairs(one: tuple[Value, Value], other: tuple[Value, Value]) -> int:
    return _order(one[0], other[0])


def _first(values: list[Value]) -> Value:
    return values[0] if values else None


def ordered(items: Iterable[Any], sort: str, lookup: Lookup) -> list[Any]:
    """`items` by one field, `-field` from high to low; equals keep their order. Raises ApiError (400)."""
    path = sort.removeprefix("-").removeprefix("+").strip()
    if not re.fullmatch(r"[A-Za-z_][\w.]*", path):
        raise bad_request(f"Invalid sort field: {sort}")
    keyed: list[tuple[Value, Value]] = [(_first(lookup(item, path)), item) for item in items]
    keyed.sort(key=cmp_to_key(_order_of_pairs), reverse=sort.startswith("-"))
    return [item for _, item in keyed]


def in_json(value: Value, path: str, expand: Callable[[dict[str, Any]], dict[str, Any] | None]) -> list[Any]:
    """What a dotted path leads to in JSON; see Lookup."""
    found = [value]
    for name in path.split("."):
        found = [inner for one in found for inner in _step(one, name, expand)]
    return [inner for one in found for inner in (one if isinstance(one, list) else [one])]


def _step(value: Value, name: str, expand: Callable[[dict[str, Any]], dict[str, Any] | None]) -> list[Any]:
    if isinstance(value, list):
        return [inner for one in value for inner in _step(one, name, expand)]
    if not isinstance(value, dict):
        return []
    if name not in value:
        value = expand(value) or value
    return [value[name]] if name in value else []
