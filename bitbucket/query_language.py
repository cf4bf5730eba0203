"""The `q` and `sort` parameters: filters as values, so that no text of a user's can become part of the question.

    both = (field("state").is_in("new", "open") & field("title").contains('say "hi"')) | (field("assignee").equals(None)
    client.iterate(path, Issue, params={"q": str(both), "sort": descending("updated_on")})

Operators and literals are those of Atlassian's "Filter and sort API objects". Names are dotted paths without `values.`.
Inside a string a quote and a backslash are escaped with a backslash, as Atlassian's support says (the page does not).
"""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

Literal = str | int | float | Decimal | bool | date | datetime | None
"""What a field can be compared with. Moments must be aware."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter. `&` and `|` join two of them, parentheses where they are needed; `str()` is what `q` is set to."""

    text: str
    is_compound: bool = False

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self._as_part()} AND {other._as_part()}", is_compound=True)

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"{self._as_part()} OR {other._as_part()}", is_compound=True)

    def __str__(self) -> str:
        return self.text

    def _as_part(self) -> str:
        return f"({self.text})" if self.is_compound else self.text


@dataclass(frozen=True, slots=True)
class Field:
    """A member of the objects in a collection, and what can be asked of it."""

    name: str

    def equals(self, value: Literal) -> Condition:
        """`name = value`; None asks for the absence of a value."""
        return self._compared("=", value)

    def differs_from(self, value: Literal) -> Condition:
        """`name != value`."""
        return self._compared("!=", value)

    def contains(self, text: str) -> Condition:
        """`name ~ "text"`, in any case."""
        return self._compared("~", text)

    def lacks(self, text: str) -> Condition:
        """`name !~ "text"`, in any case."""
        return self._compared("!~", text)

    def is_over(self, value: Literal) -> Condition:
        """`name > value`."""
        return self._compared(">", value)

    def is_at_least(self, value: Literal) -> Condition:
        """`name >= value`."""
        return self._compared(">=", value)

    def is_under(self, value: Literal) -> Condition:
        """`name < value`."""
        return self._compared("<", value)

    def is_at_most(self, value: Literal) -> Condition:
        """`name <= value`."""
        return self._compared("<=", value)

    def is_in(self, *values: Literal) -> Condition:
        """`name IN (…)`. Raises ValueError for an empty list, which the language cannot say."""
        return self._listed("IN", values)

    def is_not_in(self, *values: Literal) -> Condition:
        """`name NOT IN (…)`."""
        return self._listed("NOT IN", values)

    def _compared(self, operator: str, value: Literal) -> Condition:
        return Condition(f"{self.name} {operator} {literal(value)}")

    def _listed(self, operator: str, values: tuple[Literal, ...]) -> Condition:
        if not values:
            raise ValueError("A list of the query language holds at least one value.")
        return Condition(f"{self.name} {operator} ({', '.join(literal(value) for value in values)})")


def field(name: str) -> Field:
    """The field at a dotted path. Raises ValueError for anything else: a name is never quoted, so it must be one."""
    return Field(_checked_name(name))


def descending(name: str) -> str:
    """`sort` by one field, the largest or newest first."""
    return f"-{_checked_name(name)}"


def ascending(name: str) -> str:
    """`sort` by one field, the smallest or oldest first."""
    return _checked_name(name)


def literal(value: Literal) -> str:
    """A value as the query language writes it.

    Raises ValueError for what it cannot say (a naive moment, infinity, a control character), TypeError for other types.
    """
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"The query language has no literal for {type(value).__name__}.")


def _string(text: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("A string of the query language cannot hold control characters.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _number(number: float | Decimal) -> str:
    if not math.isfinite(number):
        raise ValueError("A number of the query language is finite.")
    return format(Decimal(str(number)), "f")


def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A moment without an offset could be anybody's.")
    return moment.astimezone(UTC).isoformat()


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a path of a field.")
    return name


# In this order: a bool is an int, and a datetime a date.
_WRITERS: Final[tuple[tuple[type, Callable[..., str]], ...]] = (
    (type(None), lambda _: "null"),
    (bool, lambda value: str(value).lower()),
    (str, _string),
    (int, str),
    (float, _number),
    (Decimal, _number),
    (datetime, _moment),
    (date, date.isoformat),
)
