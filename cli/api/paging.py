"""A whole collection as one document, a page in memory at a time, and how far it is.

What is printed has the shape of one page that holds everything: `{"values": […], "size": …}`. When it breaks off, it stays
unclosed, so that no program takes a part for the whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import msgspec

    from bitbucket.resources import Page
    from cli.api.output import Output
    from services import Clock

BETWEEN_LINES: Final = timedelta(seconds=1)
_ITEM_DEPTH: Final = 2


@dataclass
class Progress:
    """Says on stderr how many pages and items have come: rewritten in place on a terminal, else a line now and then.

    On a terminal that shows the items too, they are the progress, and only the last line is said.
    """

    stream: IO[str]
    is_terminal: bool
    now: Clock
    shares_terminal: bool = False
    pages: int = 0
    items: int = 0
    total: int | None = None
    _said_at: datetime | None = field(default=None, init=False)

    def page(self, page: Page[msgspec.Raw]) -> None:
        """Another page came."""
        self.pages += 1
        self.items += len(page.values)
        self.total = page.size if page.size is not None else self.total
        now = self.now()
        if self.shares_terminal:
            return
        if self.is_terminal:
            self._write(f"\r\x1b[K{self}")
        elif page.next and (self._said_at is None or now - self._said_at >= BETWEEN_LINES):
            self._said_at = now
            self._write(f"{self}\n")

    def done(self) -> None:
        """The last line, with what it came to."""
        is_rewritten = self.is_terminal and not self.shares_terminal
        self._write(f"\r\x1b[K{self}\n" if is_rewritten else f"{self}\n")

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()

    def __str__(self) -> str:
        of_total = f" of {self.total:,}" if self.total is not None and self.total != self.items else ""
        items = "item" if self.items == 1 and not of_total else "items"
        return f"{self.pages:,} page{'' if self.pages == 1 else 's'}, {self.items:,}{of_total} {items}"


def write_collection(pages: Iterable[Page[msgspec.Raw]], output: Output, progress: Progress | None) -> None:
    """Write every item of a collection as it comes. Raises what the pages raise."""
    count = 0
    for page in pages:
        for item in page.values:
            _write_item(output, bytes(item), is_first=count == 0)
            count += 1
        if count == 0 and page.next is None:
            output.write(b'{"values": [')
        if progress:
            progress.page(page)
    _write_end(output, count)
    output.stream.flush()
    if progress:
        progress.done()


def _write_item(output: Output, item: bytes, *, is_first: bool) -> None:
    if output.is_terminal:
        output.write(b'{\n  "values": [\n' if is_first else b",\n")
        output.write_value(item, depth=_ITEM_DEPTH)
    else:
        output.write(b'{"values": [\n' if is_first else b",\n")
        output.write(item)


def _write_end(output: Output, count: int) -> None:
    size = json.dumps(count).encode()
    if count == 0:
        output.write(b'], "size": 0}\n')
    elif output.is_terminal:
        output.write(b'\n  ],\n  "size": ' + size + b"\n}\n")
    else:
        output.write(b'\n], "size": ' + size + b"}\n")
