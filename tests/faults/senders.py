"""Senders of webhooks: each keeps a connection, notes what was acknowledged and how long that took, and never gives up."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.faults.workspaces import Webhook

ANSWER_SECONDS = 10.0
"""As long as Bitbucket waits."""
REFUSED_PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Sent:
    """What came of one delivery. `status` is None where no answer came."""

    uuid: str
    status: int | None
    began_at: float
    seconds: float

    @property
    def is_acknowledged(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Connection:
    """One kept connection, opened anew after it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> int | None:
        """The status of the answer; None where the connection breaks before it."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request)
            return self._read_status(self._socket)
        except OSError:
            self.close()
            return None

    def _read_status(self, connection: socket.socket) -> int:
        answer = b""
        while b"\r\n\r\n" not in answer:
            received = connection.recv(65536)
            if not received:
                raise ConnectionError("the connection ended before the answer did")
            answer += received
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = head.lower()
        if b"connection: close" in headers or b"\r\ncontent-length: 0" not in headers or body:
            self.close()
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Senders:
    """Threads that send deliveries until there are none left, or until they are stopped; used as a context."""

    def __init__(self, port: int, webhooks: Iterable[Webhook], *, threads: int = 8) -> None:
        self.sent: list[Sent] = []
        self._port = port
        self._webhooks: Iterator[Webhook] = iter(webhooks)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, name=f"sender {number}") for number in range(threads)]

    @property
    def acknowledged(self) -> int:
        return sum(one.is_acknowledged for one in list(self.sent))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self.wait()

    def wait(self) -> None:
        """Until the last delivery was answered or is given up."""
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        connection = Connection(self._port)
        while not self._stopping.is_set() and (webhook := self._next()) is not None:
            began = time.monotonic()
            status = connection.ask(webhook.request)
            self.sent.append(Sent(webhook.uuid, status, began, time.monotonic() - began))
            if status is None:
                self._stopping.wait(REFUSED_PAUSE_SECONDS)
        connection.close()

    def _next(self) -> Webhook | None:
        with self._lock:
            return next(self._webhooks, None)


def without_end(write: Callable[[int], Webhook]) -> Iterator[Webhook]:
    """Deliveries as long as somebody asks, each another one."""
    return map(write, itertools.count())
