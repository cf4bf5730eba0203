"""Repositories: whose they are, what is known of them, and that later facts win."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import repositories
from models.repositories import Repository, RepositoryFacts, RepositoryState
from tests.tenants import (
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    CHARLIE_WORKSPACE,
    NOON,
    alice_offer,
    install,
)

HERON = RepositoryFacts(
    uuid=ALICE_REPOSITORY,
    workspace_uuid=ALICE_WORKSPACE,
    slug="heron",
    name="Heron",
    full_name="alice/heron",
    is_private=True,
    main_branch="main",
)
LATER = NOON + timedelta(minutes=1)
EARLIER = NOON - timedelta(minutes=1)


def record(session, installation, facts=HERON, *, as_of=NOON, now=LATER):
    return repositories.record(session, installation, facts, as_of=as_of, now=now)


def test_a_repository_that_is_new_is_held_and_has_version_one(session, alice):
    row, has_moved = record(session, alice)
    assert has_moved
    assert (row.state, row.version) == (RepositoryState.HELD, 1)
    assert (row.slug, row.name, row.full_name, row.is_private, row.main_branch) == (
        "heron",
        "Heron",
        "alice/heron",
        True,
        "main",
    )
    assert (row.workspace_uuid, row.facts_at, row.first_seen_at, row.updated_at) == (
        ALICE_WORKSPACE,
        NOON,
        LATER,
        LATER,
    )
    assert repositories.find(session, alice, ALICE_REPOSITORY) is row


def test_a_workspace_that_is_not_told_is_the_principals(session, alice):
    row, _ = record(session, alice, RepositoryFacts(ALICE_REPOSITORY))
    assert row.workspace_uuid == ALICE_WORKSPACE
    assert (row.slug, row.is_private) == (None, None)


def test_a_change_moves_the_version_by_one_however_much_changes(session, alice):
    record(session, alice)
    renamed = RepositoryFacts(ALICE_REPOSITORY, slug="egret", name="Egret", full_name="alice/egret", is_private=False)
    row, has_moved = record(session, alice, renamed, as_of=LATER)
    assert has_moved
    assert (row.version, row.slug, row.name, row.is_private) == (2, "egret", "Egret", False)


def test_facts_that_are_not_told_stay(session, alice):
    record(session, alice)
    row, has_moved = record(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=LATER)
    assert not has_moved
    assert (row.version, row.main_branch, row.facts_at) == (1, "main", LATER)


def test_the_same_again_changes_nothing_but_the_time_of_the_facts(session, alice):
    record(session, alice)
    row, has_moved = record(session, alice, as_of=LATER, now=LATER + timedelta(hours=1))
    assert (has_moved, row.version, row.facts_at, row.updated_at) == (False, 1, LATER, LATER)


@pytest.mark.parametrize("name", ["x" * 300, "a\x00b", "a\ud800b", "🐦" * 300])
def test_a_name_that_cannot_be_kept_as_it_is_does_not_change_every_time(session, alice, name):
    facts = RepositoryFacts(ALICE_REPOSITORY, name=name)
    row, _ = record(session, alice, facts)
    session.flush()
    session.expire(row)
    assert not facts.differ_from(row)
    assert record(session, alice, facts, as_of=LATER) == (row, False)


def test_older_facts_never_replace_newer_ones(session, alice):
    record(session, alice)
    row, has_moved = record(session, alice, RepositoryFacts(ALICE_REPOSITORY, name="Old"), as_of=EARLIER)
    assert (has_moved, row.version, row.name, row.facts_at) == (False, 1, "Heron", NOON)


def test_a_row_knows_which_facts_differ_from_it(session, alice):
    row, _ = record(session, alice)
    assert not HERON.differ_from(row)
    assert not RepositoryFacts(ALICE_REPOSITORY).differ_from(row)
    assert RepositoryFacts(ALICE_REPOSITORY, is_private=False).differ_from(row)
    assert RepositoryFacts(ALICE_REPOSITORY, main_branch="trunk").differ_from(row)


def test_something_that_facts_do_not_show_moves_the_version_too(session, alice):
    row, _ = record(session, alice)
    repositories.touch(row, now=LATER + timedelta(seconds=1))
    assert (row.version, row.updated_at, row.facts_at) == (2, LATER + timedelta(seconds=1), NOON)


def let_go(session, installation, *, as_of):
    return repositories.let_go(session, installation, HERON, as_of=as_of, now=LATER)


def test_a_repository_that_is_gone_is_not_found(session, alice):
    record(session, alice)
    assert let_go(session, alice, as_of=LATER)
    assert repositories.find(session, alice, ALICE_REPOSITORY) is None
    row = repositories.find_any(session, alice, ALICE_REPOSITORY)
    assert (row.state, row.version, row.facts_at) == (RepositoryState.GONE, 2, LATER)


def test_an_older_farewell_is_not_believed(session, alice):
    record(session, alice)
    assert not let_go(session, alice, as_of=EARLIER)
    assert repositories.find(session, alice, ALICE_REPOSITORY) is not None


def test_it_goes_once(session, alice):
    record(session, alice)
    assert let_go(session, alice, as_of=LATER)
    assert let_go(session, alice, as_of=LATER + timedelta(minutes=1))
    assert repositories.find_any(session, alice, ALICE_REPOSITORY).version == 2


def test_a_repository_that_went_before_it_was_seen_is_not_brought_to_life_by_what_came_before(session, alice):
    assert let_go(session, alice, as_of=NOON)
    row, has_moved = record(session, alice, as_of=EARLIER)
    assert (has_moved, row.state, row.version) == (False, RepositoryState.GONE, 0)


def test_a_repository_that_comes_back_is_held_again(session, alice):
    record(session, alice)
    let_go(session, alice, as_of=LATER)
    row, has_moved = record(session, alice, as_of=LATER + timedelta(minutes=1))
    assert (has_moved, row.state, row.version) == (True, RepositoryState.HELD, 3)


def test_nobody_finds_the_repositories_of_others(session, alice, charlie):
    record(session, alice)
    assert repositories.find(session, charlie, ALICE_REPOSITORY) is None
    assert repositories.find_any(session, charlie, ALICE_REPOSITORY) is None
    assert repositories.locked(session, charlie, ALICE_REPOSITORY) is None
    assert repositories.held(session, charlie) == []


def test_two_installations_may_know_the_same_repository_and_share_nothing(session, alice, charlie):
    record(session, alice)
    theirs = RepositoryFacts(ALICE_REPOSITORY, CHARLIE_WORKSPACE, name="Taken over")
    record(session, charlie, theirs)
    let_go(session, alice, as_of=LATER)
    assert repositories.find(session, alice, ALICE_REPOSITORY) is None
    assert repositories.find(session, charlie, ALICE_REPOSITORY).name == "Taken over"


def test_an_installations_repositories_are_listed_by_name(session, alice):
    record(session, alice)
    record(session, alice, RepositoryFacts(ALICE_OTHER_REPOSITORY, full_name="alice/avocet"))
    assert [row.full_name for row in repositories.held(session, alice)] == ["alice/avocet", "alice/heron"]
    let_go(session, alice, as_of=LATER)
    assert [row.full_name for row in repositories.held(session, alice)] == ["alice/avocet"]


@pytest.mark.parametrize("uuid", ["", "heron", "\x00", "\ud800", "x" * 1000, ALICE_REPOSITORY.upper()])
def test_what_is_no_uuid_finds_nothing(session, alice, uuid):
    record(session, alice)
    assert repositories.find(session, alice, uuid) is None


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.permutations(
        [
            (0, RepositoryFacts(ALICE_REPOSITORY, name="first", is_private=True)),
            (1, RepositoryFacts(ALICE_REPOSITORY, name="second", is_private=True)),
            (2, None),
            (3, RepositoryFacts(ALICE_REPOSITORY, name="third", is_private=False)),
            (4, RepositoryFacts(ALICE_REPOSITORY, name="fourth", is_private=False)),
        ]
    ),
    last=st.integers(0, 4),
)
def test_whatever_the_order_the_last_fact_wins(session, alice, events, last):
    """`None` is a deletion. Each fact is told twice, as webhooks may be."""
    told = [event for event in events if event[0] <= last]
    for minutes, facts in told + told[::-1]:
        as_of = NOON + timedelta(minutes=minutes)
        if facts is None:
            let_go(session, alice, as_of=as_of)
        else:
            record(session, alice, facts, as_of=as_of)
    row = repositories.find_any(session, alice, ALICE_REPOSITORY)
    name, is_private, state = row.name, row.is_private, row.state
    session.delete(row)
    session.flush()
    if last == 2:
        assert state is RepositoryState.GONE
    else:
        names = ("first", "second", None, "third", "fourth")
        assert (name, is_private, state) == (names[last], last < 2, RepositoryState.HELD)


def test_workers_that_meet_a_new_repository_at_once_make_one_row_and_lose_no_version(sessions, box):
    with sessions.begin() as session:
        installation = install(session, alice_offer(), box=box)
    barrier, failures = threading.Barrier(6), []

    def race(number):
        barrier.wait()
        try:
            with sessions.begin() as session:
                facts = RepositoryFacts(ALICE_REPOSITORY, name=f"name {number}")
                record(session, installation, facts, as_of=NOON + timedelta(seconds=number))
        except Exception as error:  # noqa: BLE001 -- told by the assertion below
            failures.append(error)

    racers = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    with sessions() as session:
        (row,) = session.scalars(select(Repository)).all()
        assert failures == []
        assert row.name == "name 5"
        assert 1 <= row.version <= 6
