"""Claims when several workers are at it: one wins, turns go round, and whoever has lost a lease stores nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from models import inbox, installations, repositories
from models.errors import LeaseLost
from models.inbox import Delivery, DeliveryState
from models.repositories import RepositoryFacts
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    CHARLIE_KEY,
    NOON,
    alice_offer,
    charlie_offer,
    install,
    receive,
    uninstall,
)

LEASE = timedelta(seconds=60)
COLUMNS = [column for column in Delivery.__table__.columns if column.name != "id"]


@pytest.fixture
def tenants(sessions, box):
    """Alice and Charlie, installed and committed."""
    with sessions.begin() as session:
        return install(session, alice_offer(), box=box), install(session, charlie_offer(), box=box)


def race(number_of_racers, run):
    """What `run` returns in each of several threads that begin at once; an exception of any of them is raised here."""
    barrier, results, failures = threading.Barrier(number_of_racers), [], []

    def racer():
        barrier.wait()
        try:
            results.append(run())
        except Exception as error:  # noqa: BLE001 -- raised again below
            failures.append(error)

    threads = [threading.Thread(target=racer) for _ in range(number_of_racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


def claim_next(sessions, now=NOON):
    with sessions.begin() as session:
        return inbox.claim_next(session, now=now, lease=LEASE)


def test_of_two_that_claim_one_delivery_one_wins(sessions, tenants):
    with sessions.begin() as session:
        delivery_id = receive(session, tenants[0])

    def claim():
        with sessions.begin() as session:
            return inbox.claim(session, delivery_id, now=NOON, lease=LEASE)

    claims = race(4, claim)
    assert sorted(claimed is None for claimed in claims) == [False, True, True, True]
    with sessions() as session:
        row = session.get(Delivery, delivery_id)
        assert row.attempts == 1
        assert [claimed.owner for claimed in claims if claimed] == [row.lease_owner]


def test_a_row_that_was_seen_free_is_not_taken_once_another_was_quicker(sessions, tenants):
    """The narrow moment: both have chosen it before either has written."""
    with sessions.begin() as session:
        delivery_id = receive(session, tenants[0])
    with sessions.begin() as session:
        first = inbox._take(session, delivery_id, tenants[0].id, now=NOON, lease=LEASE)
    with sessions.begin() as session:
        second = inbox._take(session, delivery_id, tenants[0].id, now=NOON, lease=LEASE)
    assert first is not None
    assert second is None


def test_workers_that_take_what_comes_get_every_delivery_once(sessions, tenants):
    with sessions.begin() as session:
        ids = {receive(session, tenant, number=number) for tenant in tenants for number in range(6)}

    def take_all():
        taken = []
        while (claimed := claim_next(sessions)) is not None:
            taken.append(claimed.delivery_id)
        return taken

    taken = [delivery_id for result in race(4, take_all) for delivery_id in result]
    assert sorted(taken) == sorted(ids)


def test_turns_go_round_whatever_the_backlog(sessions, tenants):
    alice, charlie = tenants
    with sessions.begin() as session:
        for number in range(20):
            receive(session, alice, number=number)
    first = [claim_next(sessions, NOON + timedelta(seconds=1)).installation_id]
    with sessions.begin() as session:
        for number in range(2):
            receive(session, charlie, number=number, now=NOON + timedelta(seconds=2))
    then = [claim_next(sessions, NOON + timedelta(seconds=3 + turn)).installation_id for turn in range(5)]
    assert first + then == [alice.id, charlie.id, alice.id, charlie.id, alice.id, alice.id]


def test_an_installations_deliveries_come_in_the_order_in_which_they_are_due(sessions, tenants):
    with sessions.begin() as session:
        second = receive(session, tenants[0], number=1, now=NOON)
        third = receive(session, tenants[0], number=2, now=NOON)
        first = receive(session, tenants[0], number=3, now=NOON - timedelta(seconds=1))
    assert [claim_next(sessions).delivery_id for _ in range(3)] == [first, second, third]
    assert claim_next(sessions) is None


def test_the_delivery_of_a_lost_worker_goes_before_what_came_later(sessions, tenants):
    """However long the backlog of its own tenant is: what the loss of a worker costs it is the lease."""
    with sessions.begin() as session:
        lost, *others = [receive(session, tenants[0], number=number, now=NOON) for number in range(3)]
    assert claim_next(sessions).delivery_id == lost
    assert claim_next(sessions).delivery_id == others[0]
    assert claim_next(sessions, NOON + LEASE).delivery_id == lost
    assert [claim_next(sessions, NOON + LEASE).delivery_id for _ in range(2)] == others


def test_a_delivery_whose_workers_are_killed_goes_after_what_came_in_its_pause(sessions, tenants):
    """From the second time on it may be the delivery that kills them, and its tenant's others come to their end first."""
    with sessions.begin() as session:
        poison = receive(session, tenants[0], number=0, now=NOON)
    for now in (NOON, NOON + LEASE):
        assert claim_next(sessions, now).delivery_id == poison
    with sessions.begin() as session:
        other = receive(session, tenants[0], number=1, now=NOON + 2 * LEASE)
    assert [claim_next(sessions, NOON + 3 * LEASE).delivery_id for _ in range(2)] == [other, poison]


