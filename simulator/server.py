"""Serves a simulator over HTTP: one process, a thread for each connection, quiet.

Threads are needed, not only nice: while an install is open, the app that is being installed calls the API.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from types import TracebackType

    from flask import Flask


# How soon a stop is noticed.
_POLL_SECONDS = 0.02


class QuietHandler(WSGIRequestHandler):
    """Writes no log: control shows what was asked. One request for each connection, as werkzeug has it."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - werkzeug's own signature
        """Say nothing."""


class _QuietServer(ThreadedWSGIServer):
    """Knows its open connections, so that stopping closes them; a client that hangs up is no news."""

    daemon_threads = True

    def __init__(self, host: str, port: int, app: Flask) -> None:
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        # werkzeug ends the process where a port is taken; a socket of our own raises OSError instead.
        with socket.create_server((host, port), backlog=128) as listening:
            super().__init__(host, port, app, handler=QuietHandler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's own
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own
        """A browser that leaves in the middle of an answer raises here; the application's own errors never do."""

    def hang_up(self) -> None:
        """Close every connection; the threads behind them end."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A listening server. A context manager: inside, requests are answered; afterwards nothing listens any more."""

    def __init__(self, app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = _QuietServer(host, port, app)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="simulator", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it listens, without a trailing slash."""
        return f"http://{self._server.host}:{self._server.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()


def free_port(host: str = "127.0.0.1") -> int:
    """A port on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
