"""Censuses as rows: one an installation, claimed by one, and due for active ones only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import censuses
from models.errors import LeaseLost
from tests.tenants import ALICE_KEY, NOON, uninstall

LEASE = timedelta(seconds=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def planned(session, alice):
    """Alice's census, due at noon. Its row id."""
    censuses.hasten(session, alice, at=NOON)
    return censuses.of(session, alice).id


def test_an_installation_without_one_is_named(session, alice, charlie):
    censuses.hasten(session, alice, at=NOON)
    assert censuses.unplanned(session, at_most=9) == [charlie]


def test_there_is_one_row_and_the_last_wish_counts(session, alice, planned):
    censuses.hasten(session, alice, at=NOON + HOUR)
    assert (censuses.of(session, alice).id, censuses.of(session, alice).next_attempt_at) == (planned, NOON + HOUR)


def test_nobody_claims_it_twice_or_too_early(session, planned):
    assert censuses.claim(session, planned, now=NOON - HOUR, lease=LEASE) is None
    assert censuses.claim(session, planned, now=NOON, lease=LEASE) is not None
    assert censuses.claim(session, planned, now=NOON, lease=LEASE) is None


def test_who_has_lost_the_lease_writes_nothing(session, planned):
    first = censuses.claim(session, planned, now=NOON, lease=LEASE)
    assert censuses.claim(session, planned, now=NOON + LEASE, lease=LEASE) is not None
    for write in (
        lambda: censuses.keep(session, first, until=NOON + HOUR),
        lambda: censuses.finish(session, first, taken_at=NOON, repositories=1, found=0, next_at=NOON),
        lambda: censuses.fail(session, first, error="", retry_at=NOON),
        lambda: censuses.pause(session, first, until=NOON),
    ):
        with pytest.raises(LeaseLost):
            write()


def test_what_it_found_is_noted(session, alice, planned):
    claimed = censuses.claim(session, planned, now=NOON, lease=LEASE)
    censuses.finish(session, claimed, taken_at=NOON, repositories=7, found=2, next_at=NOON + HOUR)
    row = censuses.of(session, alice)
    assert (row.taken_at, row.repositories, row.found, row.next_attempt_at) == (NOON, 7, 2, NOON + HOUR)
    assert censuses.due(session, now=NOON, at_most=9) == []
    assert censuses.due(session, now=NOON + HOUR, at_most=9) == [planned]


def test_failures_are_counted_until_one_succeeds(session, alice, planned):
    for attempts in (1, 2):
        claimed = censuses.claim(session, planned, now=NOON, lease=LEASE)
        censuses.fail(session, claimed, error="No.", retry_at=NOON)
        row = censuses.of(session, alice)
        assert (row.attempts, row.error) == (attempts, "No.")
    claimed = censuses.claim(session, planned, now=NOON, lease=LEASE)
    censuses.finish(session, claimed, taken_at=NOON, repositories=0, found=0, next_at=NOON)
    row = censuses.of(session, alice)
    assert (row.attempts, row.error) == (0, None)


def test_waiting_for_the_quota_is_no_failure(session, alice, planned):
    censuses.pause(session, censuses.claim(session, planned, now=NOON, lease=LEASE), until=NOON + HOUR)
    assert censuses.of(session, alice).attempts == 0


def test_where_the_app_is_not_installed_none_is_due(session, alice, planned):
    uninstall(session, ALICE_KEY)
    session.flush()
    assert censuses.due(session, now=NOON, at_most=9) == []
