"""Deletions that an administrator has asked for: what goes, what stays, and who may be at it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import collecting, deletions, repositories, setup_audit
from models.collecting import CollectingStop
from models.deletions import KEPT_OF_A_WORKSPACE, Deletion
from models.errors import LeaseLost
from models.history.deletion import HISTORY_TABLES
from models.inbox import Delivery
from models.purges import OWNED_TABLES
from models.repositories import Repository, RepositoryFacts
from models.setup_audit import Entry, SetupAction, SetupAudit
from tests.models.rows_of_every_table import count_of, fill_every_table
from tests.tenants import (
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
)

LEASE = timedelta(seconds=60)
LATER = NOON + timedelta(minutes=5)
AFTERWARDS = {Deletion, CollectingStop}


@pytest.fixture
def filled(session, alice, charlie):
    """Alice and Charlie have a row in every table."""
    fill_every_table(session, alice, ALICE_REPOSITORY, ALICE_WORKSPACE, mark="alice")
    fill_every_table(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE, mark="charlie")
    session.query(Deletion).delete()
    session.query(CollectingStop).delete()


def ask(session, installation, repository_uuid=None, *, now=LATER):
    return deletions.ask(session, installation, repository_uuid, by_uuid=BOB, now=now)


def do(session, asked, *, at_most=100, now=LATER):
    """Do a deletion to its end. Returns how many rows each batch has deleted."""
    claimed = deletions.claim(session, asked.id, now=now, lease=LEASE)
    batches = []
    while not batches or batches[-1]:
        batches.append(
            deletions.delete_batch(session, claimed, owned=OWNED_TABLES, at_most=at_most, lease_until=now + LEASE)
        )
    deletions.finish(session, claimed, now=now)
    session.expire_all()
    return batches


def left(session, installation):
    """The tables that still hold something of an installation."""
    return {table for table in (*OWNED_TABLES, *HISTORY_TABLES) if count_of(session, table, installation)}


def test_asking_stops_collecting_in_the_same_moment(session, alice, filled):
    ask(session, alice, ALICE_REPOSITORY)

    assert collecting.is_stopped(session, alice.id, ALICE_REPOSITORY)
    assert not collecting.is_stopped(session, alice.id, None)


def test_what_pages_have_kept_of_the_repository_is_out_of_date_at_once(session, alice, filled):
    before = repositories.find(session, alice, ALICE_REPOSITORY).version
    ask(session, alice, ALICE_REPOSITORY)

    assert repositories.find(session, alice, ALICE_REPOSITORY).version == before + 1


def test_the_whole_history_of_the_repository_goes(session, alice, filled):
    do(session, ask(session, alice, ALICE_REPOSITORY))

    gone = {*HISTORY_TABLES, Delivery}
    assert left(session, alice) & gone == set()
    assert left(session, alice) >= {Repository, *AFTERWARDS} - gone


def test_the_other_repositories_keep_theirs(session, alice, filled):
    facts = RepositoryFacts(ALICE_OTHER_REPOSITORY, workspace_uuid=ALICE_WORKSPACE)
    repositories.record(session, alice, facts, as_of=NOON, now=NOON)

    do(session, ask(session, alice, ALICE_OTHER_REPOSITORY))

    assert set(HISTORY_TABLES) <= left(session, alice)
    assert Delivery in left(session, alice)


def test_everything_of_the_workspace_goes_but_that_it_went(session, alice, filled):
    setup_audit.add(session, alice, Entry(action=SetupAction.DELETION_ASKED, actor_uuid=BOB), now=LATER)
    do(session, ask(session, alice))

    assert left(session, alice) == KEPT_OF_A_WORKSPACE | {SetupAudit}
    (entry,) = setup_audit.newest(session, alice)
    assert entry.action is SetupAction.DELETION_ASKED


@pytest.mark.parametrize("scope", [None, ALICE_REPOSITORY])
def test_nothing_of_another_installation_goes(session, alice, charlie, filled, scope):
    before = left(session, charlie)
    do(session, ask(session, alice, scope))

    assert left(session, charlie) == before


def test_a_repository_of_somebody_else_is_out_of_reach(session, alice, charlie, filled):
    before = left(session, charlie)
    do(session, ask(session, alice, CHARLIE_REPOSITORY))

    assert left(session, charlie) == before


def test_it_goes_in_small_batches_and_the_rows_are_counted(session, alice, filled):
    asked = ask(session, alice, ALICE_REPOSITORY)
    batches = do(session, asked, at_most=1)

    assert set(batches) == {0, 1}
    assert session.get(Deletion, asked.id).rows_deleted == sum(batches) == len(HISTORY_TABLES) + 1


def test_the_row_then_says_when_it_was_done(session, alice, filled):
    asked = ask(session, alice)
    do(session, asked)

    (row,) = deletions.newest(session, alice)
    assert (row.id, row.asked_by_uuid, row.asked_at, row.finished_at) == (asked.id, BOB, LATER, LATER)
    assert not deletions.is_under_way(session, alice, None)
    assert deletions.due(session, now=LATER + timedelta(days=1), at_most=10) == []


def test_asking_twice_is_asking_once(session, alice, filled):
    assert ask(session, alice, ALICE_REPOSITORY).id == ask(session, alice, ALICE_REPOSITORY).id
    assert ask(session, alice).id != ask(session, alice, ALICE_REPOSITORY).id


def test_what_is_done_can_be_asked_for_again(session, alice, filled):
    first = ask(session, alice, ALICE_REPOSITORY)
    do(session, first)

    assert ask(session, alice, ALICE_REPOSITORY).id != first.id


@pytest.mark.parametrize(
    ("asked", "about", "is_under_way"),
    [
        (ALICE_REPOSITORY, ALICE_REPOSITORY, True),
        (ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY, False),
        (ALICE_REPOSITORY, None, True),
        (None, ALICE_REPOSITORY, True),
        (None, None, True),
    ],
)
def test_it_is_known_what_is_still_to_go(session, alice, charlie, filled, asked, about, is_under_way):
    ask(session, alice, asked)

    assert deletions.is_under_way(session, alice, about) is is_under_way
    assert not deletions.is_under_way(session, charlie, about)


def test_one_worker_is_at_it(session, alice, filled):
    asked = ask(session, alice)

    assert deletions.claim(session, asked.id, now=LATER, lease=LEASE) is not None
    assert deletions.claim(session, asked.id, now=LATER, lease=LEASE) is None
    assert deletions.due(session, now=LATER, at_most=10) == []


def test_another_goes_on_where_the_lease_has_passed(session, alice, filled):
    asked = ask(session, alice)
    slow = deletions.claim(session, asked.id, now=LATER, lease=LEASE)
    session.expunge(slow)
    after = LATER + LEASE

    assert deletions.due(session, now=after, at_most=10) == [asked.id]
    assert deletions.claim(session, asked.id, now=after, lease=LEASE) is not None
    with pytest.raises(LeaseLost):
        deletions.delete_batch(session, slow, owned=OWNED_TABLES, at_most=1, lease_until=after)


def test_the_longest_due_is_woken_first(session, alice, charlie, filled):
    later = ask(session, alice, now=LATER)
    earlier = ask(session, charlie, now=NOON)

    assert deletions.due(session, now=LATER, at_most=10) == [earlier.id, later.id]
    assert deletions.due(session, now=NOON, at_most=10) == [earlier.id]
    assert session.scalar(select(func.count()).select_from(Deletion)) == 2
