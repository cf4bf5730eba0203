"""The wire to PostgreSQL cut, stalled and limited, its pool used up, its statements out of time: no acknowledgement without a commit.

The web server reaches its database through a proxy that does all this while webhooks come in. What is not stored is refused
with a 503, or not answered; and ten seconds after the wire is whole again webhooks are taken in as before.
"""

from __future__ import annotations

import contextlib
import threading
import time
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import make_url

from demo.waiting import wait_until
from tests.faults.books import Books
from tests.faults.cut_wire import Wire
from tests.faults.running import POSTGRES
from tests.faults.senders import Senders, without_end
from tests.faults.workspaces import Post, Tenant, install

TENANTS = [Tenant(number) for number in range(1, 4)]
RECOVERED_SECONDS = 10.0
SHORT_ROUNDS, LONG_ROUNDS = 1, 10
STALL_SECONDS = 3.0
PAUSE_SECONDS = 0.03
COMMITS_CUT = 0.3
# More threads than there are connections for them, also after some have waited for the lock in vain.
MANY_THREADS, FEW_CONNECTIONS = 48, 4
IMPATIENT = quote("-c statement_timeout=1000 -c lock_timeout=5000 -c timezone=UTC")

pytestmark = [pytest.mark.postgres, pytest.mark.fault("D5"), pytest.mark.only_in_faults]


@contextlib.contextmanager
def wired(open_house, seed, *, query="", **web):
    """The house whose web server has the wire to its database; the others go straight to it."""
    with open_house(POSTGRES) as house:
        direct = make_url(house.environment["BITTERN_DATABASE_URL"])
        with Wire(direct.port, seed=seed) as wire:
            through = direct.set(port=wire.port).render_as_string(hide_password=False) + query
            install(house, TENANTS)
            # What wakes the workers is not tried here, and there is none.
            queue = f"sqlite:///{house.directory}/queue.db"
            house.start_web(BITTERN_DATABASE_URL=through, BITTERN_QUEUE_URL=queue, **web)
            yield house, wire


@contextlib.contextmanager
def sending(house, told, *, threads=8):
    post, pause = Post(house.port), threading.Event()

    def one(number):
        pause.wait(PAUSE_SECONDS)
        return post.webhook(TENANTS[number % len(TENANTS)], told[number % len(told)])

    with Senders(house.port, without_end(one), threads=threads) as senders:
        acknowledged_since(senders)
        yield senders


def acknowledged_since(senders):
    """Until one more is acknowledged that was sent after this moment. Returns the seconds."""
    began = time.monotonic()
    wait_until(
        lambda: any(one.is_acknowledged and one.began_at > began for one in senders.sent[-200:]),
        what="an acknowledgement",
        timeout_seconds=60,
    )
    return time.monotonic() - began


@contextlib.contextmanager
def locked_table(house):
    """Nothing is written to the inbox meanwhile."""
    with psycopg.connect(house.engines.postgres_url) as connection:
        connection.execute("LOCK TABLE webhook_deliveries IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def resets(wire):
    """Some commits are cut, before or after the server has heard of them, and in the end all connections at once."""
    wire.cut_commits(COMMITS_CUT)
    wait_until(lambda: wire.cut_before and wire.cut_after, what="commits that were cut", timeout_seconds=60)
    wire.cut_commits(0.0)
    wire.reset()


def stalls(wire):
    wire.stall()
    threading.Event().wait(STALL_SECONDS)
    wire.resume()


def limits(wire):
    """No connection beyond one, and those that there are go."""
    wire.limit(1)
    wire.reset()
    before = wire.turned_away
    wait_until(lambda: wire.turned_away > before, what="a connection that is turned away", timeout_seconds=60)
    wire.limit(None)


def test_no_delivery_is_acknowledged_without_a_commit(open_house, told, figures, is_long, seed):
    rounds, longest = LONG_ROUNDS if is_long else SHORT_ROUNDS, {}
    with wired(open_house, seed) as (house, wire):
        with sending(house, told) as senders:
            for trouble in (resets, stalls, limits) * rounds:
                trouble(wire)
                longest[trouble.__name__] = max(longest.get(trouble.__name__, 0.0), acknowledged_since(senders))
        cut = f"{wire.cut_before} before, {wire.cut_after} after"
        books = Books.of(house, senders.sent)
        for name, seconds in longest.items():
            note(figures, name, rounds, books, seconds, commits_cut=cut if name == "resets" else "", seed=seed)
        judge(books, longest.values())


def test_a_pool_that_is_used_up_refuses_and_recovers(open_house, told, figures, is_long, seed):
    """More threads than connections, and all connections wait for a lock."""
    held, rounds = 8.0, LONG_ROUNDS if is_long else SHORT_ROUNDS
    web = {"WEB_THREADS": str(MANY_THREADS), "BITTERN_DATABASE_CONNECTIONS": str(FEW_CONNECTIONS)}
    with wired(open_house, seed, processes=1, **web) as (house, _):
        longest = 0.0
        with sending(house, told, threads=MANY_THREADS) as senders:
            for _ in range(rounds):
                with locked_table(house):
                    threading.Event().wait(held)
                longest = max(longest, acknowledged_since(senders))
        books = Books.of(house, senders.sent)
        note(figures, "pool used up", rounds, books, longest, seed=seed)
        assert "TimeoutError" in house.whole_log_of("web"), "the pool was not used up"
        judge(books, [longest])
        assert books.statuses[503]


def test_a_statement_that_runs_out_of_time_is_refused(open_house, told, figures, is_long, seed):
    held, rounds = 3.0, LONG_ROUNDS if is_long else SHORT_ROUNDS
    with wired(open_house, seed, query=f"?options={IMPATIENT}") as (house, _):
        longest = 0.0
        with sending(house, told) as senders:
            for _ in range(rounds):
                with locked_table(house):
                    threading.Event().wait(held)
                longest = max(longest, acknowledged_since(senders))
        books = Books.of(house, senders.sent)
        note(figures, "statements out of time", rounds, books, longest, seed=seed)
        judge(books, [longest])
        assert books.statuses[503]


def judge(books, recovered):
    books.check()
    # None: not answered within the ten seconds that Bitbucket waits, or the server has hung up.
    assert set(books.statuses) <= {202, 503, None}
    assert max(recovered) <= RECOVERED_SECONDS


def note(figures, trouble, times, books, recovered, **more):
    figures.row(
        trouble=trouble,
        times=times,
        sent=books.sent,
        acknowledged=books.acknowledged,
        refused=books.statuses[503],
        unanswered=books.statuses[None],
        lost=len(books.lost),
        recovered_after=f"{recovered:.1f} s",
        **more,
    )
