"""Deployments under load: SIGTERM, and the next version starts. Nobody who was let in goes without an answer.

A caller that is refused a connection asks the other instance, as a proxy does, or the same one again where there is only one. That
is no failure. An answer that is cut off, or that says anything but yes, is one.
"""

from __future__ import annotations

import contextlib
import itertools
import signal
import time

import pytest

from demo.ports import any_free_port
from demo.waiting import wait_until
from tests.faults.books import Books, check_integrity
from tests.faults.callers import CALLERS, Callers
from tests.faults.running import SQLITE, seconds_until
from tests.faults.workspaces import Post, Tenant, install

TENANT = Tenant(1)
SHORT_DEPLOYMENTS, LONG_DEPLOYMENTS = 2, 10
MOST_GAP_SECONDS = 3.0
STOP_SECONDS = 60.0


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
