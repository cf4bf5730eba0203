"""The inbox: what is taken in, how it waits, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import inbox
from models.inbox import MAX_ATTEMPTS, Backlog, Delivery, DeliveryState
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, delivery_of, receive, uninstall

LEASE = timedelta(seconds=60)
SOON = NOON + timedelta(seconds=5)
LATER = NOON + timedelta(hours=1)


def row_of(session, delivery_id):
    session.expire_all()
    return session.get(Delivery, delivery_id)


def claim(session, delivery_id, *, now=NOON):
    return inbox.claim(session, delivery_id, now=now, lease=LEASE)


def test_a_delivery_is_kept_as_it_came(session, alice):
    row = row_of(session, receive(session, alice, actor={"nickname": "Bob 🐦 \\", "text": "ä"}))
    delivery = delivery_of(actor={"nickname": "x"})
    assert row.installation_id == alice.id
    assert (row.event_key, row.attempt_number, row.attempts) == ("repo:push", 1, 0)
    assert (row.repository_uuid, row.workspace_uuid) == (ALICE_REPOSITORY, ALICE_WORKSPACE)
    assert (row.event_time, row.received_at, row.next_attempt_at) == (NOON, NOON, NOON)
    assert row.delivery_uuid == delivery.delivery_uuid
    assert (row.state, row.error, row.processed_at) == (DeliveryState.PENDING, None, None)
    assert row.decoded_payload()["actor"] == {"nickname": "Bob 🐦 \\", "text": "ä"}


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "'; DROP TABLE installations; --", "%s %(x)s :name"])
def test_whatever_a_payload_holds_it_is_kept_on_both_databases(session, alice, text):
    delivery = replace(delivery_of(), payload={"text": text})
    assert row_of(session, receive(session, alice, delivery)).decoded_payload() == {"text": text}


def test_the_same_delivery_is_taken_in_once(session, alice):
    assert receive(session, alice) is not None
    assert receive(session, alice, now=LATER, delivery=delivery_of()) is None
    assert session.scalar(select(func.count(Delivery.id))) == 1


def test_the_same_delivery_is_a_duplicate_after_it_was_applied_too(session, alice):
    first = receive(session, alice)
    inbox.finish(session, claim(session, first), now=NOON)
    assert receive(session, alice) is None


def test_another_body_or_another_id_is_another_delivery(session, alice):
    receive(session, alice)
    assert receive(session, alice, number=2) is not None
    assert receive(session, alice, actor={"nickname": "Bob"}) is not None


def test_the_same_delivery_to_two_installations_is_two(session, alice, charlie):
    assert receive(session, alice) is not None
    assert receive(session, charlie) is not None


def test_a_claim_is_for_one_worker_until_its_lease_ends(session, alice):
    delivery_id = receive(session, alice)
    first = claim(session, delivery_id)
    assert (first.delivery_id, first.installation_id, first.attempts) == (delivery_id, alice.id, 1)
    assert claim(session, delivery_id) is None
    assert claim(session, delivery_id, now=NOON + LEASE - timedelta(microseconds=1)) is None
    second = claim(session, delivery_id, now=NOON + LEASE)
    assert second.attempts == 2
    assert second.owner != first.owner


def test_a_claim_gives_the_delivery_to_its_holder(session, alice):
    delivery_id = receive(session, alice)
    row = inbox.leased(session, claim(session, delivery_id))
    assert (row.id, row.lease_until) == (delivery_id, NOON + LEASE)


def test_what_is_not_due_yet_is_not_claimed(session, alice):
    delivery_id = receive(session, alice)
    inbox.fail(session, claim(session, delivery_id), error="no luck", now=NOON, retry_at=LATER)
    assert claim(session, delivery_id, now=LATER - timedelta(microseconds=1)) is None
    assert inbox.claim_next(session, now=SOON, lease=LEASE) is None
    assert claim(session, delivery_id, now=LATER).attempts == 2


def test_a_claim_on_what_is_not_there_is_none(session, alice):
    assert claim(session, 12_345) is None


def test_nothing_of_an_installation_that_has_ended_is_claimed(session, alice):
    delivery_id = receive(session, alice)
    uninstall(session, ALICE_KEY)
    session.flush()
    assert claim(session, delivery_id) is None
    assert inbox.claim_next(session, now=SOON, lease=LEASE) is None
    assert inbox.due(session, now=SOON, at_most=10) == []


def test_a_finished_delivery_is_done_and_lets_its_payload_go(session, alice):
    delivery_id = receive(session, alice)
    inbox.finish(session, claim(session, delivery_id), now=SOON)
    row = row_of(session, delivery_id)
    assert (row.state, row.processed_at, row.error) == (DeliveryState.DONE, SOON, None)
    assert (row.lease_owner, row.lease_until, row.next_attempt_at) == (None, None, None)
    assert row.decoded_payload() == {}
    assert claim(session, delivery_id, now=LATER) is None


def test_an_ignored_delivery_says_why(session, alice):
    delivery_id = receive(session, alice)
    inbox.finish(session, claim(session, delivery_id), now=SOON, ignored_because="Not ours.")
    row = row_of(session, delivery_id)
    assert (row.state, row.error, row.decoded_payload()) == (DeliveryState.IGNORED, "Not ours.", {})


def test_a_failed_delivery_keeps_its_payload_and_waits(session, alice):
    delivery_id = receive(session, alice)
    inbox.fail(session, claim(session, delivery_id), error="no luck", now=SOON, retry_at=LATER)
    row = row_of(session, delivery_id)
    assert (row.state, row.error, row.next_attempt_at) == (DeliveryState.PENDING, "no luck", LATER)
    assert (row.lease_owner, row.processed_at) == (None, None)
    assert row.decoded_payload()["repository"]["uuid"] == ALICE_REPOSITORY


def test_a_delivery_without_another_try_is_a_dead_letter(session, alice):
    delivery_id = receive(session, alice)
    inbox.fail(session, claim(session, delivery_id), error="x" * 1000, now=SOON, retry_at=None)
    row = row_of(session, delivery_id)
    assert (row.state, row.processed_at, row.error) == (DeliveryState.DEAD, SOON, "x" * 500)
    assert row.decoded_payload()["repository"]["uuid"] == ALICE_REPOSITORY
    assert claim(session, delivery_id, now=LATER) is None


def claimable_at(row):
    return max(row.next_attempt_at, row.lease_until or row.next_attempt_at)


def test_an_attempt_that_killed_its_worker_counts(session, alice):
    """Attempts are counted when they begin, so that a delivery which nobody survives comes to an end."""
    delivery_id = receive(session, alice)
    for attempt in range(MAX_ATTEMPTS):
        begins = claimable_at(row_of(session, delivery_id))
        assert inbox.exhausted(session, now=begins, at_most=10) == []
        assert claim(session, delivery_id, now=begins).attempts == attempt + 1
    last_lease_ends = begins + LEASE
    assert claim(session, delivery_id, now=last_lease_ends) is None
    assert inbox.claim_next(session, now=last_lease_ends, lease=LEASE) is None
    assert inbox.exhausted(session, now=last_lease_ends - timedelta(microseconds=1), at_most=10) == []
    assert inbox.exhausted(session, now=last_lease_ends, at_most=10) == [delivery_id]


def test_the_exhausted_are_buried_with_a_plain_sentence(session, alice):
    exhausted, waiting = receive(session, alice), receive(session, alice, number=2)
    for _ in range(MAX_ATTEMPTS):
        begins = claimable_at(row_of(session, exhausted))
        claim(session, exhausted, now=begins)
    now = begins + LEASE
    assert inbox.bury(session, [exhausted, waiting], now=now) == 1
    row = row_of(session, exhausted)
    assert (row.state, row.processed_at, row.lease_owner) == (DeliveryState.DEAD, now, None)
    assert row.error == "The worker stopped 5 times while it applied this delivery."
    assert row_of(session, waiting).state is DeliveryState.PENDING


def test_dead_letters_are_shown_to_the_operator_by_installation(session, alice, charlie):
    ours, theirs = receive(session, alice), receive(session, charlie)
    for delivery_id in (ours, theirs):
        inbox.fail(session, claim(session, delivery_id), error="broken", now=NOON, retry_at=None)
    assert [row.id for row in inbox.dead_letters(session, alice)] == [ours]
    assert [row.id for row in inbox.dead_letters(session, charlie)] == [theirs]


def test_a_dead_letter_can_be_replayed_with_all_its_attempts(session, alice):
    delivery_id = receive(session, alice)
    inbox.fail(session, claim(session, delivery_id), error="broken", now=NOON, retry_at=None)
    assert inbox.replay(session, alice, delivery_id, now=LATER)
    row = row_of(session, delivery_id)
    assert (row.state, row.attempts, row.error, row.processed_at) == (DeliveryState.PENDING, 0, None, None)
    assert claim(session, delivery_id, now=LATER).attempts == 1


def test_only_an_installations_own_dead_letters_are_replayed(session, alice, charlie):
    dead, done, pending = (receive(session, alice, number=number) for number in range(3))
    inbox.fail(session, claim(session, dead), error="broken", now=NOON, retry_at=None)
    inbox.finish(session, claim(session, done), now=NOON)
    assert not inbox.replay(session, charlie, dead, now=LATER)
    assert not inbox.replay(session, alice, done, now=LATER)
    assert not inbox.replay(session, alice, pending, now=LATER)
    assert not inbox.replay(session, alice, 12_345, now=LATER)


def test_what_is_due_is_listed_longest_due_first_and_not_beyond_the_limit(session, alice):
    late = receive(session, alice, now=SOON)
    early = receive(session, alice, number=2, now=NOON)
    taken = receive(session, alice, number=3, now=NOON)
    claim(session, taken)
    assert inbox.due(session, now=SOON, at_most=10) == [early, late]
    assert inbox.due(session, now=SOON, at_most=1) == [early]
    assert inbox.due(session, now=NOON + LEASE, at_most=10) == [early, taken, late]


def test_old_closed_deliveries_are_forgotten_and_others_are_not(session, alice):
    done, ignored, dead, pending, fresh = (receive(session, alice, number=number) for number in range(5))
    inbox.finish(session, claim(session, done), now=NOON)
    inbox.finish(session, claim(session, ignored), now=NOON, ignored_because="Not ours.")
    inbox.fail(session, claim(session, dead), error="broken", now=NOON, retry_at=None)
    inbox.finish(session, claim(session, fresh), now=NOON)
    row_of(session, fresh).processed_at = LATER
    session.flush()

    def obsolete(*, dead_before):
        return set(inbox.obsolete(session, processed_before=LATER, dead_before=dead_before, at_most=10))

    assert obsolete(dead_before=NOON) == {done, ignored}
    assert obsolete(dead_before=LATER) == {done, ignored, dead}
    assert len(inbox.obsolete(session, processed_before=LATER, dead_before=LATER, at_most=2)) == 2
    assert inbox.forget(session, [done, ignored, dead, pending]) == 3
    session.expire_all()
    assert set(session.scalars(select(Delivery.id))) == {pending, fresh}


def test_the_backlog_says_how_much_waits_and_how_long(session, alice, charlie):
    assert inbox.backlog(session) == Backlog(pending=0, dead=0, oldest_received_at=None)
    receive(session, alice, now=SOON)
    receive(session, charlie, now=NOON)
    dead = receive(session, alice, number=2, now=NOON - LEASE)
    inbox.fail(session, claim(session, dead, now=NOON), error="broken", now=NOON, retry_at=None)
    assert inbox.backlog(session) == Backlog(pending=2, dead=1, oldest_received_at=NOON)


@pytest.mark.parametrize("event_key", ["repo:push", "x" * 64])
def test_any_event_key_that_the_protocol_allows_is_kept(session, alice, event_key):
    assert row_of(session, receive(session, alice, event_key=event_key)).event_key == event_key


def test_an_installations_figures_are_of_its_own_deliveries(session, alice, charlie):
    receive(session, charlie, delivery_of(number=1), now=NOON)
    receive(session, charlie, delivery_of(number=2), now=NOON)
    claimed = inbox.claim_next(session, now=NOON, lease=timedelta(seconds=6))
    inbox.fail(session, claimed, error="poison", now=NOON, retry_at=None)
    assert inbox.last_received_at(session, alice) is None
    assert set(inbox.outcomes(session, alice, since=NOON).values()) == {0}
    assert inbox.count_dead(session, alice) == 0
    assert (inbox.last_received_at(session, charlie), inbox.count_dead(session, charlie)) == (NOON, 1)
