"""SIGKILL of web workers under webhook load: what was acknowledged is stored.

Eight senders post without a pause; every 0.15 to 0.6 s a worker of gunicorn's, chosen by chance, is killed. The control is the
same application answering before it commits: it must lose something, or this test would prove nothing.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time

import pytest

from demo.waiting import wait_until
from tests.faults.books import Books, check_integrity
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import Senders, without_end
from tests.faults.workspaces import Post, Tenant, install

SHORT_KILLS, LONG_KILLS = 3, 60
SHORT_RESTARTS, LONG_RESTARTS = 1, 30
WEB_PROCESSES = 3
FIRST_SECONDS = 5.0
"""Until the first acknowledgement after a restart, in the long form: it has the machine for itself."""
CONTROL = "tests.faults.acknowledges_first:create_app()"


@contextlib.contextmanager
def load(house, told, **web):
    """A web server under load: the senders, after the first acknowledgement."""
    tenants = [Tenant(number) for number in range(1, 4)]
    install(house, tenants)
    house.start_web(processes=WEB_PROCESSES, **web)
    post = Post(house.port)
    endless = without_end(lambda number: post.webhook(tenants[number % len(tenants)], told[number % len(told)]))
    with Senders(house.port, endless) as senders:
        wait_for_another(senders)
        yield senders


def wait_for_another(senders):
    """Until one more delivery is acknowledged. Returns the seconds."""
    before, began = senders.acknowledged, time.monotonic()
    wait_until(lambda: senders.acknowledged > before, what="an acknowledgement", timeout_seconds=30)
    return time.monotonic() - began


def kill_workers(house, senders, *, kills, seed):
    """Kill so many, each after a while under load. Returns the longest time until the next acknowledgement."""
    chance, pause, longest = random.Random(seed), threading.Event(), 0.0
    for _ in range(kills):
        pause.wait(chance.uniform(0.15, 0.6))
        os.kill(
            wait_until(lambda: chance.choice(house.web_workers() or [0]), what="a worker", timeout_seconds=10),
            signal.SIGKILL,
        )
        longest = max(longest, wait_for_another(senders))
    return longest


@pytest.mark.fault("K1")
def test_no_acknowledged_delivery_is_lost(system, open_house, told, figures, is_long, seed):
    kills = LONG_KILLS if is_long else SHORT_KILLS
    with open_house(system) as house:
        with load(house, told) as senders:
            longest = kill_workers(house, senders, kills=kills, seed=seed)
        house.kill("web")
        books = Books.of(house, senders.sent)
        note(figures, system, books, kills=kills, longest=longest, seed=seed)
        books.check()
        check_integrity(house)


@pytest.mark.fault("K1")
def test_the_control_that_acknowledges_first_loses_some(open_house, told, figures, is_long, seed):
    kills = LONG_KILLS if is_long else SHORT_KILLS
    with open_house(SQLITE) as house:
        with load(house, told, application=CONTROL) as senders:
            longest = kill_workers(house, senders, kills=kills, seed=seed)
        house.kill("web")
        books = Books.of(house, senders.sent)
        note(figures, f"{SQLITE}: control", books, kills=kills, longest=longest, seed=seed)
        assert books.lost


@pytest.mark.fault("K2")
@pytest.mark.parametrize(
    "on",
    [SQLITE, pytest.param(POSTGRES, marks=[pytest.mark.postgres, pytest.mark.long_form])],
    ids=["sqlite", "postgres"],
)
def test_nothing_is_lost_when_the_whole_server_is_killed(on, open_house, told, figures, is_long, seed):
    """The master too. The first acknowledgement after the restart comes soon: on a machine with nothing else to do, after about a second."""
    restarts, chance, longest = LONG_RESTARTS if is_long else SHORT_RESTARTS, random.Random(seed), 0.0
    with open_house(on) as house:
        with load(house, told) as senders:
            for _ in range(restarts):
                threading.Event().wait(chance.uniform(0.15, 0.6))
                house.kill("web")
                began = time.monotonic()
                house.start_web(processes=WEB_PROCESSES)
                wait_for_another(senders)
                longest = max(longest, time.monotonic() - began)
        house.kill("web")
        books = Books.of(house, senders.sent)
        note(figures, f"{on}: whole server", books, kills=restarts, longest=longest, seed=seed)
        books.check()
        check_integrity(house)
        assert not is_long or longest <= FIRST_SECONDS


def note(figures, system, books, *, kills, longest, seed):
    figures.row(
        system=system,
        kills=kills,
        sent=books.sent,
        acknowledged=books.acknowledged,
        lost=len(books.lost),
        stored_unanswered=books.unanswered_but_stored,
        longest_gap=f"{longest:.1f} s",
        seed=seed,
    )