def test_a_tenant_whose_deliveries_are_all_taken_is_passed_over(sessions, tenants, monkeypatch):
    """Between choosing a tenant and looking for its delivery, another worker may have taken the last one."""
    alice, charlie = tenants
    with sessions.begin() as session:
        receive(session, alice)
        theirs = receive(session, charlie)
    original, chosen = inbox._claim_of, []

    def others_are_quicker_once(session, installation_id, **how):
        chosen.append(installation_id)
        return None if len(chosen) == 1 else original(session, installation_id, **how)

    monkeypatch.setattr(inbox, "_claim_of", others_are_quicker_once)
    assert claim_next(sessions).delivery_id == theirs
    assert chosen == [alice.id, charlie.id]


@pytest.mark.parametrize(
    "end",
    [
        inbox.leased,
        lambda session, claim: inbox.finish(session, claim, now=NOON),
        lambda session, claim: inbox.fail(session, claim, error="late", now=NOON, retry_at=None),
    ],
    ids=["leased", "finish", "fail"],
)
@pytest.mark.parametrize("successor", ["at work", "done"])
def test_a_worker_that_lost_its_lease_stores_nothing(sessions, tenants, end, successor):
    alice, _ = tenants
    with sessions.begin() as session:
        delivery_id = receive(session, alice)
    zombie = claim_next(sessions)
    heir = claim_next(sessions, NOON + LEASE)
    if successor == "done":
        with sessions.begin() as session:
            inbox.finish(session, heir, now=NOON)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        record_and_end(session, alice, zombie, end)
    with sessions() as session:
        row = session.get(Delivery, delivery_id)
        assert repositories.find_any(session, alice, ALICE_REPOSITORY) is None
        assert row.state is (DeliveryState.DONE if successor == "done" else DeliveryState.PENDING)
        assert row.lease_owner == (None if successor == "done" else heir.owner)


