"""Slow clients on purpose, hours of mixed load, memory and file descriptors that run out: others are served, nothing is lost.

Honest requests come at a steady pace: webhooks, Pulse, and what is small. Under a limit they may be refused with a 503, or a
process may end and be started again; what was acknowledged is stored.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from demo.waiting import wait_until
from tests.faults.books import Books, check_integrity
from tests.faults.figures import percentile
from tests.faults.running import APPLICATION, READY_SECONDS, SQLITE
from tests.faults.senders import Senders
from tests.faults.viewers import give_history
from tests.faults.vitals import MIB, Vitals, field
from tests.faults.workspaces import Post, Tenant, Webhook, install
from tests.web.signing import token

TENANTS = [Tenant(number) for number in range(1, 4)]
VIEWER = "{eeeeeeee-0000-4000-8000-000000000001}"
SLOW_HEADS, SLOW_BODIES, DRIP_SECONDS = 200, 64, 1.0
SHORT_SIEGE_SECONDS, LONG_SIEGE_SECONDS = 6.0, 60.0
SHORT_SOAK_SECONDS, LONG_SOAK_SECONDS = 20.0, 1800.0
WARMING_SHARE = 0.25
SIEGE_PER_SECOND, SOAK_PER_SECOND = 100, 200
MOST_P99_SECONDS, MOST_RESIDENT_BYTES = 1.0, 400 * MIB
MOST_SLOPE_BYTES_PER_HOUR, MOST_DRIFT = MIB, 0.20
LIMITED_SECONDS = 5.0
ROOM_BYTES = 8 * MIB
DESCRIPTORS = 64
ANSWERS = {200, 202, 503}
HEAD = b"POST /connect/webhook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

pytestmark = pytest.mark.only_in_faults


@dataclass
class Honest:
    """Makes requests of several kinds, in a fixed mixture."""

    port: int
    told: list

    def __post_init__(self):
        self.post = Post(self.port)
        self._pages = {tenant: self._page(tenant) for tenant in TENANTS}

    def make(self, number):
        tenant = TENANTS[number % len(TENANTS)]
        kind = number % 10
        if kind < 3:
            return self.post.webhook(tenant, self.told[number % len(self.told)])
        request = self._pages[tenant] if kind < 6 else self._get("/healthz" if kind < 8 else "/atlassian-connect.json")
        return Webhook(tenant, f"not a webhook {number}", request)

    def _page(self, tenant):
        target = f"/panels/repository?repository={quote(tenant.repository)}&user={quote(VIEWER)}"
        signed = token("GET", target, client_key=tenant.client_key, secret=tenant.secret, at=datetime.now(UTC))
        return self._get(f"{target}&jwt={signed}")

    def _get(self, target):
        return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode()


def paced(make, *, per_second):
    """One after the other, each when its time has come; what is late comes at once."""
    began, number, pause = time.monotonic(), 0, threading.Event()
    while True:
        pause.wait(max(0.0, began + number / per_second - time.monotonic()))
        yield make(number)
        number += 1


@contextlib.contextmanager
def served(open_house, told):
    """A house with its web server and a worker, and some history of every tenant."""
    with open_house(SQLITE) as house:
        install(house, TENANTS)
        # There is no Bitbucket: of a repository that is not read yet, Pulse can only say that it cannot be asked, with a 503.
        for tenant in TENANTS:
            give_history(house, tenant)
        house.start_web()
        house.start_worker()
        honest = Honest(house.port, told)
        first = [honest.post.webhook(tenant, one) for tenant in TENANTS for one in told[:20]]
        with Senders(house.port, first, threads=2) as senders:
            senders.wait()
        yield house, honest, senders.sent


def webhooks_of(sent):
    return [one for one in sent if not one.uuid.startswith("not a webhook")]


@contextlib.contextmanager
def besieged(port):
    """Slow heads and slow bodies, all the time: one that is hung up on comes back."""
    stop = threading.Event()
    starts = [HEAD + b"X-Slow: "] * SLOW_HEADS + [HEAD + b"Content-Length: 4096\r\n\r\n"] * SLOW_BODIES
    with contextlib.ExitStack() as stack:
        slow = [Slow(port, start) for start in starts]
        stack.callback(lambda: [one.close() for one in slow])

        def drip():
            while not stop.wait(DRIP_SECONDS):
                for one in slow:
                    one.drip()

        thread = threading.Thread(target=drip)
        thread.start()
        stack.callback(thread.join)
        stack.callback(stop.set)
        yield slow


class Slow:
    """A client that sends a byte a second and is never done."""

    def __init__(self, port, start):
        self._port, self._start, self.times = port, start, 0
        self._open()

    def _open(self):
        self.times += 1
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.sendall(self._start)
        self._socket.setblocking(False)

    def drip(self):
        try:
            with contextlib.suppress(BlockingIOError):
                if not self._socket.recv(4096):
                    raise ConnectionError("it has hung up")
            self._socket.sendall(b"x")
        except OSError:
            self.close()
            with contextlib.suppress(OSError):
                self._open()

    def close(self):
        self._socket.close()


@pytest.mark.fault("R1")
def test_slow_clients_hold_nobody_up(open_house, told, figures, is_long):
    seconds = LONG_SIEGE_SECONDS if is_long else SHORT_SIEGE_SECONDS
    with served(open_house, told) as (house, honest, first):
        largest = 0
        requests = paced(honest.make, per_second=SIEGE_PER_SECOND)
        with besieged(house.port) as slow, Senders(house.port, requests, threads=16) as senders:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                threading.Event().wait(0.5)
                largest = max(largest, Vitals.of(house.web_workers()).largest_bytes)
        sent, times = senders.sent, sum(one.times for one in slow)
        taken = [one.seconds for one in sent]
        figures.row(
            trouble=f"{SLOW_HEADS} slow heads, {SLOW_BODIES} slow bodies for {seconds:.0f} s",
            honest=len(sent),
            per_second=f"{len(sent) / seconds:.0f}",
            p50=f"{percentile(taken, 50) * 1000:.0f} ms",
            p99=f"{percentile(taken, 99) * 1000:.0f} ms",
            slowest=f"{max(taken) * 1000:.0f} ms",
            largest_process=f"{largest / MIB:.0f} MiB",
            slow_connections=times,
        )
        assert largest < MOST_RESIDENT_BYTES
        assert {one.status for one in sent} <= ANSWERS
        # How quick is only to be said of a machine that does nothing else.
        assert not is_long or {one.status for one in sent} <= {200, 202}
        assert not is_long or percentile(taken, 99) < MOST_P99_SECONDS
        Books.of(house, [*first, *webhooks_of(sent)]).check()


@pytest.mark.fault("R2")
def test_mixed_load_leaves_nothing_behind(open_house, told, figures, is_long):
    seconds = LONG_SOAK_SECONDS if is_long else SHORT_SOAK_SECONDS
    with served(open_house, told) as (house, honest, first):
        samples = []
        with Senders(house.port, paced(honest.make, per_second=SOAK_PER_SECOND), threads=16) as senders:
            began = time.monotonic()
            while (passed := time.monotonic() - began) < seconds:
                threading.Event().wait(seconds / 200)
                if passed > seconds * WARMING_SHARE:
                    samples.append((passed, Vitals.of([*house.web_workers(), house.pid_of("worker")])))
        sent = senders.sent
        slope = slope_per_hour(samples)
        early, late = p99_at(sent, began, seconds, WARMING_SHARE), p99_at(sent, began, seconds, 0.75)
        descriptors = [one.descriptors for _, one in samples]
        threads = [one.threads for _, one in samples]
        figures.row(
            trouble=f"mixed load for {seconds:.0f} s",
            requests=len(sent),
            per_second=f"{len(sent) / seconds:.0f}",
            p99_early=f"{early * 1000:.0f} ms",
            p99_late=f"{late * 1000:.0f} ms",
            resident=f"{samples[-1][1].resident_bytes / MIB:.0f} MiB",
            slope=f"{slope / MIB:+.2f} MiB/h",
            descriptors=f"{min(descriptors)} to {max(descriptors)}",
            threads=f"{min(threads)} to {max(threads)}",
        )
        assert {one.status for one in sent} <= ANSWERS
        Books.of(house, [*first, *webhooks_of(sent)]).check()
        check_integrity(house)
        half = len(samples) // 2
        assert max(threads[half:]) <= max(threads[:half])
        if is_long:
            assert {one.status for one in sent} <= {200, 202}
            assert max(descriptors[half:]) <= max(descriptors[:half]) * 1.1
            assert slope < MOST_SLOPE_BYTES_PER_HOUR
            assert late <= early * (1 + MOST_DRIFT)


def slope_per_hour(samples):
    """Of resident memory, by least squares, in bytes."""
    times, values = zip(*((at, one.resident_bytes) for at, one in samples), strict=True)
    return float(np.polyfit(times, values, 1)[0]) * 3600


def p99_at(sent, began, seconds, share):
    """Of what was sent in a quarter of the time."""
    start, end = began + share * seconds, began + (share + 0.25) * seconds
    return percentile([one.seconds for one in sent if start <= one.began_at < end], 99)


def under_load(house, honest):
    """Requests for a while, as many as are answered. Returns what came of them."""
    with Senders(house.port, paced(honest.make, per_second=SIEGE_PER_SECOND), threads=40) as senders:
        threading.Event().wait(LIMITED_SECONDS)
    return senders.sent


def has_begun(pid):
    """Whether a web process serves: the last thing that it does before is to start the thread that notes its presence."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())) > 1


