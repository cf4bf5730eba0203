"""Deleting what was asked for while the installation goes on: to the end, once, whoever else is at it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import deletions
from models.deletions import Deletion
from models.history.deletion import HISTORY_TABLES
from sync import deletion
from sync.deletion import delete_asked
from sync.sweep import sweep
from tests.models.rows_of_every_table import count_of, fill_every_table
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB


@pytest.fixture
def asked(services, alice, clock):
    """Bob has asked to delete the history of Alice's repository, which is in every table."""
    with services.sessions.begin() as session:
        fill_every_table(session, alice, ALICE_REPOSITORY, ALICE_WORKSPACE, mark="alice")
        session.query(Deletion).delete()
    with services.sessions.begin() as session:
        return deletions.ask(session, alice, ALICE_REPOSITORY, by_uuid=BOB, now=clock()).id


def rows_left(services, installation):
    with services.readers() as session:
        return sum(count_of(session, table, installation) for table in HISTORY_TABLES)


def test_all_of_it_goes_and_the_log_says_how_much(services, alice, asked, log_entries):
    assert delete_asked(services, asked)

    assert rows_left(services, alice) == 0
    done = next(entry for entry in log_entries if entry["event"] == "deletion.done")
    assert (done["deletion"], done["installation"]) == (asked, alice.id)
    assert done["rows"] == len(HISTORY_TABLES) + 1


def test_a_second_ring_does_nothing(services, asked):
    delete_asked(services, asked)

    assert not delete_asked(services, asked)


def test_it_is_left_to_whoever_is_at_it(services, alice, asked, clock):
    with services.sessions.begin() as session:
        deletions.claim(session, asked, now=clock(), lease=deletion.LEASE)

    assert not delete_asked(services, asked)
    assert rows_left(services, alice) > 0


def test_the_sweep_rings_for_it_until_it_is_done(services, asked, doorbell):
    assert sweep(services).deletions == 1
    assert ("deletion", asked) in doorbell.rung
    delete_asked(services, asked)

    assert sweep(services).deletions == 0


def test_a_worker_that_is_overtaken_stores_nothing_and_says_so(services, alice, asked, log_entries, monkeypatch):
    delete_batch = deletion._delete_batch

    def after_another_has_taken_over(services, claimed):
        with services.sessions.begin() as session:
            session.scalar(select(Deletion)).lease_owner = "another"
        return delete_batch(services, claimed)

    monkeypatch.setattr(deletion, "_delete_batch", after_another_has_taken_over)

    assert not delete_asked(services, asked)
    assert log_entries[-1] == {"event": "deletion.overtaken", "deletion": asked, "log_level": "info"}
    assert rows_left(services, alice) > 0
