"""Sends bytes to the service over a real socket and reads what comes back. No HTTP library in between mends a request."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import time
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. `status` is 0 where the connection was closed without one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed_seconds: float

    def header(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def content_type(self) -> str:
        return (self.header("Content-Type") or "").partition(";")[0]

    @property
    def error_code(self) -> str | None:
        """The code of the public error shape; None where the answer is not of that shape."""
        try:
            value: Any = json.loads(self.body)
        except ValueError:
            return None
        error = value.get("error") if isinstance(value, dict) else None
        return error.get("code") if isinstance(error, dict) else None

    @property
    def whole_text(self) -> str:
        """Headers and body, for looking through."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers) + "\n" + self.text


def send(port: int, request: bytes, *, method: str = "GET", timeout_seconds: float = TIMEOUT_SECONDS) -> Answer:
    """Send one request on a connection of its own."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
        # A server may answer and hang up before it has read everything.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return _read(connection, method, began)


def send_raw(port: int, request: bytes, *, timeout_seconds: float = TIMEOUT_SECONDS) -> tuple[Answer, bytes]:
    """Send bytes and read until the server hangs up: the first answer, and all that came."""
    began = time.monotonic()
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_seconds) as connection:
        connection.sendall(request)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65_536):
                received += chunk
    return read_raw(received, time.monotonic() - began), received


def read_raw(received: bytes, elapsed_seconds: float) -> Answer:
    """The first answer in what came over a connection."""
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1]) if lines[0].startswith("HTTP/") else 0
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    return Answer(status, headers, body, elapsed_seconds)


def _read(connection: socket.socket, method: str, began: float) -> Answer:
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ConnectionResetError, BrokenPipeError):
        return Answer(0, (), b"", time.monotonic() - began)
    return Answer(response.status, tuple(response.getheaders()), body, time.monotonic() - began)
