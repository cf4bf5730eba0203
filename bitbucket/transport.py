"""Requests over the network: the only module of the service that imports an HTTP client, reads a clock or opens a socket.

What requests and urllib3 leave open is closed here: a total deadline that holds for every single read (a server that drips
one byte a second cannot outlast it), a cap on the decoded body, and pinned origins. Known limit: looking up a name is the
system resolver's and cannot be interrupted; it is counted, and the call fails right after it.
"""

import http.client
import random
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final, Self, cast

import requests
import urllib3.connection
import urllib3.connectionpool
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from bitbucket.bounded_socket import BoundedSocket, CallTimer, current_timer
from bitbucket.errors import ConnectionFailed, ForeignHost, TimedOut, TooLarge, Unreachable
from bitbucket.messages import DEFAULT_MAX_BYTES, Headers, Request, Response, Transport
from bitbucket.origins import origin_of

__all__ = ["DEFAULT_MAX_BYTES", "Headers", "Request", "RequestsTransport", "Response", "Transport"]

CONNECT_TIMEOUT_SECONDS: Final = 3.05
IDLE_TIMEOUT_SECONDS: Final = 20.0
CHUNK_BYTES: Final = 64 * 1024
USER_AGENT: Final = "Bittern (Atlassian Connect app for Bitbucket Cloud)"

# urllib3's Retry is the policy and not the engine: its own loop sleeps without knowing about our deadline. It never reads
# Retry-After, which may say six hours; what a 429 asks for is decided by the caller, in days if need be.
RETRIES: Final = Retry(
    total=2,
    allowed_methods=("GET", "HEAD", "OPTIONS", "PUT", "DELETE"),
    status_forcelist=(502, 503, 504),
    backoff_factor=0.2,
    backoff_max=2.0,
    backoff_jitter=0.2,
    respect_retry_after_header=False,
    redirect=False,
)


def _connect_in_time(
    connection: urllib3.connection.HTTPConnection, connect: Callable[[], socket.socket]
) -> socket.socket:
    """Try the host's addresses one by one within the deadline; urllib3 alone would give each the whole connect time-out."""
    host, per_address = connection._dns_host, connection.timeout  # noqa: SLF001 - urllib3's own seam
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise urllib3.exceptions.NameResolutionError(host, connection, error) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    try:
        for address in addresses:
            connection._dns_host = address  # noqa: SLF001
            connection.timeout = current_timer.get().at_most(per_address)
            try:
                return connect()
            except (urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.NewConnectionError):
                if address == addresses[-1]:
                    raise
        raise urllib3.exceptions.NewConnectionError(connection, "The host has no address.")
    finally:
        connection._dns_host, connection.timeout = host, per_address  # noqa: SLF001


