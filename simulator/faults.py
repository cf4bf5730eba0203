"""Faults on demand: what a test or a demonstration asks this Bitbucket to answer instead of the truth.

A WSGI layer above the application. A fault matches a regular expression against `METHOD /path?query`; the newest match
wins. Addresses below `/_simulator` are never touched.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import socket
import threading
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LONGEST_HANG_SECONDS = 600.0
UNTOUCHED = "/_simulator"


@dataclass(kw_only=True)
class Fault:
    """One fault and how often it struck.

    Without `status`, `body`, `location`, `gzip_bomb_bytes` or `raw` the real answer follows (after the delay, or
    dripping). `$self` in a body stands for the address that was asked for.
    """

    match: re.Pattern[str]
    status: int | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None
    delay_seconds: float = 0.0
    hang: bool = False
    drip_seconds: float = 0.0
    """pause before each byte"""
    gzip_bomb_bytes: int = 0
    """so many zero bytes, compressed"""
    raw: bytes | None = None
    """written to the socket as it is, instead of any answer; the connection then closes"""
    raw_endless: bytes = b""
    """written again and again after `raw`, until the other side hangs up"""
    skip: int = 0
    """let so many matching requests pass first"""
    times: int | None = None
    until: float | None = None
    """monotonic moment at which the fault ends"""
    struck: int = 0
    seen: int = 0

    @property
    def has_answer(self) -> bool:
        """Whether the fault answers by itself."""
        return bool(self.status or self.body is not None or self.location or self.gzip_bomb_bytes)


def fault_from_json(wish: Mapping[str, Any]) -> Fault:
    """A fault as control describes it; raises ValueError with a sentence for a wish that makes no sense."""
    unknown = set(wish) - _KNOWN_WISHES
    if unknown:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}.")
    body = wish.get("body")
    headers = dict(wish.get("headers") or {})
    if "json" in wish:
        body = json.dumps(wish["json"])
        headers.setdefault("Content-Type", "application/json")
    if "content_type" in wish:
        headers["Content-Type"] = str(wish["content_type"])
    try:
        pattern = re.compile(str(wish.get("match", "")))
    except re.error as error:
        raise ValueError(f"match is not a regular expression: {error}.") from error
    seconds = wish.get("for_seconds")
    return Fault(
        match=pattern,
        status=_number(wish, "status"),
        body=None if body is None else str(body).encode(),
        headers=headers,
        location=wish.get("location"),
        delay_seconds=float(wish.get("delay_seconds") or 0),
        hang=bool(wish.get("hang")),
        drip_seconds=float(wish.get("drip_seconds") or 0),
        gzip_bomb_bytes=_number(wish, "gzip_bomb_bytes") or 0,
        raw=None if wish.get("raw") is None else str(wish["raw"]).encode("latin-1"),
        raw_endless=str(wish.get("raw_endless") or "").encode("latin-1"),
        skip=_number(wish, "skip") or 0,
        times=_number(wish, "times"),
        until=None if seconds is None else time.monotonic() + float(seconds),
    )


_KNOWN_WISHES = frozenset(
    {
        "body",
        "content_type",
        "delay_seconds",
        "drip_seconds",
        "for_seconds",
        "gzip_bomb_bytes",
        "hang",
        "headers",
        "json",
        "location",
        "match",
        "raw",
        "raw_endless",
        "skip",
        "status",
        "times",
    }
)


def _number(wish: Mapping[str, Any], name: str) -> int | None:
    value = wish.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise ValueError(f"{name} must be a whole number.")
    return value


class Faults:
    """The faults in force, and the WSGI layer that lets them strike."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._faults: list[Fault] = []
        self._generation = 0

    def add(self, fault: Fault) -> None:
        """Let a fault strike from now on."""
        with self._changed:
            self._faults.insert(0, fault)

    def clear(self) -> None:
        """Remove every fault; whatever hangs is answered now."""
        with self._changed:
            self._faults.clear()
            self._generation += 1
            self._changed.notify_all()

    def in_force(self) -> list[Fault]:
        """Those that may still strike, newest first."""
        with self._changed:
            return [one for one in self._faults if not _is_over(one)]

    def around(self, application: WSGIApplication, *, latency_seconds: float = 0.0) -> WSGIApplication:
        """`application` with faults, and with `latency_seconds` added to every call of its API."""

        def layered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            target = target_of(environ)
            if target.startswith(UNTOUCHED):
                return application(environ, start_response)
            if latency_seconds and target.startswith(("/2.0", "/1.0")):
                self._wait(latency_seconds)
            fault = self._next(f"{environ['REQUEST_METHOD']} {target}")
            if fault is None:
                return application(environ, start_response)
            environ["simulator.fault"] = True
            return self._strike(fault, application, environ, start_response)

        return layered

    def _next(self, request: str) -> Fault | None:
        with self._changed:
            for fault in self._faults:
                if _is_over(fault) or not fault.match.search(request):
                    continue
                fault.seen += 1
                if fault.seen > fault.skip:
                    fault.struck += 1
                    return fault
        return None

    def _wait(self, seconds: float) -> None:
        """Wait so long, or until the faults are cleared."""
        with self._changed:
            generation = self._generation
            self._changed.wait_for(lambda: self._generation != generation, seconds)

    def _strike(
        self, fault: Fault, application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if fault.delay_seconds:
            self._wait(fault.delay_seconds)
        if fault.hang:
            self._wait(LONGEST_HANG_SECONDS)
        if fault.raw is not None:
            _write_raw(environ, fault)
            # Whatever is answered now meets a closed socket.
            return Response(status=500)(environ, start_response)
        if fault.hang and not fault.has_answer:
            return default_response(504)(environ, start_response)
        answer = _answer(fault, environ)(environ, start_response) if fault.has_answer else None
        chunks = answer if answer is not None else application(environ, start_response)
        return self._dripping(chunks, fault.drip_seconds) if fault.drip_seconds else chunks

    def _dripping(self, chunks: Iterable[bytes], pause_seconds: float) -> Iterator[bytes]:
        for chunk in chunks:
            for byte in chunk:
                self._wait(pause_seconds)
                yield bytes([byte])


def target_of(environ: WSGIEnvironment) -> str:
    """The request's raw path and query, as it came over the wire."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if isinstance(raw, str):
        return raw
    query = environ.get("QUERY_STRING")
    return f"{environ.get('PATH_INFO', '')}{'?' + query if query else ''}"


def default_response(status: int) -> Response:
    """The plain page of a status."""
    exception: type[HTTPException] = default_exceptions.get(status, HTTPException)
    return Response(f"{exception.description or status}\n", status=status, mimetype="text/plain")


def _is_over(fault: Fault) -> bool:
    is_spent = fault.times is not None and fault.struck >= fault.times
    return is_spent or (fault.until is not None and time.monotonic() > fault.until)


def _answer(fault: Fault, environ: WSGIEnvironment) -> Response:
    headers = dict(fault.headers)
    if fault.location:
        return Response(status=fault.status or 302, headers={**headers, "Location": fault.location})
    if fault.gzip_bomb_bytes:
        headers = {"Content-Type": "application/json", **headers, "Content-Encoding": "gzip"}
        return Response(_bomb(fault.gzip_bomb_bytes), status=fault.status or 200, headers=headers)
    address = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{target_of(environ)}"
    body = (fault.body or b"").replace(b"$self", address.encode())
    return Response(body, status=fault.status or 200, headers=headers, content_type=headers.get("Content-Type"))


def _bomb(size_bytes: int) -> Iterator[bytes]:
    """`size_bytes` zeros in gzip's format, made while they are read."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1024 * 1024)
    for done in range(0, size_bytes, len(block)):
        yield packer.compress(block[: size_bytes - done])
    yield packer.flush()


def _write_raw(environ: WSGIEnvironment, fault: Fault) -> None:
    """Bytes past every layer, then the end of the connection; needs a server that hands out its socket."""
    connection = environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        return
    # The other side may hang up at any moment, and for an endless answer it must.
    with contextlib.suppress(OSError):
        connection.sendall(fault.raw or b"")
        for _ in itertools.repeat(None) if fault.raw_endless else ():
            connection.sendall(fault.raw_endless)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
