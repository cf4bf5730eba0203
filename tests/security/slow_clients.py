"""Clients that send a byte now and then, and honest ones beside them whose waiting is measured."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.security.laboratory import panel_entry
from tests.security.wire import read_raw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.security.laboratory import Laboratory
    from tests.security.wire import Answer

HONEST_REQUESTS = 40
SLOW_STARTS = {
    "slow_headers": b"GET /panels/repository HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "slow_body": b"POST /connect/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n",
}


def run_slow_clients(laboratory: Laboratory, request: Mapping[str, Any]) -> tuple[list[Answer], list[float]]:
    """What the slow clients are answered in the end, while honest ones load panels beside them, and how long each of those took."""
    kind = next(name for name in SLOW_STARTS if name in request)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(_connect(laboratory.port)) for _ in range(int(request[kind]))]
        for connection in slow:
            connection.sendall(SLOW_STARTS[kind])
        stop = threading.Event()
        dripping = threading.Thread(target=_drip, args=(slow, stop))
        dripping.start()
        stack.callback(dripping.join)
        stack.callback(stop.set)
        honest = [laboratory.ask(panel_entry("A", "A.user_member")) for _ in range(HONEST_REQUESTS)]
        assert all(answer.status == 200 for answer in honest), "an honest client was refused"
        answers = [_end_of(connection) for connection in slow]
    return answers, [answer.elapsed_seconds for answer in honest]


def _end_of(connection: socket.socket) -> Answer:
    """What a slow client is told. It must be told something, and soon: nobody may drip for ever."""
    began = time.monotonic()
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(4096):
            received += piece
    return read_raw(received, time.monotonic() - began)


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def _drip(connections: list[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(1.0):
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.sendall(b"x")