def judge(figures, house, trouble, sent, *, workers_before):
    """Nothing lost, nothing answered but what is right or a refusal, and afterwards all is well."""
    wait_until(house.is_ready, what="a server that is ready again", timeout_seconds=READY_SECONDS)
    restarts = len(set(house.web_workers()) - workers_before)
    books = Books.of(house, webhooks_of(sent))
    answered = {status: sum(one.status == status for one in sent) for status in {one.status for one in sent}}
    figures.row(
        trouble=trouble,
        requests=len(sent),
        answers=", ".join(f"{count} x {status}" for status, count in answered.items()),
        acknowledged=books.acknowledged,
        lost=len(books.lost),
        restarts=restarts,
    )
    books.check()
    assert answered.keys() <= ANSWERS | {None}
    assert restarts or answered.keys() & {503, None}, "nothing has run out"
    check_integrity(house)


@pytest.mark.fault("R3")
def test_nothing_is_lost_where_file_descriptors_run_out(open_house, told, figures):
    with open_house(SQLITE) as house:
        install(house, TENANTS)
        gunicorn = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", APPLICATION)
        limited = ("-m", "tests.faults.limited", f"NOFILE={DESCRIPTORS}", *gunicorn)
        house.start("web", sys.executable, *limited, WEB_CONCURRENCY="1", WEB_THREADS="16")
        wait_until(house.is_ready, what="the web server", timeout_seconds=READY_SECONDS)
        before = set(house.web_workers())
        honest = Honest(house.port, told)
        with besieged(house.port):
            sent = under_load(house, honest)
        sent += under_load(house, honest)
        judge(figures, house, f"{DESCRIPTORS} descriptors", sent, workers_before=before)


@pytest.mark.fault("R3")
def test_nothing_is_lost_where_memory_runs_out(open_house, told, figures):
    """The processes may take up no more address space than they have, and a little."""
    with open_house(SQLITE) as house:
        install(house, TENANTS)
        house.start_web(processes=2)
        before = set(house.web_workers())
        # One answers already; where the other has no memory to start with, gunicorn gives up as a whole, and rightly.
        wait_until(lambda: all(has_begun(pid) for pid in before), what="both processes", timeout_seconds=READY_SECONDS)
        for pid in before:
            most = field(pid, "VmSize") * 1024 + ROOM_BYTES
            resource.prlimit(pid, resource.RLIMIT_AS, (most, most))
        sent = under_load(house, Honest(house.port, told))
        judge(figures, house, "no more memory", sent, workers_before=before)