def record_and_end(session, installation, claim, end):
    repositories.record(session, installation, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
    end(session, claim)


def test_a_lease_that_nobody_took_over_is_still_good_after_its_time(sessions, tenants):
    """Slow is not dead: what matters is whether another has begun."""
    with sessions.begin() as session:
        delivery_id = receive(session, tenants[0])
    slow = claim_next(sessions)
    with sessions.begin() as session:
        inbox.finish(session, slow, now=NOON + 2 * LEASE)
    with sessions() as session:
        assert session.get(Delivery, delivery_id).state is DeliveryState.DONE


def test_an_uninstall_and_the_work_on_a_delivery_are_one_after_the_other(sessions, tenants, box):
    """Many at once, in the order of locks that the inbox promises: nobody waits for each other in a circle."""
    alice, _ = tenants
    with sessions.begin() as session:
        for number in range(12):
            receive(session, alice, number=number)

    def work():
        while (claimed := claim_next(sessions)) is not None:
            with sessions.begin() as session:
                if installations.shared(session, claimed.installation_id).is_active:
                    inbox.leased(session, claimed)
                    facts = RepositoryFacts(ALICE_REPOSITORY)
                    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
                    repositories.touch(row, now=NOON)
                inbox.finish(session, claimed, now=NOON)

    def reinstall():
        for number in range(5):
            with sessions.begin() as session:
                uninstall(session, ALICE_KEY)
            with sessions.begin() as session:
                install(session, alice_offer(issued_at=3_000 + number), box=box)

    jobs = [work, work, reinstall]

    def do_one():
        jobs.pop()()

    race(3, do_one)
    work()
    with sessions() as session:
        states = set(session.scalars(select(Delivery.state)))
        assert states == {DeliveryState.DONE}
        assert session.scalar(text("SELECT count(*) FROM repositories")) == 1


def test_a_claim_says_nothing_of_other_tenants(sessions, tenants):
    with sessions.begin() as session:
        delivery_id = receive(session, tenants[1])
    claimed = claim_next(sessions)
    with sessions() as session:
        assert (claimed.delivery_id, claimed.installation_id) == (delivery_id, tenants[1].id)
        assert installations.by_id(session, claimed.installation_id).client_key == CHARLIE_KEY


def plan_of(session, statement):
    """How the database goes about a statement, as text."""
    engine = session.get_bind()
    sql = str(statement.compile(engine, compile_kwargs={"literal_binds": True}))
    prefix = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in session.connection().exec_driver_sql(f"{prefix} {sql}".replace("%", "%%")))


def test_whose_turn_it_is_is_found_without_reading_the_backlog(sessions, tenants):
    """Every step goes through the index of pending rows: one tenant's thousands cost the others nothing."""
    alice, charlie = tenants
    with sessions.begin() as session:
        receive(session, charlie)
        first = session.get(Delivery, receive(session, alice))
        values = {column.name: getattr(first, column.name) for column in COLUMNS}
        session.execute(insert(Delivery), [values | {"delivery_uuid": str(number)} for number in range(2_000)])
        session.execute(text("ANALYZE"))
    with sessions() as session:
        plan = plan_of(session, inbox._next_in_turn(NOON, passed_over=[]))
    deliveries = [line for line in plan.splitlines() if "webhook_deliveries" in line and "Cond" not in line]
    assert len(deliveries) >= 2
    assert all("ix_webhook_deliveries_pending" in line for line in deliveries)


def test_tenants_who_only_wait_for_a_later_time_are_passed_over(sessions, tenants):
    alice, charlie = tenants
    with sessions.begin() as session:
        later = receive(session, alice, now=NOON + LEASE)
        now = receive(session, charlie)
    assert claim_next(sessions).delivery_id == now
    assert claim_next(sessions) is None
    assert claim_next(sessions, NOON + LEASE).delivery_id in {later, now}


def test_a_delivery_whose_workers_are_killed_comes_back_later_each_time(sessions, tenants):
    """Soon at first; then others get time in which it does not take their work down with it."""
    with sessions.begin() as session:
        delivery_id = receive(session, tenants[0], now=NOON)
    now, pauses = NOON, []
    for _ in range(4):
        assert claim_next(sessions, now).delivery_id == delivery_id
        with sessions() as session:
            row = session.get(Delivery, delivery_id)
            due_at = max(row.next_attempt_at, row.lease_until)
        pauses.append((due_at - now) / LEASE)
        assert claim_next(sessions, due_at - timedelta(seconds=1)) is None
        now = due_at
    assert pauses == [1, 2, 4, 8]
