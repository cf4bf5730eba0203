"""What was asked of this Bitbucket: every request, for tests that count calls. Tokens are not kept."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from simulator.faults import UNTOUCHED, target_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOG_LENGTH = 20_000
API_PREFIXES = ("/2.0", "/1.0", "/site/oauth2/")


@dataclass(kw_only=True)
class LoggedRequest:
    """One request. `client_key` is what a Connect token said of itself, unproven; `status` is None while under way."""

    id: int
    at: float
    method: str
    path: str
    query: str
    authorization: str | None
    client_key: str | None
    user_agent: str
    status: int | None = None
    elapsed_seconds: float | None = None
    is_fault: bool = False

    def as_json(self) -> dict[str, Any]:
        """The request as control shows it."""
        return dict(vars(self))


class RequestLog:
    """The latest requests, oldest first, and the WSGI layer that notes them down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)
        self._ids = itertools.count(1)

    def requests(self, *, prefixes: tuple[str, ...] = API_PREFIXES) -> list[LoggedRequest]:
        """Those whose path begins with one of `prefixes`."""
        with self._lock:
            return [one for one in self._requests if one.path.startswith(prefixes)]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._requests.clear()

    def around(self, application: WSGIApplication) -> WSGIApplication:
        """`application` with every request noted, control's own left out."""

        def layered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            if target_of(environ).startswith(UNTOUCHED):
                return application(environ, start_response)
            entry = self._begin(environ)

            def noting(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401 - WSGI's own
                # Before the status: whoever looks while the answer is still being sent must not take a fault for our own.
                entry.is_fault = bool(environ.get("simulator.fault"))
                entry.status = int(status[:3])
                return start_response(status, headers, *rest)

            return _Closing(application(environ, noting), entry, environ)

        return layered

    def _begin(self, environ: WSGIEnvironment) -> LoggedRequest:
        path, _, query = target_of(environ).partition("?")
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        entry = LoggedRequest(
            id=next(self._ids),
            at=time.time(),
            method=environ["REQUEST_METHOD"],
            path=path,
            query=query,
            authorization=scheme or None,
            client_key=_subject(token) if scheme == "JWT" else None,
            user_agent=environ.get("HTTP_USER_AGENT", ""),
        )
        with self._lock:
            self._requests.append(entry)
        return entry


class _Closing:
    """An answer's chunks; when they end, so does the request."""

    def __init__(self, chunks: Iterable[bytes], entry: LoggedRequest, environ: WSGIEnvironment) -> None:
        self._chunks = chunks
        self._entry = entry
        self._environ = environ
        self._started = time.monotonic()

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    def close(self) -> None:
        self._entry.elapsed_seconds = time.monotonic() - self._started
        self._entry.is_fault = bool(self._environ.get("simulator.fault"))
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()


def _subject(token: str) -> str | None:
    try:
        subject = jwt.decode(token, options={"verify_signature": False}).get("sub")
    except jwt.InvalidTokenError:
        return None
    return subject if isinstance(subject, str) else None
