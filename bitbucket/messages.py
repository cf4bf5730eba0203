"""A request and a response as values, and the seam through which they travel. No I/O here; `transport.py` does that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

DEFAULT_MAX_BYTES = 16 * 1024 * 1024
"""The most that an answer may hold once decoded, unless the call says otherwise. A page of 50 pull requests has 133 kB."""

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})


class Headers(Mapping[str, str]):
    """HTTP headers: immutable, found in any case, iterated as they were written. Secrets do not show in its repr."""

    __slots__ = ("_entries",)

    def __init__(self, headers: Mapping[str, str] | None = None) -> None:
        self._entries = {name.lower(): (name, value) for name, value in (headers or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._entries[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._entries

    def __repr__(self) -> str:
        shown = {name: "***" if name.lower() in SECRET_HEADERS else value for name, value in self.items()}
        return f"Headers({shown})"

    def with_header(self, name: str, value: str) -> "Headers":
        """The same headers with one set or replaced."""
        kept = {known: text for known, text in self.items() if known.lower() != name.lower()}
        return Headers({**kept, name: value})


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, ready to be sent. `url` is absolute and already encoded; `body` is None where there is none."""

    method: str
    url: str
    headers: Headers = field(default_factory=Headers)
    body: bytes | None = field(default=None, repr=False)

    def with_header(self, name: str, value: str) -> "Request":
        """The same request with one header set or replaced."""
        return replace(self, headers=self.headers.with_header(name, value))


@dataclass(frozen=True, slots=True)
class Response:
    """One whole HTTP answer. `body` is decoded (no gzip left) and within the cap; empty where a sink took it.

    `answers` is how many the server gave until this one was kept: a 502, 503 or 504 may have come before it, and each is
    a call to whoever counts them.
    """

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = field(default=b"", repr=False)
    elapsed_seconds: float = 0.0
    answers: int = 1


class Transport(Protocol):
    """The one thing that this package asks of the outside world."""

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """Send a request and return the whole answer, whatever its status. Redirects are not followed.

        Everything, from looking up the name to the last byte, happens within `deadline_seconds`. The decoded body holds at
        most `max_bytes`. With a `sink`, the body of a 2xx goes there piece by piece and `Response.body` stays empty.

        Raises TimedOut, ConnectionFailed, CircuitOpen, ForeignHost (nothing was sent) or TooLarge.
        """
        ...
