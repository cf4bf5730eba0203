"""Purges: everything of one installation goes, nothing of another, and a tombstone stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from connect.lifecycle import InstallationState
from models import audit, installations, purges, repositories
from models.audit import LifecycleAudit
from models.errors import LeaseLost
from models.inbox import Delivery
from models.installations import UNPROVEN_KEPT, Installation
from models.purges import OWNED_TABLES
from models.repositories import Repository, RepositoryFacts
from models.tables import Base
from tests.tenants import (
    ALICE_KEY,
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_KEY,
    CHARLIE_REPOSITORY,
    NOON,
    alice_offer,
    charlie_offer,
    install,
    quarantine,
    receive,
    uninstall,
)

LEASE = timedelta(seconds=60)
DUE = NOON + timedelta(days=30)


@pytest.fixture
def tenants(sessions, box):
    """Alice has uninstalled, Charlie has not; both have left rows everywhere."""
    with sessions.begin() as session:
        alice, charlie = install(session, alice_offer(), box=box), install(session, charlie_offer(), box=box)
        for number in range(5):
            receive(session, alice, number=number)
            receive(session, charlie, number=number)
        for installation, uuids in (
            (alice, [ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY]),
            (charlie, [CHARLIE_REPOSITORY]),
        ):
            for uuid in uuids:
                repositories.record(session, installation, RepositoryFacts(uuid), as_of=NOON, now=NOON)
            entry = audit.Entry(installation.client_key, "installed", "lifecycle.installed", installation.id, BOB)
            audit.add(session, entry, now=NOON)
    with sessions.begin() as session:
        uninstall(session, ALICE_KEY)
    return alice, charlie


def claim(sessions, installation, *, now=DUE):
    with sessions.begin() as session:
        return purges.claim(session, installation.id, now=now, lease=LEASE)


def delete_all(sessions, claimed, *, at_most=2):
    """How many rows each batch has deleted."""
    batches = []
    while not batches or batches[-1]:
        with sessions.begin() as session:
            batches.append(purges.delete_batch(session, claimed, at_most=at_most, now=DUE, lease=LEASE))
    with sessions.begin() as session:
        purges.finish(session, claimed, now=DUE)
    return batches


def count(sessions, table, installation):
    with sessions() as session:
        return session.scalar(select(func.count()).where(table.installation_id == installation.id))


def test_every_table_with_rows_of_an_installation_is_purged():
    owned = {name for name, table in Base.metadata.tables.items() if "installation_id" in table.c}
    assert owned == {table.__tablename__ for table in OWNED_TABLES} | {LifecycleAudit.__tablename__}


def test_everything_of_the_installation_goes_in_small_batches(sessions, tenants):
    alice, _ = tenants
    assert delete_all(sessions, claim(sessions, alice)) == [2, 2, 1, 2, 0]
    assert [count(sessions, table, alice) for table in (Delivery, Repository)] == [0, 0]


def test_nothing_of_another_installation_goes(sessions, tenants):
    alice, charlie = tenants
    delete_all(sessions, claim(sessions, alice))
    assert [count(sessions, table, charlie) for table in (Delivery, Repository)] == [5, 1]
    with sessions() as session:
        row = installations.by_client_key(session, CHARLIE_KEY)
        (entry,) = audit.newest(session, CHARLIE_KEY)
        assert row.is_active
        assert (row.principal_name, entry.actor_uuid) == ("Charlie", BOB)


def test_a_tombstone_recognises_a_re_install_and_names_nobody(sessions, tenants, box):
    alice, _ = tenants
    delete_all(sessions, claim(sessions, alice))
    with sessions() as session:
        row = installations.by_client_key(session, ALICE_KEY)
        (entry,) = audit.newest(session, ALICE_KEY)
        known = installations.known(row, box)
    assert (known.state, known.secret, known.principal_uuid) == (
        InstallationState.UNINSTALLED,
        ALICE_SECRET,
        ALICE_WORKSPACE,
    )
    assert (known.lifecycle_at, row.purged_at, row.uninstalled_at) == (2_000, DUE, NOON)
    assert (row.principal_name, row.principal_slug, row.actor_uuid) == (None, None, None)
    assert row.sealed_previous_secret is None
    assert (entry.action, entry.actor_uuid) == ("installed", None)


def test_a_purge_is_not_repeated(sessions, tenants):
    alice, _ = tenants
    delete_all(sessions, claim(sessions, alice))
    assert claim(sessions, alice, now=DUE + timedelta(days=1)) is None
    with sessions() as session:
        assert purges.due(session, now=DUE + timedelta(days=1), at_most=10) == []


def test_nothing_is_purged_before_its_time(sessions, tenants):
    alice, charlie = tenants
    just_before = DUE - timedelta(microseconds=1)
    assert claim(sessions, alice, now=just_before) is None
    assert claim(sessions, charlie, now=DUE + timedelta(days=999)) is None
    with sessions() as session:
        assert purges.due(session, now=just_before, at_most=10) == []
        assert list(purges.due(session, now=DUE, at_most=10)) == [alice.id]


def test_an_active_installation_is_safe_even_with_a_date_in_its_row(sessions, tenants):
    """Two walls: an install clears the date, and what is active is not purged whatever its row says."""
    _, charlie = tenants
    with sessions.begin() as session:
        installations.lock(session, CHARLIE_KEY).purge_after = NOON
    assert claim(sessions, charlie) is None
    with sessions() as session:
        assert charlie.id not in purges.due(session, now=DUE, at_most=10)


def test_a_purge_is_for_one_worker_and_each_batch_renews_its_lease(sessions, tenants):
    alice, _ = tenants
    claimed = claim(sessions, alice)
    assert claim(sessions, alice) is None
    with sessions.begin() as session:
        purges.delete_batch(session, claimed, at_most=1, now=DUE + LEASE / 2, lease=LEASE)
    assert claim(sessions, alice, now=DUE + LEASE) is None
    heir = claim(sessions, alice, now=DUE + LEASE * 2)
    assert heir.lease_owner != claimed.lease_owner
    with pytest.raises(LeaseLost), sessions.begin() as session:
        purges.delete_batch(session, claimed, at_most=10, now=DUE, lease=LEASE)
    assert count(sessions, Delivery, alice) == 4


def test_a_re_install_stops_the_purge_that_is_under_way(sessions, tenants, box):
    alice, _ = tenants
    claimed = claim(sessions, alice)
    with sessions.begin() as session:
        install(session, alice_offer(issued_at=9_000), box=box, now=DUE)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        purges.delete_batch(session, claimed, at_most=10, now=DUE, lease=LEASE)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        purges.finish(session, claimed, now=DUE)
    assert [count(sessions, table, alice) for table in (Delivery, Repository)] == [5, 2]
    with sessions() as session:
        assert installations.by_client_key(session, ALICE_KEY).principal_name == "Alice & Co"


def test_an_installation_that_was_never_proved_goes_altogether(sessions, box):
    with sessions.begin() as session:
        pending = quarantine(session, alice_offer(issued_at=None), box=box)
        audit.add(session, audit.Entry(ALICE_KEY, "installed", "lifecycle.unproven", pending.id, BOB), now=NOON)
    now = NOON + UNPROVEN_KEPT
    assert claim(sessions, pending, now=now - timedelta(seconds=1)) is None
    claimed = claim(sessions, pending, now=now)
    assert delete_all(sessions, claimed) == [0]
    with sessions() as session:
        (entry,) = audit.newest(session, ALICE_KEY)
        assert session.scalar(select(func.count(Installation.id))) == 0
        assert (entry.reason, entry.actor_uuid, entry.installation_id) == ("lifecycle.unproven", None, None)


def test_an_installation_that_was_proved_meanwhile_stays(sessions, box):
    with sessions.begin() as session:
        pending = quarantine(session, alice_offer(issued_at=None), box=box)
    claimed = claim(sessions, pending, now=NOON + UNPROVEN_KEPT)
    with sessions.begin() as session:
        install(session, alice_offer(), box=box)
    with pytest.raises(LeaseLost), sessions.begin() as session:
        purges.finish(session, claimed, now=DUE)
    with sessions() as session:
        assert installations.by_client_key(session, ALICE_KEY).is_active
