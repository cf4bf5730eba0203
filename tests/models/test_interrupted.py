"""A delivery that has ended its worker: the others go first for a while, and nobody is kept waiting for nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import inbox, interrupted
from tests.tenants import NOON, alice_offer, charlie_offer, install, receive

LEASE, BEHIND = timedelta(seconds=6), timedelta(seconds=30)
LATER = NOON + timedelta(seconds=10)


@pytest.fixture
def tenants(sessions, box):
    """Alice and Charlie, installed and committed."""
    with sessions.begin() as session:
        return install(session, alice_offer(), box=box), install(session, charlie_offer(), box=box)


@pytest.fixture
def abandoned(sessions, tenants):
    """One delivery of Alice is under way when its worker ends; she has two more, and Charlie has two."""
    alice, charlie = tenants
    with sessions.begin() as session:
        for number in range(3):
            receive(session, alice, number=number)
    claim(sessions, NOON)
    with sessions.begin() as session:
        for number in range(2):
            receive(session, charlie, number=number)


def claim(sessions, now):
    """Whose delivery is claimed: the row id of the installation, or None."""
    with sessions.begin() as session:
        claimed = inbox.claim_next(session, now=now, lease=LEASE)
    return claimed and claimed.installation_id


def claims(sessions, number, *, since):
    """Whose deliveries are claimed, one a second."""
    return [claim(sessions, since + timedelta(seconds=second)) for second in range(number)]


def put_back(sessions, now=LATER):
    with sessions.begin() as session:
        return interrupted.put_back(session, now=now, by=BEHIND)


def test_all_that_others_have_goes_first(sessions, tenants, abandoned):
    alice, charlie = tenants
    assert put_back(sessions) == 1
    assert claims(sessions, 3, since=LATER) == [charlie.id, charlie.id, alice.id]


def test_without_it_turns_go_round(sessions, tenants, abandoned):
    alice, charlie = tenants
    assert set(claims(sessions, 2, since=LATER)) == {charlie.id, alice.id}


def test_whoever_is_alone_does_not_wait(sessions, tenants):
    alice, _ = tenants
    with sessions.begin() as session:
        receive(session, alice, number=1)
        receive(session, alice, number=2)
    claim(sessions, NOON)
    assert put_back(sessions) == 1
    assert claim(sessions, LATER) == alice.id


def test_it_ends(sessions, tenants, abandoned):
    alice, charlie = tenants
    put_back(sessions)
    after = LATER + BEHIND + timedelta(seconds=1)
    assert claims(sessions, 3, since=after) == [charlie.id, alice.id, charlie.id]


def test_a_delivery_that_somebody_is_at_is_left_alone(sessions, abandoned):
    assert put_back(sessions, now=NOON + timedelta(seconds=1)) == 0


def test_nobody_is_put_back_twice(sessions, abandoned):
    assert [put_back(sessions), put_back(sessions)] == [1, 0]
