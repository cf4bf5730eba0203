"""Proofs of installations in quarantine, as rows: claimed by one, won or lost, overtaken by a newer install."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from connect.lifecycle import InstallationState
from models import installations, proofs
from models.errors import LeaseLost
from tests.tenants import ALICE_KEY, ALICE_SECRET, NOON, alice_offer, charlie_offer, install, quarantine

LEASE = timedelta(seconds=30)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def pending(sessions, box):
    """Alice's installation in quarantine, committed."""
    with sessions.begin() as session:
        return quarantine(session, alice_offer(issued_at=None), box=box)


def claim(sessions, installation, *, now=NOON):
    with sessions.begin() as session:
        return proofs.claim(session, installation.id, now=now, lease=LEASE)


def row_of(sessions, installation):
    with sessions() as session:
        return installations.by_id(session, installation.id)


def test_a_proof_is_for_one_worker_until_its_lease_ends(sessions, pending):
    first = claim(sessions, pending)
    assert (first.id, first.proof_attempts, first.lease_until) == (pending.id, 1, NOON + LEASE)
    assert claim(sessions, pending) is None
    second = claim(sessions, pending, now=NOON + LEASE)
    assert second.proof_attempts == 2
    assert second.lease_owner != first.lease_owner


def test_only_what_is_in_quarantine_is_proved(sessions, session, alice, box):
    session.commit()
    assert claim(sessions, alice) is None


def test_a_success_makes_the_installation_active(sessions, pending, box):
    claimed = claim(sessions, pending)
    with sessions.begin() as session:
        proofs.succeed(session, claimed, now=LATER)
    row = row_of(sessions, pending)
    assert row.is_active
    assert (row.proven_at, row.next_attempt_at, row.purge_after, row.lease_owner) == (LATER, None, None, None)
    assert installations.secret_of(row, box) == ALICE_SECRET


def test_a_failure_leaves_it_in_quarantine_until_the_next_try(sessions, pending):
    claimed = claim(sessions, pending)
    with sessions.begin() as session:
        proofs.fail(session, claimed, error="no answer", retry_at=LATER)
    row = row_of(sessions, pending)
    assert (row.state, row.proof_error, row.next_attempt_at) == (InstallationState.PENDING, "no answer", LATER)
    assert claim(sessions, pending, now=LATER - timedelta(seconds=1)) is None
    assert claim(sessions, pending, now=LATER) is not None


def test_a_refusal_is_not_tried_again(sessions, pending):
    claimed = claim(sessions, pending)
    with sessions.begin() as session:
        proofs.fail(session, claimed, error="refused", retry_at=None)
    assert claim(sessions, pending, now=NOON + timedelta(days=3)) is None
    with sessions() as session:
        assert proofs.due(session, now=NOON + timedelta(days=3), at_most=10) == []


@pytest.mark.parametrize("outcome", ["succeed", "fail"])
def test_the_outcome_for_an_older_secret_says_nothing_about_a_newer_one(sessions, pending, box, outcome):
    """An attacker's install is being proved while the real one comes in: neither verdict may fall on the other."""
    overtaken = claim(sessions, pending)
    with sessions.begin() as session:
        quarantine(session, alice_offer("real-secret-0123456789-0123456789-0123456789"), box=box)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        end(session, overtaken, outcome)
    row = row_of(sessions, pending)
    assert (row.state, row.proof_error, row.proof_attempts) == (InstallationState.PENDING, None, 0)
    assert claim(sessions, pending).proof_attempts == 1


def end(session, claimed, outcome):
    if outcome == "succeed":
        proofs.succeed(session, claimed, now=NOON)
    else:
        proofs.fail(session, claimed, error="refused", retry_at=None)


def test_an_outcome_after_the_installation_was_accepted_otherwise_is_dropped(sessions, pending, box):
    overtaken = claim(sessions, pending)
    with sessions.begin() as session:
        install(session, alice_offer(issued_at=9_000), box=box)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        end(session, overtaken, "fail")
    assert row_of(sessions, pending).is_active


def test_what_is_due_is_listed_longest_due_first(sessions, pending, box):
    with sessions.begin() as session:
        other = quarantine(session, charlie_offer(), box=box, now=NOON - timedelta(minutes=1))
    with sessions() as session:
        assert list(proofs.due(session, now=NOON, at_most=10)) == [other.id, pending.id]
        assert list(proofs.due(session, now=NOON, at_most=1)) == [other.id]
        assert list(proofs.due(session, now=NOON - timedelta(minutes=2), at_most=10)) == []


def test_of_several_that_prove_one_installation_one_wins(sessions, pending):
    barrier, claims, failures = threading.Barrier(4), [], []

    def race():
        barrier.wait()
        try:
            claims.append(claim(sessions, pending))
        except Exception as error:  # noqa: BLE001 -- told by the assertion below
            failures.append(error)

    racers = [threading.Thread(target=race) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert failures == []
    assert [claimed is None for claimed in claims].count(False) == 1
    assert row_of(sessions, pending).proof_attempts == 1


def test_the_row_keeps_its_key(sessions, pending):
    assert row_of(sessions, pending).client_key == ALICE_KEY


@pytest.mark.parametrize("state", [InstallationState.UNINSTALLED, InstallationState.ACTIVE])
def test_a_proof_is_for_quarantine_alone_whoever_holds_the_lease(sessions, pending, state):
    claimed = claim(sessions, pending)
    with sessions.begin() as session:
        session.get_one(type(claimed), claimed.id).state = state
    with pytest.raises(LeaseLost), sessions.begin() as session:
        proofs.succeed(session, claimed, now=NOON)