class _BoundedHTTPConnection(urllib3.connection.HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_in_time(self, super()._new_conn)

    def connect(self) -> None:
        super().connect()
        self.sock = cast("socket.socket", BoundedSocket(self.sock))


class _BoundedHTTPSConnection(urllib3.connection.HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect_in_time(self, super()._new_conn)

    def connect(self) -> None:
        super().connect()
        self.sock = cast("socket.socket", BoundedSocket(cast("socket.socket", self.sock)))


class _BoundedHTTPPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


class _BoundedAdapter(HTTPAdapter):
    """An adapter whose connections keep the deadline. It never retries: `RequestsTransport` does."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on as they are
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _BoundedHTTPPool, "https": _BoundedHTTPSPool}


def _new_session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, no .netrc, no CA bundle from the environment
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter(pool_connections=4, pool_maxsize=4, max_retries=0))
    return session


class RequestsTransport:
    """Sends requests with the requests library. Safe to share between threads: each thread has a session of its own.

    `allowed_origins` are the only places that anything is ever sent to (scheme, host and port must all match).
    `wait` is what passes the time between two tries and `clock` a monotonic clock, both replaced in tests.
    """

    def __init__(  # noqa: PLR0913 - all but the first are for tests
        self,
        allowed_origins: Collection[str],
        *,
        retries: Retry = RETRIES,
        connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
        idle_timeout_seconds: float = IDLE_TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self._allowed_origins = frozenset(origin_of(origin) for origin in allowed_origins)
        self._retries = retries
        self._timeouts = (connect_timeout_seconds, idle_timeout_seconds)
        self._clock = clock
        self._wait = wait or threading.Event().wait
        self._thread = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the calling thread's connections. Those of other threads close when their thread ends."""
        session: requests.Session | None = self._thread.__dict__.pop("session", None)
        if session is not None:
            session.close()

    def send(
        self,
        request: Request,
        *,
        deadline_seconds: float,
        max_bytes: int = DEFAULT_MAX_BYTES,
        sink: Callable[[bytes], None] | None = None,
    ) -> Response:
        """See `Transport.send`. Idempotent requests are tried again after a failed connection, a 502, 503 or 504."""
        if origin_of(request.url) not in self._allowed_origins:
            raise ForeignHost("The address is not on a pinned host; nothing was sent.", url=request.url)
        timer = CallTimer(deadline_seconds, self._clock)
        token = current_timer.set(timer)
        try:
            return self._send_with_retries(request, timer, max_bytes, sink)
        except (TimeoutError, ConnectionFailed) as error:
            if isinstance(error, ConnectionFailed) and timer.has_more_than(0):
                raise
            raise TimedOut(f"No whole answer within {deadline_seconds:g} s.") from error
        finally:
            current_timer.reset(token)

    def _send_with_retries(
        self, request: Request, timer: CallTimer, max_bytes: int, sink: Callable[[bytes], None] | None
    ) -> Response:
        tries = answers = 0
        while True:
            tries += 1
            pause_seconds = self._pause_seconds(tries)
            try:
                response = self._send_once(request, timer, max_bytes, sink)
            except _NeverAnswered:
                if not self._may_retry(request, tries, timer, pause_seconds):
                    raise
            else:
                answers += 1
                status_allows = response.status in self._retries.status_forcelist
                if not (status_allows and self._may_retry(request, tries, timer, pause_seconds)):
                    return replace(response, answers=answers)
            self._wait(pause_seconds)

    def _may_retry(self, request: Request, tries: int, timer: CallTimer, pause_seconds: float) -> bool:
        allowed = request.method in cast("Collection[str]", self._retries.allowed_methods)
        return allowed and tries <= cast("int", self._retries.total) and timer.has_more_than(pause_seconds)

    def _pause_seconds(self, tries: int) -> float:
        growing: float = self._retries.backoff_factor * 2 ** (tries - 1)
        jitter = random.random() * self._retries.backoff_jitter  # noqa: S311 - spreads load, guards nothing
        return min(growing + jitter, self._retries.backoff_max)

    def _send_once(
        self, request: Request, timer: CallTimer, max_bytes: int, sink: Callable[[bytes], None] | None
    ) -> Response:
        answer = self._exchange(request, timer)
        try:
            headers = Headers(dict(answer.headers.itermerged()))
            body = _Body(max_bytes, sink if 200 <= answer.status < 300 else None)
            _check_encoding(headers)
            if request.method != "HEAD":
                body.read_from(answer, headers, timer)
        except urllib3.exceptions.HTTPError as error:
            raise _broken_answer(error, timer) from error
        finally:
            # A connection whose answer was read to the end is back in its pool by now; any other one is not worth keeping.
            answer.close()
        return Response(answer.status, headers, body.whole(), timer.elapsed_seconds())

    def _exchange(self, request: Request, timer: CallTimer) -> urllib3.HTTPResponse:
        """Send the request and read the status line and headers."""
        prepared = _prepare(request)
        connect_seconds, idle_seconds = self._timeouts
        timeouts = (timer.at_most(connect_seconds), timer.at_most(idle_seconds))
        try:
            # The adapter is called and not the session: a session would look for cookies, follow or read redirects.
            adapter = self._session().get_adapter(request.url)
            answer = adapter.send(prepared, stream=True, timeout=timeouts, verify=True, proxies={})
        except requests.exceptions.SSLError as error:
            raise ConnectionFailed("The TLS connection could not be made.") from error
        except requests.exceptions.ConnectTimeout as error:
            raise _NeverAnswered(f"No connection within {connect_seconds:g} s.") from error
        except requests.exceptions.ReadTimeout as error:
            raise TimedOut("No answer in time.") from error
        except requests.exceptions.ConnectionError as error:
            raise _never_answered(error) from error
        except requests.exceptions.RequestException as error:
            raise ConnectionFailed("The request could not be sent.") from error
        except urllib3.exceptions.HTTPError as error:
            raise ConnectionFailed("The exchange failed.") from error
        return cast("urllib3.HTTPResponse", answer.raw)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = self._thread.session = _new_session()
        return session


class _NeverAnswered(ConnectionFailed):
    """No byte of an answer came, so an idempotent request may be tried again."""


class _Body:
    """The body of an answer as it comes in, never more than `max_bytes` of it."""

    def __init__(self, max_bytes: int, sink: Callable[[bytes], None] | None) -> None:
        self._max_bytes = max_bytes
        self._sink = sink
        self._kept: list[bytes] = []
        self._size_bytes = 0

    def read_from(self, answer: urllib3.HTTPResponse, headers: Headers, timer: CallTimer) -> None:
        """Read to the end. Decoding is bounded as well: a bomb is cut off while it unfolds, not after."""
        declared = headers.get("Content-Length", "")
        if declared.isdecimal() and len(declared) < 20 and int(declared) > self._max_bytes:
            raise TooLarge(f"The answer announces {declared} bytes; {self._max_bytes} are allowed.")
        while piece := answer.read1(CHUNK_BYTES, decode_content=True):
            timer.left_seconds()
            self._size_bytes += len(piece)
            if self._size_bytes > self._max_bytes:
                raise TooLarge(f"The answer has more than {self._max_bytes} bytes.")
            if self._sink is None:
                self._kept.append(piece)
            else:
                self._sink(piece)

    def whole(self) -> bytes:
        return b"".join(self._kept)


def _prepare(request: Request) -> requests.PreparedRequest:
    """A prepared request with exactly our URL and headers; what is signed is what is sent."""
    prepared = requests.PreparedRequest()
    prepared.method = request.method
    prepared.url = request.url
    prepared.body = request.body
    prepared.headers = requests.structures.CaseInsensitiveDict({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
    prepared.headers.update(request.headers)
    if request.body is not None or request.method in {"PUT", "POST", "PATCH"}:
        prepared.headers["Content-Length"] = str(len(request.body or b""))
    return prepared


def _check_encoding(headers: Headers) -> None:
    """We ask for gzip. Anything else, and any chain of codings, is an answer to some other question."""
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise TooLarge(f"The answer is encoded as {encoding[:60]!r}; only gzip was asked for.")


def _never_answered(error: requests.exceptions.ConnectionError) -> Unreachable | TooLarge:
    if _has_cause(error, http.client.LineTooLong):
        return TooLarge("The answer has a header line without an end.")
    if _has_cause(error, urllib3.exceptions.NameResolutionError):
        return _NeverAnswered("The host name could not be resolved.")
    return _NeverAnswered("The connection could not be made, or closed without an answer.")


def _broken_answer(error: urllib3.exceptions.HTTPError, timer: CallTimer) -> Unreachable | TooLarge:
    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return TimedOut(f"The answer stopped coming after {timer.elapsed_seconds():.1f} s.")
    if _has_cause(error, http.client.LineTooLong):
        return TooLarge("The answer has a chunk line without an end.")
    return ConnectionFailed("The answer broke off or is not valid HTTP.")


def _has_cause(error: BaseException, kind: type[BaseException]) -> bool:
    """True when `kind` is among the causes; requests and urllib3 keep them in `args`, `reason` or `__cause__`."""
    seen: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, BaseException) or one in seen:
            continue
        if isinstance(one, kind):
            return True
        seen.append(one)
        waiting += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
    return False
