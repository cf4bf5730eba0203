"""Callers who deliver each webhook on a connection of its own, to whichever instance lets them in.

A caller that is refused a connection asks the other instance, as a proxy does, or the same one again where there is only one. That
is no failure. An answer that is cut off, or that says anything but yes, is one.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

from tests.faults.senders import ANSWER_SECONDS, Sent

CALLERS = 8
RATE = 500
"""Requests a second, all callers together, where the machine takes so many."""
REFUSED_PAUSE_SECONDS = 0.01


@dataclass
class Callers:
    """Threads that deliver webhooks, each on a new connection, to whichever instance lets them in; used as a context."""

    ports: list[int]
    webhooks: object
    sent: list[Sent] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(CALLERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def longest_gap(self, *, since: float, until: float) -> float:
        """The longest time without an answer to anybody."""
        moments = sorted(one.began_at + one.seconds for one in self.sent if one.is_acknowledged)
        within = [since, *(moment for moment in moments if since < moment < until), until]
        return max(later - earlier for earlier, later in itertools.pairwise(within))

    def _run(self, number: int) -> None:
        ports = itertools.cycle(self.ports[number % len(self.ports) :] + self.ports[: number % len(self.ports)])
        while not self._stopping.wait(CALLERS / RATE):
            with self._lock:
                webhook = next(self.webhooks)
            began = time.monotonic()
            connection = self._let_in(ports)
            if connection is None:
                return
            with connection:
                status = self._ask(connection, webhook.request)
            self.sent.append(Sent(webhook.uuid, status, began, time.monotonic() - began))

    def _let_in(self, ports) -> socket.socket | None:
        while not self._stopping.is_set():
            port = next(ports)
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
            except ConnectionRefusedError:
                self.refused[port] += 1
                self._stopping.wait(REFUSED_PAUSE_SECONDS)
        return None

    def _ask(self, connection: socket.socket, request: bytes) -> int | None:
        answer = b""
        try:
            connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            while received := connection.recv(65536):
                answer += received
            return int(answer.split(b" ", 2)[1])
        except (OSError, IndexError, ValueError) as problem:
            self.failed.append(f"{type(problem).__name__} after {len(answer)} bytes")
            return None
