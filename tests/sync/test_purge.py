"""Deleting what an installation has left, when its time has come, and not a moment earlier."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import audit, installations, purges, repositories
from models.inbox import Delivery
from models.installations import UNPROVEN_KEPT, Installation
from models.repositories import Repository, RepositoryFacts
from sync import purge
from sync.purge import purge_installation
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    CHARLIE_REPOSITORY,
    NOON,
    alice_offer,
    install,
    receive,
    uninstall,
)


@pytest.fixture
def gone(services, alice, charlie):
    """Alice has uninstalled; she and Charlie have left rows."""
    with services.sessions.begin() as session:
        for installation, uuid in ((alice, ALICE_REPOSITORY), (charlie, CHARLIE_REPOSITORY)):
            repositories.record(session, installation, RepositoryFacts(uuid), as_of=NOON, now=NOON)
            for number in range(3):
                receive(session, installation, number=number)
        uninstall(session, ALICE_KEY)
    return alice


def rows_of(services, installation):
    with services.readers() as session:
        return [
            session.scalar(select(func.count()).where(table.installation_id == installation.id))
            for table in (Delivery, Repository)
        ]


def test_everything_of_it_goes_and_the_tombstone_stays(services, gone, charlie, clock, log_entries):
    clock.advance(days=30)
    assert purge_installation(services, gone.id)
    assert rows_of(services, gone) == [0, 0]
    assert rows_of(services, charlie) == [3, 1]
    with services.readers() as session:
        row = installations.by_client_key(session, ALICE_KEY)
        (entry,) = audit.newest(session, ALICE_KEY)
    assert (row.purged_at, installations.secret_of(row, services.secret_box)) == (clock.time, ALICE_SECRET)
    assert (entry.action, entry.reason, entry.at) == ("purged", "lifecycle.purged", clock.time)
    assert log_entries[-1] == {"event": "installation.purged", "installation": gone.id, "rows": 4, "log_level": "info"}


def test_it_is_deleted_in_batches(services, gone, clock, monkeypatch):
    batches = []
    original = purges.delete_batch

    def counted(session, claimed, *, at_most, now, lease):
        batches.append(original(session, claimed, at_most=at_most, now=now, lease=lease))
        return batches[-1]

    monkeypatch.setattr(purge, "BATCH_ROWS", 2)
    monkeypatch.setattr(purges, "delete_batch", counted)
    clock.advance(days=30)
    assert purge_installation(services, gone.id)
    assert batches == [2, 1, 1, 0]


def test_nothing_goes_before_its_time(services, gone, clock):
    clock.advance(days=30, seconds=-1)
    assert not purge_installation(services, gone.id)
    assert rows_of(services, gone) == [3, 1]


@pytest.mark.parametrize("installation_id", [0, -1, 12_345])
def test_what_is_not_there_is_not_purged(services, gone, clock, installation_id):
    clock.advance(days=30)
    assert not purge_installation(services, installation_id)
    assert rows_of(services, gone) == [3, 1]


def test_an_active_installation_is_never_purged(services, gone, charlie, clock):
    clock.advance(days=9_999)
    assert not purge_installation(services, charlie.id)
    assert rows_of(services, charlie) == [3, 1]


def test_a_second_ring_finds_nothing_to_do(services, gone, clock):
    clock.advance(days=30)
    assert purge_installation(services, gone.id)
    assert not purge_installation(services, gone.id)


def test_a_re_install_in_the_middle_ends_the_purge(services, gone, clock, monkeypatch, log_entries):
    original = purges.delete_batch

    def reinstall_after_the_first(session, claimed, *, at_most, now, lease):
        deleted = original(session, claimed, at_most=at_most, now=now, lease=lease)
        session.commit()
        with services.sessions.begin() as other:
            install(other, alice_offer(issued_at=9_000), box=services.secret_box)
        return deleted

    monkeypatch.setattr(purge, "BATCH_ROWS", 2)
    monkeypatch.setattr(purges, "delete_batch", reinstall_after_the_first)
    clock.advance(days=30)
    assert not purge_installation(services, gone.id)
    assert rows_of(services, gone) == [1, 1]
    assert log_entries[-1]["event"] == "installation.purge_overtaken"
    with services.readers() as session:
        assert installations.by_client_key(session, ALICE_KEY).is_active


def test_its_tokens_are_forgotten(services, gone, bitbucket, clock):
    services.bearer_tokens.token(ALICE_KEY, ALICE_SECRET)
    assert services.bearer_tokens.granted_scopes(ALICE_KEY, ALICE_SECRET)
    clock.advance(days=30)
    purge_installation(services, gone.id)
    assert not services.bearer_tokens.granted_scopes(ALICE_KEY, ALICE_SECRET)


def test_what_was_never_proved_goes_altogether_after_a_week(services, pending, clock):
    clock.advance(days=UNPROVEN_KEPT.days, seconds=-1)
    assert not purge_installation(services, pending.id)
    clock.advance(seconds=1)
    assert purge_installation(services, pending.id)
    with services.readers() as session:
        (entry,) = audit.newest(session, ALICE_KEY)
        assert session.scalar(select(func.count(Installation.id))) == 0
        assert (entry.action, entry.actor_uuid) == ("purged", None)


def test_without_retention_it_goes_at_once(services, alice):
    with services.sessions.begin() as session:
        receive(session, alice)
        uninstall(session, ALICE_KEY, retention_days=0)
    assert purge_installation(services, alice.id)
    assert rows_of(services, alice) == [0, 0]


def test_a_lease_of_a_dead_worker_ends(services, gone, clock, monkeypatch):
    clock.advance(days=30)
    with monkeypatch.context() as dying:
        dying.setattr(purges, "delete_batch", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            purge_installation(services, gone.id)
    assert not purge_installation(services, gone.id)
    clock.time += purge.LEASE + timedelta(seconds=1)
    assert purge_installation(services, gone.id)
