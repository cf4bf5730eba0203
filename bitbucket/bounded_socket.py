"""Sockets on which no single read or write outlasts the call that they serve. Only `transport.py` uses this.

A read time-out alone does not bound a call: a server that sends one byte every few seconds, in a header line, a chunk size
or the body, never trips it.
"""

import io
import socket
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, cast


class CallTimer:
    """What is left of one call's deadline."""

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began_at = clock()
        self._ends_at = self._began_at + seconds

    def elapsed_seconds(self) -> float:
        """Since the call began."""
        return self._clock() - self._began_at

    def left_seconds(self) -> float:
        """Raises TimeoutError (the built-in one, as a socket would) once nothing is left."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise TimeoutError("The deadline has passed.")
        return left

    def has_more_than(self, seconds: float) -> bool:
        """True while more than that is left; never raises."""
        return self._ends_at - self._clock() > seconds

    def at_most(self, seconds: float | None) -> float:
        """`seconds`, or what is left where that is less. Raises TimeoutError once nothing is."""
        left = self.left_seconds()
        return left if seconds is None else min(left, seconds)


# A pooled connection outlives the call that opened it, so it looks up the deadline of the call that it is serving now.
current_timer: ContextVar[CallTimer] = ContextVar("bitbucket_call_timer")


class _BoundedReader(io.RawIOBase):
    """The receiving half of a socket; each read gets what is left of the deadline, and no more than the idle time-out."""

    def __init__(self, sock: socket.socket, idle_seconds: float | None) -> None:
        self._sock = sock
        self._idle_seconds = idle_seconds
        self._raw = cast("io.RawIOBase", sock.makefile("rb", buffering=0))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - the type of io.RawIOBase
        self._sock.settimeout(current_timer.get().at_most(self._idle_seconds))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class BoundedSocket:
    """A connected socket (plain or TLS) on which no single read or write outlasts the call's deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._idle_seconds = sock.gettimeout()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything else is the socket's own
        return getattr(self._sock, name)

    def settimeout(self, seconds: float | None) -> None:
        """The idle time-out: the longest that one read may take, whatever the deadline."""
        self._idle_seconds = seconds
        self._sock.settimeout(seconds)

    def sendall(self, data: Any) -> None:  # noqa: ANN401 - the type of socket.sendall
        """Send everything within the deadline."""
        self._sock.settimeout(current_timer.get().at_most(self._idle_seconds))
        self._sock.sendall(data)

    def makefile(self, mode: str, *_: object) -> io.BufferedReader:
        """The reader that http.client asks for; it never asks for another mode."""
        if mode != "rb":
            raise ValueError(mode)
        return io.BufferedReader(_BoundedReader(self._sock, self._idle_seconds))
