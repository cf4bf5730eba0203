"""When a request has arrived whole: bytes in, a verdict out. No socket, no clock.

What is decided here is only when a thread may begin. What the bytes mean is the HTTP server's own parser's business, and
whatever looks odd is handed to it at once, so that it refuses it: two parsers that judge a request are one too many.
"""

import re
from enum import Enum
from typing import Final

MAX_HEAD_BYTES: Final = 384 * 1024
"""Longest request line and headers together. Pages need a hundredth; a longer address is refused before it is parsed."""

MAX_BODY_BYTES: Final = 1024 * 1024
"""A body that announces more is not waited for: the application refuses it by its headers."""

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_FRAMING = re.compile(rb"\r\n(?:content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?=\r\n)", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,7})[^\r\n]{0,64}\r\n")
_CHUNK_LINE_LENGTH: Final = 80


class Verdict(Enum):
    """What is to be done with what has come so far."""

    WAIT = "wait"
    READY = "ready"
    """Whole, or so odd that waiting would not help."""
    HEAD_TOO_LARGE = "head too large"


class Arrival:
    """One request as it comes in, and what has come after it."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._body_at: int | None = None
        self._end: int | None = None
        self._chunk_at = 0
        self._wants_continue = False

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, piece: bytes) -> Verdict:
        """Take in more bytes. They are looked at once, however small the pieces are."""
        search_from = max(0, len(self._bytes) - len(_END_OF_HEAD) + 1)
        self._bytes += piece
        if self._body_at is None:
            found = self._bytes.find(_END_OF_HEAD, search_from)
            if found < 0:
                return Verdict.HEAD_TOO_LARGE if len(self._bytes) > MAX_HEAD_BYTES else Verdict.WAIT
            self._read_head(found)
        if self._end is None:
            self._read_chunks()
        return Verdict.READY if self._end is not None and len(self._bytes) >= self._end else Verdict.WAIT

    def __bytes__(self) -> bytes:
        return bytes(self._bytes)

    def head(self) -> bytes:
        """The request line and the headers; empty until they are whole."""
        return bytes(self._bytes[: self._body_at or 0])

    def take_expectation(self) -> bool:
        """Whether the sender waits to be told to go on with its body; it is told once."""
        wants, self._wants_continue = self._wants_continue, False
        return wants

    def _read_head(self, head_length: int) -> None:
        """Find out how long the whole is; what is framed in no way, or in two, ends with its head."""
        self._body_at = self._chunk_at = head_length + len(_END_OF_HEAD)
        head = bytes(self._bytes[: head_length + 2])
        lengths = _LENGTH.findall(head)
        self._end = self._body_at
        if len(_FRAMING.findall(head)) != 1:
            return
        if lengths and int(lengths[0]) <= MAX_BODY_BYTES:
            self._end = self._body_at + int(lengths[0])
        elif _CHUNKED.search(head):
            self._end = None
        else:
            return
        self._wants_continue = self._end != self._body_at and _EXPECT.search(head) is not None

    def _read_chunks(self) -> None:
        """Go on from chunk to chunk; the last is followed by trailers and an empty line."""
        while self._end is None:
            if self._chunk_at - (self._body_at or 0) > MAX_BODY_BYTES:
                self._end = len(self._bytes)
                return
            line = bytes(self._bytes[self._chunk_at : self._chunk_at + _CHUNK_LINE_LENGTH])
            match = _CHUNK_SIZE.match(line)
            if match is None:
                # Not a chunk's beginning, or not all of it yet.
                self._end = len(self._bytes) if len(line) == _CHUNK_LINE_LENGTH or b"\r\n" in line else None
                return
            if int(match[1], 16) == 0:
                self._read_trailers(self._chunk_at + match.end())
                return
            self._chunk_at += match.end() + int(match[1], 16) + 2

    def _read_trailers(self, trailers_at: int) -> None:
        """The empty line may follow the last chunk's line directly."""
        found = self._bytes.find(_END_OF_HEAD, trailers_at - 2)
        if found >= 0:
            self._end = found + len(_END_OF_HEAD)
        elif len(self._bytes) - trailers_at > MAX_HEAD_BYTES:
            self._end = len(self._bytes)
