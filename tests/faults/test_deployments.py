"""Deployments under load: SIGTERM, and the next version starts. Nobody who was let in goes without an answer.

A caller that is refused a connection asks the other instance, as a proxy does, or the same one again where there is only one. That
is no failure. An answer that is cut off, or that says anything but yes, is one.
"""

from __future__ import annotations

import contextlib
import itertools
import signal
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import pytest

from demo.ports import any_free_port
from demo.waiting import wait_until
from tests.faults.books import Books, check_integrity
from tests.faults.running import SQLITE, seconds_until
from tests.faults.senders import ANSWER_SECONDS, Sent
from tests.faults.workspaces import Post, Tenant, install

TENANT = Tenant(1)
SHORT_DEPLOYMENTS, LONG_DEPLOYMENTS = 2, 10
CALLERS = 8
RATE = 500
"""Requests a second, all callers together, where the machine takes so many."""
MOST_GAP_SECONDS = 3.0
STOP_SECONDS = 60.0
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


@contextlib.contextmanager
def deployed(open_house, *, instances):
    """So many instances over one database, and where they listen."""
    with open_house(SQLITE) as house:
        install(house, [TENANT])
        ports = [house.port, *(any_free_port() for _ in range(1, instances))]
        for number, port in enumerate(ports):
            start(house, number, port)
        yield house, ports


@contextlib.contextmanager
def load(house, ports, told):
    post = Post(house.port)
    webhooks = (post.webhook(TENANT, told[number % len(told)]) for number in itertools.count())
    with Callers(ports, webhooks) as callers:
        wait_until(lambda: len(callers.sent) > CALLERS, what="answers", timeout_seconds=60)
        yield callers


def start(house, number, port):
    house.start_web(name=f"web {number}", port=port)


def deploy(house, number, port):
    """What a platform does with one instance: stop it, wait for its end, start it again. Returns the seconds until its end."""
    process = house.process_of(f"web {number}")
    process.send_signal(signal.SIGTERM)
    stopped = seconds_until(lambda: process.poll() is not None, what="the end of an instance", within=STOP_SECONDS)
    house.stop(f"web {number}")
    start(house, number, port)
    return stopped


@pytest.mark.fault("K6")
@pytest.mark.only_in_faults
@pytest.mark.parametrize("instances", [1, 2])
def test_a_deployment_costs_nobody_an_answer(instances, open_house, told, figures, is_long):
    deployments = LONG_DEPLOYMENTS if is_long else SHORT_DEPLOYMENTS
    with deployed(open_house, instances=instances) as (house, ports):
        with load(house, ports, told) as callers:
            began, slowest = time.monotonic(), 0.0
            for _ in range(deployments):
                for number, port in enumerate(ports):
                    slowest = max(slowest, deploy(house, number, port))
            ended = time.monotonic()
            before = len(callers.sent)
            wait_until(lambda: len(callers.sent) > before + CALLERS, what="answers", timeout_seconds=60)
        books = Books.of(house, callers.sent)
        books.check()
        check_integrity(house)
    gap = callers.longest_gap(since=began, until=ended)
    figures.row(
        instances=instances,
        deployments=deployments,
        requests=books.sent,
        a_second=f"{books.sent / (ended - began):.0f}",
        failed=books.sent - books.acknowledged,
        connections_refused=callers.refused.total(),
        longest_gap=f"{gap:.1f} s",
        slowest_stop=f"{slowest:.1f} s",
    )
    assert callers.failed == []
    assert set(books.statuses) == {202}
    assert gap <= MOST_GAP_SECONDS
