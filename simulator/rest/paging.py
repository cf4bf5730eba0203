"""Collections: numbered pages for lists, opaque tokens for iterators.

Sources: rest-api.md 1; the envelope's order of keys as recorded in 2026 (pullrequests-pagelen-50), `?page=8xhd` in
refs.jenkins-x-go-scm.json, "Invalid pagelen" in error-invalid-pagelen-400.thread.json.
"""

# ruff: noqa: PLR0913 - keyword-only, and each is a fact of its own

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from simulator.rest.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from simulator.rest.json_types import Json

Item = TypeVar("Item")

DEFAULT = 10
LARGEST = 100
_CURSORS_KEPT = 2000


class Cursors:
    """Where the iterators stand: an unguessable token for each place in each listing.

    The listing is kept with the token, so that a push between two pages does not shift what follows.
    """

    def __init__(self) -> None:
        self._places: OrderedDict[str, tuple[tuple[str, ...], int]] = OrderedDict()

    def token(self, listing: tuple[str, ...], offset: int) -> str:
        """A token for the place `offset` of `listing`."""
        seen = f"{offset}\0{len(listing)}\0{listing[0]}\0{listing[-1]}"
        token = "np" + hashlib.sha256(seen.encode()).hexdigest()[:14]
        self._places[token] = (listing, offset)
        self._places.move_to_end(token)
        if len(self._places) > _CURSORS_KEPT:
            self._places.popitem(last=False)
        return token

    def place(self, token: str) -> tuple[tuple[str, ...], int]:
        """What a token stands for; raises ApiError (400)."""
        if token not in self._places:
            raise bad_request("Invalid page")
        return self._places[token]


def page_length(arguments: Mapping[str, str], *, default: int = DEFAULT, largest: int = LARGEST) -> int:
    """The wanted page size; raises ApiError (400) beyond `largest`."""
    text = arguments.get("pagelen")
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        raise bad_request("Invalid pagelen")
    return int(text)


def page_number(arguments: Mapping[str, str]) -> int:
    """The wanted page, from 1; raises ApiError (400)."""
    text = arguments.get("page") or "1"
    if not text.isdecimal() or int(text) < 1:
        raise bad_request("Invalid page")
    return int(text)


def with_page(url: str, page: str) -> str:
    """`url` with another `page`."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("page", page)])))


def numbered(
    items: Sequence[Item],
    *,
    represent: Callable[[Item], Json],
    arguments: Mapping[str, str],
    url: str,
    default: int = DEFAULT,
    largest: int = LARGEST,
) -> Json:
    """One page of a list, with its size and its neighbours."""
    length = page_length(arguments, default=default, largest=largest)
    page = page_number(arguments)
    start = (page - 1) * length
    body: Json = {
        "values": [represent(item) for item in items[start : start + length]],
        "pagelen": length,
        "size": len(items),
        "page": page,
    }
    if start + length < len(items):
        body["next"] = with_page(url, str(page + 1))
    if page > 1:
        body["previous"] = with_page(url, str(page - 1))
    return body


def iterated(
    listing: Sequence[str],
    *,
    represent: Callable[[str], Json],
    cursors: Cursors,
    arguments: Mapping[str, str],
    url: str,
    default: int = DEFAULT,
    largest: int = LARGEST,
) -> Json:
    """One page of an iterator over keys: no size, no way back, and a token to go on with."""
    length = page_length(arguments, default=default, largest=largest)
    kept = tuple(listing)
    start = 0
    page = arguments.get("page")
    if page and page.isdecimal():
        start = (page_number(arguments) - 1) * length
    elif page:
        kept, start = cursors.place(page)
    body: Json = {"values": [represent(key) for key in kept[start : start + length]], "pagelen": length}
    if start + length < len(kept):
        body["next"] = with_page(url, cursors.token(kept, start + length))
    return body
