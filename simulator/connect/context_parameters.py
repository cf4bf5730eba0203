"""Fills `{repository.uuid}` and the like in module addresses (connect-protocol.md 1.3).

A placeholder is a path into the REST representation of a context object. Without the object's scope it is left as it
is. What the object does not hold, and what is not a scalar, becomes nothing at all; sources do not say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

Context = Mapping[str, Callable[[], Mapping[str, Any] | None]]
"""Object name -> its REST representation, made when first asked for; None where there is no such object on the page."""

SCOPE_OF_OBJECT = {
    "user": "account",
    "target_user": "account",
    "workspace": "account",
    "principal": "account",
    "repository": "repository",
    "branch": "repository",
    "commit": "repository",
    "file": "repository",
    "directory": "repository",
    "pullrequest": "pullrequest",
    "snippet": "snippet",
    "issue": "issue",
}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNRESERVED = "-._~"
_ALREADY_ENCODED = "-._~:/?#[]@!$&'()*+,;=%"


def fill(template: str, *, context: Context, scopes: Collection[str]) -> str:
    """`template` with every placeholder replaced that `scopes` allow; values are percent-encoded (RFC 6570)."""

    def replacement(match: re.Match[str]) -> str:
        path = match.group(1)
        name = path.partition(".")[0]
        if SCOPE_OF_OBJECT.get(name) not in scopes:
            return quote(match.group(0), safe="")
        return quote(text_of(look_up(path, context=context)), safe=_UNRESERVED)

    pieces = PLACEHOLDER.split(template)
    fixed = [quote(piece, safe=_ALREADY_ENCODED) for piece in pieces[::2]]
    filled = [replacement(match) for match in PLACEHOLDER.finditer(template)]
    return "".join(a + b for a, b in zip(fixed, [*filled, ""], strict=True))


def look_up(path: str, *, context: Context) -> object:
    """What stands at a dotted path such as `pullrequest.source.commit.hash`; None where nothing does."""
    name, *steps = path.split(".")
    make = context.get(name)
    value: object = make() if make else None
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def text_of(value: object) -> str:
    """A scalar as it appears in an address; nothing for what is not one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""
