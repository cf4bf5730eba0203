"""Redis emptied and stopped, PostgreSQL crashed, each in the middle of work: it goes on by itself, and nothing is lost.

Nothing of ours is started again. While the database is away webhooks are refused with a 503, which Bitbucket sends again; while
Redis is, they are taken in as ever.
"""

from __future__ import annotations

import contextlib
import json
import random
import threading
import time
from collections import Counter

import pytest

from demo.waiting import wait_until
from models.inbox import DeliveryState
from tests.faults.books import Books, check_integrity, count, drain
from tests.faults.running import POSTGRES, System
from tests.faults.senders import ANSWER_SECONDS, Senders, without_end
from tests.faults.workspaces import Post, Tenant, install

TENANTS = [Tenant(number) for number in range(1, 4)]
SHORT_OUTAGE_SECONDS, LONG_OUTAGE_SECONDS = 2.0, 60.0
SHORT_CRASHES, LONG_CRASHES = 1, 10
BACKLOG = 90
MOST_TAKEN_BACK = 40
"""What four senders at this pace bring in the second in which the end of a delivery may not be on the disk yet."""
DRAIN_SECONDS = 900.0
# A machine that does much else at the same time takes longer: these hold for the long form, which wants it for itself.
MOST_TO_DRAIN_SECONDS = 60.0
MOST_TO_RECONNECT_SECONDS = 5.0
REDIS = System("sqlite", "redis")


@contextlib.contextmanager
def working(open_house, system):
    with open_house(system) as house:
        install(house, TENANTS)
        house.start_web()
        house.start_worker()
        yield house


def some(post, told):
    """Deliveries of all tenants, by turns: more than the workers apply at once."""
    return [post.webhook(TENANTS[number % len(TENANTS)], told[number % len(told)]) for number in range(BACKLOG)]


def slowly(house, told, *, pause_seconds=0.05):
    """Deliveries without an end, at a pace that the workers can keep."""
    post, pause = Post(house.port), threading.Event()

    def one(number):
        pause.wait(pause_seconds)
        return post.webhook(TENANTS[number % len(TENANTS)], told[number % len(told)])

    return without_end(one)


@pytest.mark.fault("Q2")
@pytest.mark.redis
def test_a_redis_that_was_emptied_costs_no_delivery(open_house, told, figures, is_long):
    rounds = 3 if is_long else 1
    with working(open_house, REDIS) as house:
        sent, longest, post = [], 0.0, Post(house.port)
        for _ in range(rounds):
            with Senders(house.port, some(post, told)) as senders:
                senders.wait()
            sent += senders.sent
            left = count(house, DeliveryState.PENDING)
            house.engines.empty_redis()
            longest = max(longest, drain(house, within=DRAIN_SECONDS))
        books = Books.of(house, sent)
        note(figures, f"Redis emptied, {left} deliveries waiting", rounds, books, longest)
        assert left > 0, "there was nothing to lose"
        books.check()
        assert books.acknowledged == rounds * BACKLOG
        assert not is_long or longest <= MOST_TO_DRAIN_SECONDS


@pytest.mark.fault("Q1")
@pytest.mark.redis
def test_while_redis_is_away_webhooks_are_taken_in_and_afterwards_applied(open_house, told, figures, is_long):
    outage = LONG_OUTAGE_SECONDS if is_long else SHORT_OUTAGE_SECONDS
    with working(open_house, REDIS) as house:
        with Senders(house.port, slowly(house, told), threads=1) as senders:
            wait_until(lambda: senders.acknowledged > 5, what="acknowledgements", timeout_seconds=30)
            house.engines.stop_redis()
            threading.Event().wait(outage)
        house.engines.start_redis()
        left, drained = count(house, DeliveryState.PENDING), drain(house, within=DRAIN_SECONDS)
        books = Books.of(house, senders.sent)
        note(figures, f"Redis away for {outage:.0f} s, {left} deliveries waiting", 1, books, drained)
        books.check()
        assert set(books.statuses) == {202}
        assert max(one.seconds for one in senders.sent) < ANSWER_SECONDS
        assert not is_long or drained <= 2 * outage


@pytest.mark.fault("D4")
@pytest.mark.postgres
def test_a_postgres_that_crashed_costs_no_acknowledged_delivery(open_house, told, figures, is_long, seed):
    """Stopped as if the machine had been switched off, under load, and started again: the same processes go on."""
    crashes, chance, longest = LONG_CRASHES if is_long else SHORT_CRASHES, random.Random(seed), 0.0
    with working(open_house, POSTGRES) as house:
        with Senders(house.port, slowly(house, told), threads=4) as senders:
            for _ in range(crashes):
                acknowledged_since(senders)
                threading.Event().wait(chance.uniform(0.2, 1.0))
                house.engines.crash_postgres()
                threading.Event().wait(chance.uniform(0.0, 1.0))
                house.engines.start_postgres()
                longest = max(longest, acknowledged_since(senders))
        drained = drain(house, within=DRAIN_SECONDS)
        books = Books.of(house, senders.sent)
        again = applied_again(house)
        note(
            figures,
            "PostgreSQL crashed",
            crashes,
            books,
            drained,
            first_acknowledged_after=f"{longest:.1f} s",
            done_again=again,
        )
        books.check()
        assert set(books.statuses) <= {202, 503}, failures(house)
        assert count(house, DeliveryState.DEAD) == 0
        # Nobody repeats what is stored as done; of what a crash has taken back, there is no more than was under way.
        assert again <= crashes * MOST_TAKEN_BACK
        assert not is_long or longest <= MOST_TO_RECONNECT_SECONDS
        check_integrity(house)


def failures(house):
    """What the web server could make nothing of, in its own words."""
    return "\n".join(line for line in house.whole_log_of("web").splitlines() if '"request.failed"' in line)


def applied_again(house):
    """How many deliveries the worker has applied more than once: where a crash has taken the end of the first time back."""
    log = house.whole_log_of("worker").splitlines()
    applied = Counter(json.loads(line).get("delivery") for line in log if '"delivery.applied"' in line)
    return sum(times > 1 for times in applied.values())


def acknowledged_since(senders):
    """Until one more delivery is acknowledged that was sent after this moment. Returns the seconds."""
    began = time.monotonic()
    wait_until(
        lambda: any(one.is_acknowledged and one.began_at > began for one in senders.sent[-50:]),
        what="an acknowledgement",
        timeout_seconds=60,
    )
    return time.monotonic() - began


def note(figures, trouble, times, books, drained, **more):
    figures.row(
        trouble=trouble,
        times=times,
        sent=books.sent,
        acknowledged=books.acknowledged,
        refused=books.sent - books.acknowledged,
        lost=len(books.lost),
        drained_after=f"{drained:.1f} s",
        **more,
    )
