"""Paths of REST resources, encoded one segment at a time.

A workspace or a repository may be called by a slug that needs no encoding, a branch by nearly anything, and a UUID stands in
braces that must be encoded. Nothing outside this module puts a path together.
"""

import re
from typing import Final
from urllib.parse import quote

UUID_PATTERN: Final = re.compile(r"(?:\{|%7B)?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?:\}|%7D)?", re.IGNORECASE)
ANY_WORKSPACE: Final = "{}"
"""The empty workspace: with a repository's UUID it addresses that repository wherever it has been moved to."""

_UNRESERVED: Final = "-._~"


class Exact(str):
    """A segment that is sent as it is spelled, even where it looks like a UUID: a branch, a tag, a report id, a name."""

    __slots__ = ()


class FilePath(str):
    """A path of a file or folder in a repository: its slashes separate segments and stay slashes."""

    __slots__ = ()


def canonical_uuid(text: str) -> str:
    """A UUID as Bitbucket writes it, `{lower-case}`. Braces may be missing or encoded, the case is free.

    Raises ValueError for anything else.
    """
    match = UUID_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a UUID.")
    return f"{{{match[1].lower()}}}"


def is_other_uuid(told: str | None, expected: str) -> bool:
    """True when an answer names another object than the one asked for. An answer that names none cannot tell.

    Spelling does not matter; `expected` is a UUID (ValueError if not), `told` may be anything.
    """
    if told is None:
        return False
    match = UUID_PATTERN.fullmatch(told)
    return match is None or canonical_uuid(told) != canonical_uuid(expected)


def path(*segments: str | int, root: str = "/2.0", trailing_slash: bool = False) -> str:
    """An encoded path under `root`: `path("repositories", workspace_uuid, repository_uuid, "refs", "branches")`.

    A segment that is a UUID, with or without braces and in any case, is sent as `%7B…%7D`; `Exact` prevents that. `{}` is
    sent as `%7B%7D`. `FilePath` keeps its slashes. REST 1.0 has its own root and sometimes a last slash.

    Raises ValueError for an empty segment and for `.` and `..`, which no encoding keeps from being read as a way up.
    """
    encoded = (_encode(segment) for segment in segments)
    return "/".join((root, *encoded)) + ("/" if trailing_slash else "")


def _encode(segment: str | int) -> str:
    if isinstance(segment, FilePath):
        return "/".join(_encode_text(part) for part in segment.strip("/").split("/"))
    if isinstance(segment, str) and not isinstance(segment, Exact) and UUID_PATTERN.fullmatch(segment):
        segment = canonical_uuid(segment)
    return _encode_text(str(segment))


def _encode_text(text: str) -> str:
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} cannot be a segment of a path.")
    return quote(text, safe=_UNRESERVED)
