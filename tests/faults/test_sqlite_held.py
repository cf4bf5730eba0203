"""Another process keeps SQLite: its write lock for a while, or an old state of it without an end. Webhooks are answered in time.

Whoever keeps the lock is this process; the web server is a real one, under load of webhooks and of people who look at panels.
"""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

import pytest

from demo.waiting import wait_until
from models.log_limit import LogLimit
from models.sqlite import sqlite_library
from tests.faults.books import Books, check_integrity
from tests.faults.figures import percentile
from tests.faults.running import SQLITE
from tests.faults.senders import ANSWER_SECONDS, Senders, without_end
from tests.faults.viewers import Viewers, give_history
from tests.faults.workspaces import Post, Tenant, install

SENDER, WATCHED = Tenant(1), Tenant(2)
HELD_SECONDS = (1.0, 5.0, 30.0)
ACKNOWLEDGED_WITHIN_SECONDS = 8.0
PANEL_SECONDS = 1.0
READ_SECONDS, LONG_READ_SECONDS = 30.0, 600.0
MOST_LOG_BYTES = 256 * 1024 * 1024


@contextlib.contextmanager
def kept(house, *statements):
    """This process keeps something of the database, until the context ends."""
    connection = sqlite_library().module.connect(house.engine.url.database, timeout=30)
    connection.isolation_level = None
    try:
        for statement in statements:
            connection.execute(statement).fetchall()
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextlib.contextmanager
def serving(open_house):
    """A web server, with one tenant who sends and another who is looked at."""
    with open_house(SQLITE) as house:
        install(house, [SENDER, WATCHED])
        give_history(house, WATCHED)
        house.start_web()
        yield house


@contextlib.contextmanager
def load(house, told, *, threads=8):
    post = Post(house.port)
    endless = without_end(lambda number: post.webhook(SENDER, told[number % len(told)]))
    with Senders(house.port, endless, threads=threads) as senders, Viewers(house.port, WATCHED) as viewers:
        wait_until(lambda: senders.acknowledged > 5, what="acknowledgements", timeout_seconds=60)
        wait_until(lambda: len(viewers.seen) > 10, what="panels", timeout_seconds=60)
        yield senders, viewers


@pytest.mark.fault("D1")
@pytest.mark.only_in_faults
def test_while_the_write_lock_is_kept_webhooks_are_answered_in_time_and_panels_as_ever(open_house, told, figures):
    with serving(open_house) as house:
        with load(house, told) as (senders, viewers):
            for held in HELD_SECONDS:
                began = time.monotonic()
                with kept(house, "BEGIN EXCLUSIVE"):
                    threading.Event().wait(held)
                ended = time.monotonic()
                before = senders.acknowledged
                wait_until(lambda known=before: senders.acknowledged > known, what="one more", timeout_seconds=30)
                note(figures, held, senders.sent, viewers.seen, began=began, ended=ended)
        books = Books.of(house, senders.sent)
        books.check()
        check_integrity(house)
    assert set(books.statuses) <= {202, 503}
    assert max(one.seconds for one in senders.sent if one.is_acknowledged) <= ACKNOWLEDGED_WITHIN_SECONDS
    assert max(one.seconds for one in senders.sent) < ANSWER_SECONDS
    assert {one.status for one in viewers.seen} == {200}
    assert percentile([one.seconds for one in viewers.seen], 99) < PANEL_SECONDS


def note(figures, held, sent, seen, *, began, ended):
    asked = [one for one in list(sent) if one.began_at + one.seconds >= began and one.began_at <= ended]
    looked = [one for one in list(seen) if began <= one.began_at <= ended]
    figures.row(
        lock_kept=f"{held:.0f} s",
        acknowledged=sum(one.is_acknowledged for one in asked),
        refused=sum(not one.is_acknowledged for one in asked),
        longest_answer=f"{max(one.seconds for one in asked):.1f} s",
        panels=len(looked),
        panel_p99=f"{percentile([one.seconds for one in looked], 99) * 1000:.0f} ms",
    )


@pytest.mark.fault("D2")
@pytest.mark.only_in_faults
def test_under_a_reader_that_does_not_end_the_log_stays_within_bounds(open_house, told, figures, is_long):
    """As many webhooks as the machine takes. In the long form they fill the log to its limit."""
    read_seconds = LONG_READ_SECONDS if is_long else READ_SECONDS
    with serving(open_house) as house:
        with load(house, told, threads=16) as (senders, viewers):
            with kept(house, "BEGIN", "SELECT count(*) FROM webhook_deliveries"):
                before, longest = beginnings(house), longest_log(house, within=read_seconds)
            began = time.monotonic()
            wait_until(
                lambda: any(one.is_acknowledged and one.began_at > began for one in senders.sent[-200:]),
                what="an acknowledgement",
                timeout_seconds=30,
            )
            again = time.monotonic() - began
            wait_until(lambda: beginnings(house) > before, what="a log that is begun anew", timeout_seconds=60)
            begun_anew_after = time.monotonic() - began
        books = Books.of(house, senders.sent)
        figures.row(
            snapshot_kept=f"{read_seconds:.0f} s",
            acknowledged=books.acknowledged,
            refused=books.sent - books.acknowledged,
            longest_log=f"{longest / 1024 / 1024:.0f} MiB",
            acknowledged_again_after=f"{again:.1f} s",
            begun_anew_after=f"{begun_anew_after:.1f} s",
            panel_p99=f"{percentile([one.seconds for one in viewers.seen], 99) * 1000:.0f} ms",
            lost=len(books.lost),
        )
        books.check()
        check_integrity(house)
    assert longest <= MOST_LOG_BYTES
    assert set(books.statuses) <= {202, 503}


def longest_log(house, *, within):
    log, until, longest = LogLimit(house.engine.url.database), time.monotonic() + within, 0
    while time.monotonic() < until:
        threading.Event().wait(0.1)
        longest = max(longest, log.size_bytes)
    return longest


def beginnings(house):
    """How often the log was written back whole and begun anew (bytes 12 to 15 of its head)."""
    with Path(f"{house.engine.url.database}-wal").open("rb") as log:
        return int.from_bytes(log.read(16)[12:], "big")
