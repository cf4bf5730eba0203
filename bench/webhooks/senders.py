"""Senders of webhooks: each keeps a connection, sends the next delivery when the last was answered, and notes how long that took."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import atlassian_jwt

from bench.panel_requests import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

WEBHOOK: Final = "/connect/webhook"
ANSWER_SECONDS: Final = 60.0
_HEAD: Final = (
    "POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: JWT {token}\r\nContent-Type: application/json\r\n"
    "X-Event-Key: pullrequest:updated\r\nX-Attempt-Number: 1\r\nContent-Length: {length}\r\nX-Request-UUID: "
)


@dataclass(frozen=True)
class Outcome:
    """What came of some deliveries: how long each took in seconds, in order, and all of them together."""

    took: tuple[float, ...]
    seconds: float

    @property
    def per_second(self) -> float:
        """Deliveries acknowledged in a second."""
        return len(self.took) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """So long at most took this share of them."""
        return 1000 * self.took[round(share * (len(self.took) - 1))]


def payload() -> str:
    """A webhook of some 5 kB about a pull request."""
    account = {"type": "user", "uuid": "{a0000000-0000-4000-8000-000000000001}", "display_name": "Robin of the bench"}
    pull_request = {
        "type": "pullrequest",
        "id": 1000,
        "title": "Change the colour of the door",
        "description": "The door was green. " * 60,
        "state": "OPEN",
        "author": account,
        "reviewers": [account] * 4,
        "participants": [{"type": "participant", "role": "REVIEWER", "approved": False, "user": account}] * 8,
        "source": {"branch": {"name": "door"}, "commit": {"hash": "0123456789ab"}},
        "destination": {"branch": {"name": "main"}, "commit": {"hash": "ba9876543210"}},
        "created_on": "2026-11-23T12:00:00.000000+00:00",
        "updated_on": "2026-11-23T12:00:00.000000+00:00",
    }
    workspace = {"type": "workspace", "uuid": addresses.WORKSPACE, "slug": "bench"}
    repository = {
        "type": "repository",
        "uuid": addresses.REPOSITORY,
        "full_name": "bench/heron",
        "workspace": workspace,
    }
    data = {"repository": repository, "actor": account, "pullrequest": pull_request}
    return json.dumps({"event": "pullrequest:updated", "data": data})


class Senders:
    """Some connections to a web server on this machine. No two deliveries are the same."""

    def __init__(self, port: int, *, connections: int) -> None:
        self._port = port
        self._connections = connections
        token = atlassian_jwt.encode_token(
            "POST", WEBHOOK, addresses.CLIENT_KEY, addresses.SHARED_SECRET, timeout_secs=addresses.LIFETIME_SECONDS
        )
        body = payload().encode()
        self._head = _HEAD.format(target=WEBHOOK, token=token, length=len(body)).encode()
        self._body = body

    def send(self, *, count: int | None = None, seconds: float | None = None) -> Outcome:
        """Send so many, or for so long. Raises where any was answered with something else than 202."""
        numbers: Iterator[int] = iter(range(count)) if count is not None else itertools.count()
        until = time.monotonic() + seconds if seconds is not None else float("inf")
        lock, took, problems = threading.Lock(), list[float](), list[str]()
        together = threading.Barrier(self._connections + 1)

        def run() -> None:
            with socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS) as connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                together.wait()
                while time.monotonic() < until and not problems:
                    with lock:
                        if next(numbers, None) is None:
                            return
                    began = time.monotonic()
                    answer = self._ask(connection)
                    took.append(time.monotonic() - began)
                    if not answer.startswith(b"HTTP/1.1 202"):
                        problems.append(answer[:200].decode(errors="replace"))

        threads = [threading.Thread(target=run) for _ in range(self._connections)]
        for thread in threads:
            thread.start()
        together.wait()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        if problems:
            raise RuntimeError(f"a delivery was answered with {problems[0]!r}")
        return Outcome(tuple(sorted(took)), time.monotonic() - began)

    def _ask(self, connection: socket.socket) -> bytes:
        """Send one delivery and return the head of the answer, which has no body."""
        connection.sendall(b"%s%s\r\n\r\n%s" % (self._head, str(uuid4()).encode(), self._body))
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = connection.recv(65536)
            if not piece:
                return b"nothing: the connection was closed"
            answer += piece
        return answer
