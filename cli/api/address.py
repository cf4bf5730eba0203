"""The address that was typed, as it is sent: with or without its root, UUIDs in any spelling, names that need encoding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlsplit

from bitbucket.errors import ForeignHost
from bitbucket.operation_table import operations
from bitbucket.origins import origin_of
from bitbucket.paths import ANY_WORKSPACE, UUID_PATTERN, FilePath, path
from cli.api.errors import NotAnAddress

if TYPE_CHECKING:
    from collections.abc import Callable

    from bitbucket.operation_table import Operation

ROOTS: Final = ("2.0", "1.0")
_PLACEHOLDER: Final = re.compile(r"\{([^{}/]*)\}")
_IS_URL: Final = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """An encoded path, with its root and perhaps a query, and the operation that it is known as."""

    path: str
    operation: Operation | None


def read_address(typed: str, *, method: str, api_url: str, fill: Callable[[str], str]) -> Address:
    """The address that was typed. `fill` gives the value of a placeholder, or raises NotAnAddress.

    A `?` begins the query, which is sent as it is; `#` is a character like others; what is percent-encoded stays so. An
    absolute URL must be on the pinned host: it may be a `next` link. Raises NotAnAddress.
    """
    place, question_mark, query = _without_host(typed.strip(), api_url).lstrip("/").partition("?")
    segments = [_filled(segment, fill) for segment in place.split("/")]
    root = segments.pop(0) if segments[0] in ROOTS else ROOTS[0]
    has_last_slash = len(segments) > 1 and not segments[-1]
    if has_last_slash:
        segments.pop()
    if not any(segments):
        raise NotAnAddress("The path is empty.")
    operation = _operation_of(method, segments) if root == "2.0" else None
    try:
        encoded = operation.path(_values(operation, segments)) if operation else path(*segments, root=f"/{root}")
    except ValueError as error:
        raise NotAnAddress(str(error)) from error
    return Address(f"{encoded}{'/' if has_last_slash else ''}{question_mark}{query}", operation)


def _without_host(typed: str, api_url: str) -> str:
    if not _IS_URL.match(typed):
        return typed
    try:
        is_ours = origin_of(typed) == origin_of(api_url)
    except ForeignHost as error:
        raise NotAnAddress(str(error)) from error
    if not is_ours:
        raise NotAnAddress(f"The address is not on {api_url}.")
    parts = urlsplit(typed)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _filled(segment: str, fill: Callable[[str], str]) -> str:
    """A segment, decoded, with its placeholders' values. A UUID in braces is none, and neither is the empty workspace."""
    if segment == ANY_WORKSPACE or UUID_PATTERN.fullmatch(segment):
        return unquote(segment)
    return unquote(_PLACEHOLDER.sub(lambda match: quote(fill(match[1]), safe=""), segment))


def _operation_of(method: str, segments: list[str]) -> Operation | None:
    """The operation that these segments address: the one with the most words of its own, should several fit."""
    fitting = [one for one in operations() if one.method == method and _fits(one, segments)]
    return max(fitting, key=lambda one: len(_PLACEHOLDER.sub("", one.template)), default=None)


def _fits(operation: Operation, segments: list[str]) -> bool:
    parts = _parts(operation)
    if parts[-1] == "{path}":
        return len(segments) >= len(parts) and _all_fit(parts[:-1], segments)
    return len(segments) == len(parts) and _all_fit(parts, segments)


def _all_fit(parts: list[str], segments: list[str]) -> bool:
    return all(part == segment or _is_placeholder(part) for part, segment in zip(parts, segments, strict=False))


def _values(operation: Operation, segments: list[str]) -> dict[str, str]:
    parts = _parts(operation)
    values = {part[1:-1]: segment for part, segment in zip(parts, segments, strict=False) if _is_placeholder(part)}
    if parts[-1] == "{path}":
        values["path"] = FilePath("/".join(_checked(part) for part in segments[len(parts) - 1 :]))
    return values


def _checked(part: str) -> str:
    if "/" in part:
        raise ValueError(f"{part!r} cannot be the name of a file: it holds an encoded slash.")
    return part


def _parts(operation: Operation) -> list[str]:
    return operation.template.strip("/").split("/")


def _is_placeholder(part: str) -> bool:
    return _PLACEHOLDER.fullmatch(part) is not None
