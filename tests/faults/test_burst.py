"""A burst of deliveries from ten tenants: all are answered 2xx, none over 10 s, and all are applied, once.

Each tenant's repository lives through the same story, so that in the end all of them must hold the same history.
"""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from models.history.deletion import HISTORY_TABLES
from models.inbox import DeliveryState
from models.repositories import Repository
from tests.faults import workspaces
from tests.faults.books import Books, check_integrity, count, drain
from tests.faults.figures import percentile
from tests.faults.running import POSTGRES, SQLITE
from tests.faults.senders import ANSWER_SECONDS, Senders
from tests.faults.workspaces import Post, Tenant, install
from tests.sync.history.rows_as_told import OWN_TABLES

TENANTS = 10
SHORT_EVENTS, LONG_EVENTS = 10, 1000
DRAIN_SECONDS = 3600.0
OF_THE_WORKER = {"backfills", "reconciles", "measurings", "nightly_figures"}
"""Notes on work that the worker does by its own clock, for one tenant after another."""
# In the long form, which wants the machine for itself.
MOST_P99_SECONDS = 2.0
MOST_TO_ACKNOWLEDGE_SECONDS = 15.0


@pytest.mark.fault("W1")
@pytest.mark.parametrize("on", [SQLITE, pytest.param(POSTGRES, marks=pytest.mark.postgres)], ids=["sqlite", "postgres"])
def test_a_burst_is_taken_in_and_applied_once(on, open_house, figures, is_long, seed):
    tenants = [Tenant(number) for number in range(1, TENANTS + 1)]
    told = workspaces.story(seed=seed, events=LONG_EVENTS if is_long else SHORT_EVENTS)
    with open_house(on) as house:
        install(house, tenants)
        house.start_worker()
        house.start_web()
        post = Post(house.port)
        # One event of each tenant in turn: all of them come at the same time.
        burst = [post.webhook(tenant, one) for one, tenant in itertools.product(told, tenants)]
        with Senders(house.port, burst, threads=16) as senders:
            senders.wait()
        left = count(house, DeliveryState.PENDING)
        drained = drain(house, within=DRAIN_SECONDS)
        note(figures, on, senders.sent, left=left, drained=drained, seed=seed)
        assert {one.status for one in senders.sent} == {202}
        assert max(one.seconds for one in senders.sent) < ANSWER_SECONDS
        books = Books.of(house, senders.sent)
        books.check()
        assert books.acknowledged == len(burst)
        assert count(house, DeliveryState.DEAD) == 0
        histories = [history_of(house, tenant) for tenant in tenants]
        assert histories[0]["pull_request_events"]
        assert [differences(histories[0], history) for history in histories] == [{}] * len(histories)
        check_integrity(house)
        if is_long:
            assert percentile([one.seconds for one in senders.sent], 99) <= MOST_P99_SECONDS
            assert duration(senders.sent) <= MOST_TO_ACKNOWLEDGE_SECONDS


def duration(sent):
    """From the first delivery that is sent to the last answer."""
    return max(one.began_at + one.seconds for one in sent) - min(one.began_at for one in sent)


def history_of(house, tenant):
    """How many rows of each kind that deliveries tell the tenant's repository has."""
    with house.readers() as session:
        repository = session.scalar(select(Repository).where(Repository.uuid == tenant.repository))
        return {
            table.__tablename__: len(session.execute(select(table).where(table.repository_id == repository.id)).all())
            for table in HISTORY_TABLES
            if table.__tablename__ not in OWN_TABLES | OF_THE_WORKER
        }


def differences(one, other):
    """By table: how many rows each of two histories has, where they are not as many."""
    return {table: (rows, other[table]) for table, rows in one.items() if rows != other[table]}


def note(figures, system, sent, *, left, drained, seed):
    lasted = duration(sent)
    seconds = [one.seconds for one in sent]
    figures.row(
        system=system,
        deliveries=len(sent),
        answered_2xx=sum(one.is_acknowledged for one in sent),
        acknowledged_within=f"{lasted:.1f} s",
        per_second=f"{len(sent) / lasted:.0f}",
        p50=f"{percentile(seconds, 50) * 1000:.0f} ms",
        p99=f"{percentile(seconds, 99) * 1000:.0f} ms",
        slowest=f"{max(seconds) * 1000:.0f} ms",
        left_when_acknowledged=left,
        drained_after=f"{drained:.1f} s",
        seed=seed,
    )
