"""One delivery from claim to end: applied once or not at all, tried again, dead, and nobody else's trouble."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import inbox, repositories
from models.inbox import MAX_ATTEMPTS, Delivery, DeliveryState
from sync import deliveries, events
from sync.deliveries import LEASE, NOT_ACTIVE, apply_next
from sync.errors import DeliveryUnusable
from tests.sync.bodies import news
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
    receive,
    repository_body,
    uninstall,
)


@pytest.fixture
def take_in(services, clock):
    """Puts a delivery into the inbox, as the web server does. Returns its row id."""
    numbers = iter(range(1, 10_000))

    def take_in(installation, event_key="repo:push", **about):
        with services.sessions.begin() as session:
            return receive(session, installation, event_key=event_key, number=next(numbers), now=clock.time, **about)

    return take_in


def row_of(services, delivery_id):
    with services.readers() as session:
        return session.get(Delivery, delivery_id)


def version_of(services, installation, uuid=ALICE_REPOSITORY):
    with services.readers() as session:
        row = repositories.find(session, installation, uuid)
        return None if row is None else row.version


@pytest.fixture
def poison(monkeypatch):
    """Lets deliveries about one repository fail. Returns the exception that they fail with."""
    original, error = events.apply, ZeroDivisionError("a bug of ours")

    def apply(session, installation, delivery, *, now):
        done = original(session, installation, delivery, now=now)
        if delivery.repository_uuid == ALICE_REPOSITORY:
            raise error
        return done

    monkeypatch.setattr(events, "apply", apply)
    return error


def test_a_delivery_is_applied_and_closed(services, alice, take_in, clock, log_entries):
    delivery_id = take_in(alice)
    clock.advance(seconds=1)
    assert apply_next(services, delivery_id)
    row = row_of(services, delivery_id)
    assert (row.state, row.processed_at, row.error) == (DeliveryState.DONE, clock.time, None)
    assert row.decoded_payload() == {}
    assert version_of(services, alice) == 1
    assert [entry["event"] for entry in log_entries] == ["delivery.applied"]


def test_a_ring_without_work_does_nothing(services, alice, take_in):
    delivery_id = take_in(alice)
    assert apply_next(services, delivery_id)
    assert not apply_next(services, delivery_id)
    assert not apply_next(services, 12_345)
    assert version_of(services, alice) == 1


def test_a_delivery_that_there_was_nothing_to_apply_of_says_why(services, alice, take_in, log_entries):
    foreign = take_in(alice, repository=repository_body(CHARLIE_REPOSITORY, CHARLIE_WORKSPACE))
    assert apply_next(services, foreign)
    row = row_of(services, foreign)
    assert (row.state, row.error) == (DeliveryState.IGNORED, events.FOREIGN)
    assert (log_entries[-1]["event"], log_entries[-1]["because"]) == ("delivery.ignored", events.FOREIGN)


def test_nothing_is_written_for_an_installation_that_has_ended(services, alice, take_in):
    """The uninstall came after the claim: what is under way stops before it has written anything."""
    delivery_id = take_in(alice)
    with services.sessions.begin() as session:
        claimed = inbox.claim_next(session, now=NOON, lease=LEASE)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    deliveries.apply_claimed(services, claimed)
    row = row_of(services, delivery_id)
    assert (row.state, row.error) == (DeliveryState.IGNORED, NOT_ACTIVE)
    with services.readers() as session:
        assert repositories.find_any(session, alice, ALICE_REPOSITORY) is None


def test_what_was_taken_in_before_an_uninstall_is_not_even_claimed(services, alice, take_in):
    delivery_id = take_in(alice)
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    assert not apply_next(services, delivery_id)
    assert row_of(services, delivery_id).state is DeliveryState.PENDING


def test_a_delivery_that_fails_leaves_no_trace_and_is_tried_again_later(services, alice, take_in, poison, clock):
    delivery_id = take_in(alice)
    apply_next(services, delivery_id)
    row = row_of(services, delivery_id)
    assert (row.state, row.attempts, row.error) == (DeliveryState.PENDING, 1, "ZeroDivisionError: a bug of ours")
    assert clock.time < row.next_attempt_at <= clock.time + timedelta(seconds=5)
    assert version_of(services, alice) is None
    assert not apply_next(services, delivery_id)


def test_after_five_failures_it_is_a_dead_letter(services, alice, take_in, poison, clock, log_entries):
    delivery_id = take_in(alice)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert apply_next(services, delivery_id)
        row = row_of(services, delivery_id)
        assert row.attempts == attempt
        clock.advance(minutes=5)
    assert (row.state, row.next_attempt_at) == (DeliveryState.DEAD, None)
    assert [entry["event"] for entry in log_entries] == ["delivery.failed"] * 4 + ["delivery.dead_letter"]
    assert log_entries[-1]["exc_info"] is poison
    assert not apply_next(services, delivery_id)


def test_a_dead_letter_that_is_replayed_after_the_mend_is_applied(services, alice, take_in, monkeypatch, clock):
    delivery_id = take_in(alice)
    with monkeypatch.context() as broken:
        broken.setattr(events, "apply", lambda *_, **__: 1 / 0)
        for _ in range(MAX_ATTEMPTS):
            apply_next(services, delivery_id)
            clock.advance(minutes=5)
    with services.sessions.begin() as session:
        assert inbox.replay(session, alice, delivery_id, now=clock.time)
    assert apply_next(services, delivery_id)
    assert row_of(services, delivery_id).state is DeliveryState.DONE
    assert version_of(services, alice) == 1


def test_a_payload_that_cannot_be_read_is_dead_at_once_with_a_plain_sentence(services, alice, take_in):
    delivery_id = take_in(alice, repository=repository_body(name=["not", "a", "name"]))
    apply_next(services, delivery_id)
    row = row_of(services, delivery_id)
    assert (row.state, row.attempts) == (DeliveryState.DEAD, 1)
    assert row.error.startswith("The repository of the payload cannot be read: Expected `str | null`")
    assert row.decoded_payload()["repository"]["name"] == ["not", "a", "name"]


def test_a_poison_delivery_holds_up_nobody(services, alice, charlie, take_in, poison, clock):
    poisonous = take_in(alice)
    healthy = take_in(alice, repository=repository_body(uuid=CHARLIE_REPOSITORY))
    others = take_in(charlie, repository=repository_body(CHARLIE_REPOSITORY, CHARLIE_WORKSPACE))
    for _ in range(3):
        apply_next(services, poisonous)
    assert row_of(services, poisonous).state is DeliveryState.PENDING
    assert row_of(services, healthy).state is DeliveryState.DONE
    assert row_of(services, others).state is DeliveryState.DONE


def test_a_ring_serves_whoever_is_next_in_turn(services, alice, charlie, take_in, clock):
    """A thousand rings for one tenant are a thousand turns for all of them."""
    rings = [take_in(alice) for _ in range(6)]
    clock.advance(seconds=1)
    apply_next(services, rings[0])
    clock.advance(seconds=1)
    take_in(charlie, repository=repository_body(CHARLIE_REPOSITORY, CHARLIE_WORKSPACE))
    apply_next(services, rings[1])
    assert version_of(services, charlie, CHARLIE_REPOSITORY) == 1


def test_a_worker_that_lost_its_lease_stores_nothing_and_says_so(services, alice, take_in, clock, log_entries):
    delivery_id = take_in(alice)
    with services.sessions.begin() as session:
        zombie = inbox.claim_next(session, now=clock.time, lease=LEASE)
    clock.time += LEASE
    with services.sessions.begin() as session:
        heir = inbox.claim_next(session, now=clock.time, lease=LEASE)
    deliveries.apply_claimed(services, zombie)
    assert version_of(services, alice) is None
    assert row_of(services, delivery_id).lease_owner == heir.owner
    assert [entry["event"] for entry in log_entries] == ["delivery.lease_lost"]


def test_a_worker_that_lost_its_lease_does_not_count_its_failure_either(services, alice, take_in, clock, poison):
    delivery_id = take_in(alice)
    with services.sessions.begin() as session:
        zombie = inbox.claim_next(session, now=clock.time, lease=LEASE)
    with services.sessions.begin() as session:
        session.get(Delivery, delivery_id).lease_owner = "another"
    deliveries._give_back(services, zombie, DeliveryUnusable("late"))
    row = row_of(services, delivery_id)
    assert (row.state, row.error, row.lease_owner) == (DeliveryState.PENDING, None, "another")


def test_a_database_that_fails_while_it_is_told_of_a_failure_is_heard(services, alice, take_in, poison, monkeypatch):
    delivery_id = take_in(alice)
    monkeypatch.setattr(inbox, "fail", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apply_next(services, delivery_id)
    row = row_of(services, delivery_id)
    # The lease stands, and the sweep finds it when it has ended.
    assert (row.state, row.lease_until) == (DeliveryState.PENDING, NOON + LEASE)


def test_several_workers_apply_every_delivery_once(services, alice, charlie, take_in):
    for minutes in range(10):
        take_in(alice, **news("repo:push", minutes))
        theirs = repository_body(CHARLIE_REPOSITORY, CHARLIE_WORKSPACE)
        take_in(charlie, repository=theirs, **news("repo:push", minutes))

    def work():
        while apply_next(services, 0):
            pass

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with services.readers() as session:
        assert set(session.scalars(select(Delivery.state))) == {DeliveryState.DONE}
        assert set(session.scalars(select(Delivery.attempts))) == {1}
    assert version_of(services, alice) == 10
    assert version_of(services, charlie, CHARLIE_REPOSITORY) == 10


def test_no_payload_and_no_secret_is_logged(services, alice, take_in, poison, clock, log_entries):
    apply_next(services, take_in(alice, actor={"display_name": "canary-name"}))
    apply_next(services, take_in(alice, repository=repository_body(name=["canary-name"])))
    told = repr([{key: value for key, value in entry.items() if key != "exc_info"} for entry in log_entries])
    assert "canary" not in told
    assert ALICE_SECRET not in told
