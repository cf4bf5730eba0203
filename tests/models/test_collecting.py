"""Where collecting was stopped: of one repository or of all, of one installation and of no other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import collecting, repositories
from models.repositories import Repository, RepositoryFacts
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, BOB, CHARLIE_REPOSITORY, NOON

LATER = NOON + timedelta(hours=1)


def stop(session, installation, repository_uuid, *, now=NOON):
    collecting.stop(session, installation, repository_uuid, by_uuid=BOB, now=now)


def stopped_repositories(session):
    """The same asked of all repositories at once."""
    condition = collecting.is_stopped_of(Repository.uuid, Repository.installation_id)
    return set(session.scalars(select(Repository.uuid).where(condition)))


@pytest.fixture
def three(session, alice, charlie):
    for installation, uuid in (
        (alice, ALICE_REPOSITORY),
        (alice, ALICE_OTHER_REPOSITORY),
        (charlie, CHARLIE_REPOSITORY),
    ):
        repositories.record(session, installation, RepositoryFacts(uuid), as_of=NOON, now=NOON)


def test_nothing_is_stopped_at_first(session, alice, three):
    assert not collecting.is_stopped(session, alice.id, ALICE_REPOSITORY)
    assert not collecting.is_stopped(session, alice.id, None)
    assert collecting.stops(session, alice) == {}
    assert stopped_repositories(session) == set()


def test_one_repository_is_stopped_and_the_others_go_on(session, alice, three):
    stop(session, alice, ALICE_REPOSITORY)

    assert collecting.is_stopped(session, alice.id, ALICE_REPOSITORY)
    assert not collecting.is_stopped(session, alice.id, ALICE_OTHER_REPOSITORY)
    assert not collecting.is_stopped(session, alice.id, None)
    assert stopped_repositories(session) == {ALICE_REPOSITORY}


def test_the_whole_workspace_stops_every_repository_known_or_not(session, alice, three):
    stop(session, alice, None)

    assert collecting.is_stopped(session, alice.id, None)
    assert collecting.is_stopped(session, alice.id, "{aaaaaaaa-0000-4000-8000-0000000000ff}")
    assert stopped_repositories(session) == {ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY}


def test_another_workspace_goes_on(session, alice, charlie, three):
    stop(session, alice, None)
    stop(session, alice, CHARLIE_REPOSITORY)

    assert not collecting.is_stopped(session, charlie.id, CHARLIE_REPOSITORY)
    assert collecting.stops(session, charlie) == {}


def test_a_second_stop_changes_nothing(session, alice):
    stop(session, alice, ALICE_REPOSITORY)
    stop(session, alice, ALICE_REPOSITORY, now=LATER)

    assert collecting.stops(session, alice) == {ALICE_REPOSITORY: NOON}


def test_it_goes_on_where_it_is_resumed(session, alice):
    stop(session, alice, ALICE_REPOSITORY)
    stop(session, alice, ALICE_OTHER_REPOSITORY)

    assert collecting.resume(session, alice, ALICE_REPOSITORY)
    assert not collecting.resume(session, alice, ALICE_REPOSITORY)
    assert collecting.stops(session, alice) == {ALICE_OTHER_REPOSITORY: NOON}


def test_resuming_the_workspace_resumes_every_repository(session, alice):
    stop(session, alice, ALICE_REPOSITORY)
    stop(session, alice, None)

    assert collecting.resume(session, alice, None)
    assert collecting.stops(session, alice) == {}


def test_resuming_is_the_installations_own(session, alice, charlie):
    stop(session, alice, ALICE_REPOSITORY)

    assert not collecting.resume(session, charlie, None)
    assert collecting.is_stopped(session, alice.id, ALICE_REPOSITORY)
