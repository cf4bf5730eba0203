"""Installations through their life: accepted, quarantined, rotated, uninstalled, installed again."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from connect.lifecycle import InstallationState, KnownInstallation, PrincipalKind
from models import installations
from models.errors import SealBroken
from models.installations import UNPROVEN_KEPT, Installation
from tests.databases import BOTH
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_KEY,
    CHARLIE_SECRET,
    NOON,
    alice_offer,
    charlie_offer,
    install,
    new_box,
    quarantine,
    uninstall,
)

LATER = NOON + timedelta(hours=1)
NEW_SECRET = "rotated-secret-0123456789-0123456789-0123456"


def test_an_accepted_install_is_active_and_knows_its_principal(session, alice):
    assert alice.is_active
    assert (alice.client_key, alice.principal_uuid, alice.principal_kind) == (
        ALICE_KEY,
        ALICE_WORKSPACE,
        PrincipalKind.WORKSPACE,
    )
    assert (alice.principal_name, alice.principal_slug, alice.actor_uuid) == ("Alice & Co", "alice", BOB)
    assert (alice.installed_at, alice.proven_at, alice.lifecycle_at) == (NOON, NOON, 1_000)
    assert alice.descriptor_version == "d1"
    assert (alice.next_attempt_at, alice.purge_after, alice.uninstalled_at) == (None, None, None)


def test_the_database_never_sees_a_secret(session, alice, box):
    install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=box)
    row = session.execute(text("SELECT * FROM installations")).one()
    assert ALICE_SECRET not in str(row)
    assert NEW_SECRET not in str(row)
    assert ALICE_SECRET not in repr(alice_offer())


def test_what_is_known_is_what_the_protocol_decides_on(session, alice, box):
    assert installations.known(alice, box) == KnownInstallation(
        client_key=ALICE_KEY,
        state=InstallationState.ACTIVE,
        secret=ALICE_SECRET,
        previous_secret=None,
        principal_uuid=ALICE_WORKSPACE,
        lifecycle_at=1_000,
    )


def test_a_re_install_rotates_the_secret_and_keeps_the_one_before(session, alice, box):
    again = install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=box, now=LATER)
    known = installations.known(again, box)
    assert again.id == alice.id
    assert (known.secret, known.previous_secret, known.lifecycle_at) == (NEW_SECRET, ALICE_SECRET, 2_000)
    assert again.installed_at == LATER


def test_a_re_install_clears_what_was_held_against_the_old_secret(session, alice, box):
    installations.mark_credentials_refused(session, alice, now=NOON)
    session.refresh(alice)
    assert alice.credentials_refused_at == NOON
    install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=box)
    assert alice.credentials_refused_at is None


def test_a_refusal_of_the_old_secret_says_nothing_about_the_new_one(sessions, box):
    with sessions.begin() as session:
        stale = install(session, alice_offer(), box=box)
        session.expunge(stale)
    with sessions.begin() as session:
        install(session, alice_offer(NEW_SECRET, issued_at=2_000), box=box)
    with sessions.begin() as session:
        installations.mark_credentials_refused(session, stale, now=NOON)
    with sessions() as session:
        assert installations.by_client_key(session, ALICE_KEY).credentials_refused_at is None


def test_an_unproved_install_waits_in_quarantine(session, box):
    row = quarantine(session, alice_offer(issued_at=None), box=box)
    known = installations.known(row, box)
    assert row.state is InstallationState.PENDING
    assert not row.is_active
    assert (row.next_attempt_at, row.proven_at, row.purge_after) == (NOON, None, NOON + UNPROVEN_KEPT)
    assert (known.secret, known.previous_secret, known.lifecycle_at) == (ALICE_SECRET, None, None)


def test_an_unproved_secret_disappears_when_another_is_offered(session, box):
    """Client keys can be guessed: what an attacker offered first must neither block nor outlive the real install."""
    first = quarantine(session, alice_offer("attacker-secret-0123456789-0123456789-0123"), box=box)
    first.proof_attempts, first.proof_error, first.lease_owner = 3, "refused", "worker"
    second = quarantine(session, alice_offer(), box=box, now=LATER)
    assert second.id == first.id
    known = installations.known(second, box)
    assert (known.secret, known.previous_secret) == (ALICE_SECRET, None)
    assert (second.proof_attempts, second.proof_error, second.lease_owner) == (0, None, None)
    assert second.next_attempt_at == LATER


def test_an_unproved_secret_does_not_become_the_previous_one(session, box):
    quarantine(session, alice_offer("attacker-secret-0123456789-0123456789-0123"), box=box)
    known = installations.known(install(session, alice_offer(), box=box), box)
    assert (known.secret, known.previous_secret) == (ALICE_SECRET, None)


def test_an_uninstalled_one_is_a_tombstone_with_its_secret(session, alice, box):
    row = uninstall(session, ALICE_KEY, now=LATER, retention_days=30, issued_at=3_000)
    session.flush()
    assert row.state is InstallationState.UNINSTALLED
    assert (row.uninstalled_at, row.purge_after, row.lifecycle_at) == (LATER, LATER + timedelta(days=30), 3_000)
    assert installations.known(row, box).secret == ALICE_SECRET


def test_without_retention_the_purge_is_due_at_once(session, alice):
    assert uninstall(session, ALICE_KEY, retention_days=0).purge_after == NOON


def test_an_uninstall_takes_running_work_away(session, alice):
    alice.lease_owner, alice.lease_until = "worker", LATER
    row = uninstall(session, ALICE_KEY)
    assert (row.lease_owner, row.lease_until, row.next_attempt_at) == (None, None, None)


def test_an_install_after_an_uninstall_is_active_again(session, alice, box):
    uninstall(session, ALICE_KEY)
    row = install(session, alice_offer(NEW_SECRET, issued_at=4_000), box=box, now=LATER)
    assert row.is_active
    assert (row.uninstalled_at, row.purge_after, row.purged_at) == (None, None, None)
    assert installations.known(row, box).previous_secret == ALICE_SECRET


def test_installations_are_found_by_client_key_and_by_row(session, alice, charlie):
    assert installations.by_client_key(session, ALICE_KEY) is alice
    assert installations.by_client_key(session, CHARLIE_KEY) is charlie
    assert installations.by_id(session, charlie.id) is charlie
    assert installations.by_id(session, charlie.id + 1) is None


@pytest.mark.parametrize(
    "client_key", ["", "connection:1", ALICE_KEY.upper(), ALICE_KEY + " ", ALICE_KEY + "\x00", "\ud800", "x" * 10_000]
)
def test_a_key_that_nobody_has_finds_nobody(session, alice, client_key):
    assert installations.by_client_key(session, client_key) is None


def test_the_operator_sees_all_and_how_many_are_where(session, alice, charlie):
    uninstall(session, CHARLIE_KEY)
    session.flush()
    assert [row.client_key for row in installations.every(session)] == [ALICE_KEY, CHARLIE_KEY]
    assert installations.count_by_state(session) == {
        InstallationState.PENDING: 0,
        InstallationState.ACTIVE: 1,
        InstallationState.UNINSTALLED: 1,
    }


def test_the_version_of_the_descriptor_is_noted(session, alice, charlie):
    installations.mark_descriptor(session, alice, version="d2")
    session.expire_all()
    assert (alice.descriptor_version, charlie.descriptor_version) == ("d2", None)


def test_a_secret_that_does_not_open_is_said_to_be_broken(session, alice):
    with pytest.raises(SealBroken):
        installations.known(alice, new_box(b"x" * 32))


def test_a_secret_in_another_installations_row_does_not_open(session, alice, charlie, box):
    alice.sealed_secret, charlie.sealed_secret = charlie.sealed_secret, alice.sealed_secret
    with pytest.raises(SealBroken):
        installations.secret_of(alice, box)


def test_a_broken_previous_secret_is_not_silently_left_out(session, alice, charlie, box):
    alice.sealed_previous_secret = charlie.sealed_secret
    assert installations.secret_of(charlie, box) == CHARLIE_SECRET
    with pytest.raises(SealBroken):
        installations.known(alice, box)


def test_the_lock_sees_what_the_call_before_it_has_written(sessions, box):
    """The session has an older state in memory: decided on, it would let a secret be rolled back."""
    with sessions.begin() as session:
        install(session, alice_offer(), box=box)
    with sessions() as session:
        seen = installations.by_client_key(session, ALICE_KEY)
        session.rollback()
        with sessions.begin() as other:
            install(other, alice_offer(NEW_SECRET, issued_at=2_000), box=box)
        locked = installations.lock(session, ALICE_KEY)
        assert locked is seen
        assert installations.secret_of(locked, box) == NEW_SECRET


def test_first_installs_at_the_same_time_are_one_after_the_other(sessions, box):
    """Without a row there is nothing to lock, and still only one of them may find nothing."""
    barrier, found, failures = threading.Barrier(4), [], []

    def race(number):
        barrier.wait()
        try:
            with sessions.begin() as session:
                row = installations.lock(session, ALICE_KEY)
                found.append(row)
                offer = alice_offer(f"secret-{number}-0123456789-0123456789-0123456789")
                installations.accept(session, offer, installation=row, box=box, now=NOON)
        except Exception as error:  # noqa: BLE001 -- told by the assertion below
            failures.append(error)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert failures == []
    assert found.count(None) == 1
    with sessions() as session:
        (row,) = session.scalars(select(Installation)).all()
        known = installations.known(row, box)
        assert known.secret != known.previous_secret


@pytest.mark.parametrize("database_url", BOTH[1:], indirect=True)
def test_lifecycle_calls_of_different_tenants_do_not_wait_for_each_other(sessions, box):
    with sessions.begin() as session:
        session.connection().exec_driver_sql("SET LOCAL lock_timeout = 1")
        installations.lock(session, ALICE_KEY)
        with sessions.begin() as other:
            other.connection().exec_driver_sql("SET LOCAL lock_timeout = 1")
            install(other, charlie_offer(), box=box)
    with sessions() as session:
        assert installations.by_client_key(session, CHARLIE_KEY).is_active
