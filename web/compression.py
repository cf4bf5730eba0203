"""Pages sent compressed where the browser takes that. Static files are compressed once, when they are read.

A page repeats nothing that came in its address, and the token in it is another one each time: what its compressed size
tells an eavesdropper is of no use (the attack called BREACH needs both).
"""

import gzip
import re
import struct
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from flask import Flask, Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from web import at_hand
from web.quick_pages import HTML, QuickPage

PAGE_TYPE: Final = "text/html"
LEAST_BYTES: Final = 1400
"""Less than this travels in one packet either way."""

LEVEL: Final = 6

# RFC 1952: deflate, no name, no time, no operating system told.
_GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LONGEST_STORED: Final = 0xFFFF

_VARY: Final = ("Vary", "Accept-Encoding")
_GZIPPED: Final = ("Content-Encoding", "gzip")


def install(app: Flask) -> None:
    """Compress the pages of an application."""
    app.after_request(_compress)


class SplicedPage:
    """A page that is the same each time but for some places in it: compressed once, and put together for each who asks.

    What stands in such a place is stored as it is (RFC 1951, 3.2.4), and nothing on either side refers to it.
    """

    def __init__(self, page: str, places: Collection[str]) -> None:
        found = re.split(f"({'|'.join(map(re.escape, places))})", page)
        self._places = found[1::2]
        self._parts = [part.encode() for part in found[::2]]
        pressing = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._pressed = [pressing.compress(part) + pressing.flush(zlib.Z_FULL_FLUSH) for part in self._parts[:-1]]
        self._pressed.append(pressing.compress(self._parts[-1]) + pressing.flush())

    def sent(self, values: Mapping[str, str]) -> QuickPage:
        """Return the page with these in their places, as the request at hand takes it."""
        if not takes_gzip():
            return QuickPage(b"".join(_alternating(self._parts, self._values(values))), (HTML, _VARY))
        return QuickPage(self.compressed(values), (HTML, _VARY, _GZIPPED))

    def respond(self, values: Mapping[str, str]) -> Response:
        """Return the same as a view returns it."""
        page = self.sent(values)
        return Response(page.body, headers=page.headers)

    def compressed(self, values: Mapping[str, str]) -> bytes:
        """Return the page as one gzip member. Raises ValueError for a value of more than 65,535 bytes."""
        middles = self._values(values)
        checksum = size = 0
        for piece in _alternating(self._parts, middles):
            checksum, size = zlib.crc32(piece, checksum), size + len(piece)
        pieces = _alternating(self._pressed, [_stored(middle) for middle in middles])
        return b"".join((_GZIP_HEAD, *pieces, struct.pack("<LL", checksum, size & 0xFFFFFFFF)))

    def _values(self, values: Mapping[str, str]) -> list[bytes]:
        return [values[place].encode() for place in self._places]


def _alternating(parts: Sequence[bytes], middles: Sequence[bytes]) -> Iterator[bytes]:
    """Yield a part, a middle, a part, and so on: there is one part more."""
    for part, middle in zip_longest(parts, middles, fillvalue=b""):
        yield from (part, middle)


def _stored(middle: bytes) -> bytes:
    """Return a block that holds bytes as they are, and is not the last one."""
    if len(middle) > _LONGEST_STORED:
        raise ValueError("a stored block holds 65,535 bytes at most")
    return struct.pack("<BHH", 0, len(middle), len(middle) ^ 0xFFFF) + middle


def takes_gzip() -> bool:
    """Whether the request at hand takes its answer compressed."""
    return _names_gzip(at_hand.current().environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=128)
def _names_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted, Accept).quality("gzip") > 0


def _compress(response: Response) -> Response:
    headers = response.headers
    is_page = headers.get("Content-Type", "").startswith(PAGE_TYPE)
    if not is_page or response.is_streamed or "Content-Encoding" in headers:
        return response
    headers.add("Vary", "Accept-Encoding")
    if not takes_gzip():
        return response
    page = response.get_data()
    if len(page) >= LEAST_BYTES:
        response.set_data(gzip.compress(page, LEVEL, mtime=0))
        headers["Content-Encoding"] = "gzip"
    return response
