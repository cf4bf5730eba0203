"""What is printed: bytes as they come where a program reads, JSON laid out where a person does.

Nothing that others wrote can steer a terminal: what is not printable is shown by its number. Files and pipes get every byte
as it was sent.
"""

from __future__ import annotations

import http
import json
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

import msgspec
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.text import Text

if TYPE_CHECKING:
    from bitbucket.messages import Response

_LOOKED_AT_BYTES: Final = 8192
_INDENT: Final = 2


class NotShown(Exception):  # noqa: N818 - named for what happened
    """An answer that a terminal cannot show."""


@dataclass(frozen=True)
class Output:
    """Where answers go. `is_terminal` says whether a person reads."""

    stream: IO[bytes]
    is_terminal: bool
    has_colours: bool = True

    def write(self, piece: bytes) -> None:
        """Bytes as they are."""
        self.stream.write(piece)

    def write_head(self, response: Response) -> None:
        """Status and headers, as HTTP writes them, and the empty line."""
        phrases = {one.value: one.phrase for one in http.HTTPStatus}
        lines = [f"HTTP/1.1 {response.status} {phrases.get(response.status, '')}".rstrip()]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        text = "".join(f"{visible(line) if self.is_terminal else line}\n" for line in [*lines, ""])
        self.stream.write(text.encode("utf-8", "replace"))

    def write_body(self, body: bytes) -> None:
        """A whole body, laid out for a person. Raises NotShown for what is neither JSON nor text."""
        if not self.is_terminal:
            self.write(body)
        elif body:
            self._show(body)

    def write_value(self, raw: bytes, *, depth: int) -> None:
        """One JSON value for a person, at some depth of a document that is written piece by piece."""
        self._print_json(pretty(raw, depth=depth))

    def _show(self, body: bytes) -> None:
        try:
            text = pretty(body)
        except ValueError:
            if b"\0" in body[:_LOOKED_AT_BYTES]:
                raise NotShown(f"The answer is not text ({len(body):,} bytes): write it to a file.") from None
            shown = visible(body.decode("utf-8", "replace"))
            self.stream.write(shown.encode() + (b"" if shown.endswith("\n") else b"\n"))
        else:
            self._print_json(f"{text}\n")

    def _print_json(self, text: str) -> None:
        if not self.has_colours:
            self.stream.write(text.encode())
            return
        console = Console(color_system="standard", force_terminal=True, soft_wrap=True, legacy_windows=False)
        with console.capture() as captured:
            console.print(JSONHighlighter()(Text(text)), end="")
        self.stream.write(captured.get().encode())


def wants_colours() -> bool:
    """Whether a terminal may be coloured (no-color.org, and what terminals that cannot say of themselves)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in {"", "dumb"}


def pretty(raw: bytes, *, depth: int = 0) -> str:
    """JSON with a line for each member. Raises ValueError for what is not JSON."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    margin = " " * (_INDENT * depth)
    text = json.dumps(value, indent=_INDENT, ensure_ascii=False)
    return "".join(f"{margin}{line}" for line in _visible_json(text).splitlines(keepends=True))


def visible(text: str) -> str:
    """Text whose control characters, and others that cannot be seen, are shown by their numbers."""
    return "".join(one if one.isprintable() or one in "\n\t" else f"\\x{ord(one):02x}" for one in text)


def _visible_json(text: str) -> str:
    """The same for JSON, which has its own way to write them and so stays JSON."""
    if text.isascii():
        return text
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)
