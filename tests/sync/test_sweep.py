"""The sweep: whatever is due is rung for, and what is over is cleared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bitbucket.errors import ConnectionFailed
from models import inbox
from models.inbox import MAX_ATTEMPTS, Delivery, DeliveryState
from sync import sweep as sweep_module
from sync.backfill.beginning import begin_missing
from sync.deliveries import LEASE, apply_next
from sync.proof import prove_installation
from sync.reconcile.planning import plan_missing
from sync.sweep import DEAD_KEPT, PROCESSED_KEPT, TURN_LASTS, Swept, sweep, sweep_in_turn
from tests.tenants import ALICE_KEY, charlie_offer, quarantine, receive, uninstall
from tests.web.fake_bitbucket import TOKEN_PATH

NOTHING = Swept(deliveries=0, proofs=0, purges=0, buried=0, forgotten=0)


@pytest.fixture
def alice(services, alice):
    """Alice's installation, for which everything is planned that a sweep plans."""
    return planned(services, alice)


@pytest.fixture
def charlie(services, charlie):
    return planned(services, charlie)


def planned(services, installation):
    begin_missing(services)
    plan_missing(services)
    return installation


@pytest.fixture
def take_in(services, clock):
    numbers = iter(range(1, 10_000))

    def take_in(installation):
        with services.sessions.begin() as session:
            return receive(session, installation, number=next(numbers), now=clock.time)

    return take_in


def states(services):
    with services.readers() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_where_nothing_is_due_nobody_is_rung_for(services, alice, doorbell):
    assert sweep(services) == NOTHING
    assert doorbell.rung == []


def test_a_delivery_whose_ring_was_lost_is_rung_for_again(services, alice, take_in, doorbell):
    delivery_id = take_in(alice)
    assert sweep(services) == Swept(1, 0, 0, 0, 0)
    assert doorbell.rung == [("delivery", delivery_id)]


def test_a_delivery_that_is_being_applied_is_left_alone_until_its_lease_ends(services, alice, take_in, doorbell, clock):
    delivery_id = take_in(alice)
    with services.sessions.begin() as session:
        inbox.claim_next(session, now=clock.time, lease=LEASE)
    assert sweep(services) == NOTHING
    clock.time += LEASE
    assert sweep(services).deliveries == 1
    assert doorbell.rung == [("delivery", delivery_id)]


def test_a_failed_delivery_is_rung_for_when_its_pause_is_over(services, alice, take_in, clock, doorbell, monkeypatch):
    delivery_id = take_in(alice)
    monkeypatch.setattr("sync.events.apply", lambda *_, **__: 1 / 0)
    apply_next(services, delivery_id)
    assert sweep(services) == NOTHING
    clock.advance(seconds=5)
    assert sweep(services).deliveries == 1


def test_deliveries_of_an_installation_that_has_ended_are_not_rung_for(services, alice, take_in, doorbell):
    take_in(alice)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert sweep(services) == NOTHING


def test_a_backlog_is_rung_for_in_portions(services, alice, take_in, doorbell, monkeypatch):
    monkeypatch.setattr(sweep_module, "MOST_RINGS", 3)
    ids = [take_in(alice) for _ in range(5)]
    assert sweep(services).deliveries == 3
    assert doorbell.rung == [("delivery", delivery_id) for delivery_id in ids[:3]]


def test_an_unproved_installation_is_rung_for_when_it_is_due(services, pending, bitbucket, clock, doorbell):
    assert sweep(services).proofs == 1
    assert doorbell.rung == [("proof", pending.id)]
    bitbucket.fails(ConnectionFailed("no line"))
    bitbucket.answers(TOKEN_PATH, ConnectionFailed("no line"))
    prove_installation(services, pending.id)
    assert sweep(services) == NOTHING
    clock.advance(minutes=20)
    assert sweep(services).proofs == 1


def test_a_proof_that_was_refused_for_good_is_not_rung_for(services, pending, doorbell, clock):
    prove_installation(services, pending.id)  # the scripted Bitbucket knows no workspace: 404
    clock.advance(days=1)
    assert sweep(services) == NOTHING


def test_an_uninstalled_installation_is_rung_for_when_its_retention_is_over(services, alice, doorbell, clock):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    clock.advance(days=30, seconds=-1)
    assert sweep(services) == NOTHING
    clock.advance(seconds=1)
    assert sweep(services).purges == 1
    assert doorbell.rung == [("purge", alice.id)]


def test_every_kind_of_work_is_rung_for_in_one_sweep(services, alice, take_in, clock, doorbell):
    with services.sessions.begin() as session:
        other = quarantine(session, charlie_offer(), box=services.secret_box)
    delivery_id = take_in(alice)
    assert sweep(services) == Swept(1, 1, 0, 0, 0)
    assert doorbell.rung == [("delivery", delivery_id), ("proof", other.id)]


def test_a_delivery_that_kills_its_workers_ends_as_a_dead_letter(services, alice, take_in, clock, log_entries):
    delivery_id = take_in(alice)
    for attempt in range(MAX_ATTEMPTS):
        with services.sessions.begin() as session:
            assert inbox.claim_next(session, now=clock.time, lease=LEASE) is not None
        # One that kills its workers is left alone for longer each time.
        clock.time += LEASE * 2**attempt
    assert sweep(services) == Swept(0, 0, 0, buried=1, forgotten=0)
    assert states(services) == [DeliveryState.DEAD]
    assert log_entries[-1]["event"] == "delivery.workers_lost"
    assert log_entries[-1]["deliveries"] == [delivery_id]
    assert sweep(services) == NOTHING


def test_old_deliveries_are_forgotten(services, alice, take_in, clock, monkeypatch):
    apply_next(services, take_in(alice))
    with monkeypatch.context() as broken:
        broken.setattr("sync.events.apply", lambda *_, **__: 1 / 0)
        dead = take_in(alice)
        for _ in range(MAX_ATTEMPTS):
            apply_next(services, dead)
            clock.advance(minutes=5)
    clock.advance(days=PROCESSED_KEPT.days)
    waiting = take_in(alice)
    assert sweep(services).forgotten == 1
    assert states(services) == [DeliveryState.DEAD, DeliveryState.PENDING]
    clock.advance(days=(DEAD_KEPT - PROCESSED_KEPT).days)
    assert sweep(services).forgotten == 1
    with services.readers() as session:
        assert list(session.scalars(select(Delivery.id))) == [waiting]


def test_what_is_forgotten_is_old_enough_not_to_come_again():
    assert timedelta(days=1) <= PROCESSED_KEPT
    assert DEAD_KEPT > PROCESSED_KEPT


def test_a_sweep_without_work_writes_nothing(services, alice):
    """Several workers sweep every few seconds: none may take the write lock for it."""
    begun = []
    event.listen(services.engine, "before_cursor_execute", lambda *arguments: begun.append(arguments[2].split()[0]))
    sweep(services)
    assert {*begun} <= {"SELECT", "BEGIN", "PRAGMA"}
    assert "SELECT" in begun


def test_of_many_workers_one_sweeps_at_a_time(services, alice, clock):
    assert sweep_in_turn(services) is not None
    assert sweep_in_turn(services) is None
    clock.advance(seconds=TURN_LASTS.total_seconds())
    assert sweep_in_turn(services) is not None


def test_a_worker_whose_turn_it_is_not_writes_nothing(services, alice, engine):
    sweep_in_turn(services)
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert sweep_in_turn(services) is None
    assert [one for one in statements if not one.startswith(("SELECT", "PRAGMA", "BEGIN"))] == []
