"""Clients that send a byte now and then, and honest ones beside them whose waiting is measured."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from tests.security.laboratory import panel_entry

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
    """Answers to honest panel loads while slow clients hold connections, and how long each took in seconds."""
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
        answers = [laboratory.ask(panel_entry("A", "A.user_member")) for _ in range(HONEST_REQUESTS)]
    return answers, [answer.elapsed_seconds for answer in answers]


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def _drip(connections: list[socket.socket], stop: threading.Event) -> None:
    while not stop.wait(1.0):
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.sendall(b"x")
