"""The list of an installation's repositories: page by page, each noted once, none of another workspace's."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from bitbucket.errors import ConnectionFailed
from models import backfills, collecting, repositories
from models.backfills import Backfill
from models.repositories import Repository, RepositoryFacts
from sync.backfill import listing as listing_page
from sync.backfill.advancing import advance_next
from sync.backfill.beginning import begin_missing, forget_counts
from tests.tenants import (
    ALICE_KEY,
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
    uninstall,
)
from tests.web.fake_bitbucket import answer, page, repository

LIST = f"/2.0/repositories/{ALICE_WORKSPACE}"
NEXT = "https://api.bitbucket.org/2.0/repositories/next"


@pytest.fixture
def listed(services, alice):
    """Alice's installation, whose list of repositories is due."""
    with services.sessions.begin() as session:
        backfills.begin(session, alice, now=NOON)
    return alice


def held(services, installation):
    with services.readers() as session:
        return [one.uuid for one in repositories.held(session, installation)]


def listing(services, installation):
    with services.readers() as session:
        return backfills.listing_of(session, installation)


def to_be_read(services, installation):
    with services.readers() as session:
        return [row.uuid for _, row in backfills.of_installation(session, installation)]


def test_every_repository_of_the_list_is_held_and_read(services, listed, bitbucket):
    bitbucket.answers(LIST, page(repository(), repository(uuid=ALICE_OTHER_REPOSITORY, full_name="alice/ibis")))
    assert advance_next(services)
    assert held(services, listed) == [ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY]
    assert to_be_read(services, listed) == [ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY]
    row = listing(services, listed)
    assert (row.repositories, row.finished_at, row.next_attempt_at) == (2, NOON, None)
    with services.readers() as session:
        found = repositories.find(session, listed, ALICE_REPOSITORY)
    assert (found.full_name, found.main_branch, found.is_private) == ("alice/heron", "main", True)


def test_a_long_list_is_read_page_by_page(services, listed, bitbucket):
    bitbucket.answers(LIST, page(repository()) | {"next": NEXT})
    bitbucket.answers("/2.0/repositories/next", page(repository(uuid=ALICE_OTHER_REPOSITORY)))
    assert advance_next(services)
    assert (listing(services, listed).cursor, listing(services, listed).finished_at) == (NEXT, None)
    assert advance_next(services)
    assert listing(services, listed).repositories == 2
    assert set(held(services, listed)) == {ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY}


def test_the_first_of_the_list_is_read_first(services, listed, bitbucket):
    """Bitbucket lists what was last changed first, whatever its id."""
    bitbucket.answers(LIST, page(repository(uuid=ALICE_OTHER_REPOSITORY), repository()))
    advance_next(services)
    with services.sessions.begin() as session:
        claimed = backfills.claim_next(session, now=NOON, lease=timedelta(seconds=6))
        first = session.get(Repository, session.get(Backfill, claimed.row_id).repository_id)
    assert first.uuid == ALICE_OTHER_REPOSITORY


def test_a_repository_of_another_workspace_is_not_taken(services, listed, bitbucket):
    foreign = repository(uuid=CHARLIE_REPOSITORY, workspace={"uuid": CHARLIE_WORKSPACE, "slug": "charlie"})
    bitbucket.answers(LIST, page(repository(), foreign, {"type": "repository", "name": "nameless"}))
    advance_next(services)
    assert held(services, listed) == [ALICE_REPOSITORY]
    assert listing(services, listed).repositories == 1


def test_a_repository_whose_collecting_was_stopped_is_not_read(services, listed, bitbucket):
    with services.sessions.begin() as session:
        collecting.stop(session, listed, ALICE_REPOSITORY, by_uuid=BOB, now=NOON)
    bitbucket.answers(LIST, page(repository()))
    advance_next(services)
    assert to_be_read(services, listed) == []


def test_of_a_workspace_that_wants_nothing_collected_no_repository_is_noted(services, listed, bitbucket):
    with services.sessions.begin() as session:
        collecting.stop(session, listed, None, by_uuid=BOB, now=NOON)
    bitbucket.answers(LIST, page(repository(), repository(uuid=ALICE_OTHER_REPOSITORY, full_name="alice/ibis")))
    advance_next(services)
    assert held(services, listed) == []


def test_such_a_workspace_is_not_listed_again(services, alice, charlie):
    with services.sessions.begin() as session:
        collecting.stop(session, alice, None, by_uuid=BOB, now=NOON)
    with services.readers() as session:
        assert backfills.unlisted(session, at_most=5) == [charlie.id]


def test_a_list_that_does_not_come_is_asked_for_again(services, listed, bitbucket, clock):
    bitbucket.answers(LIST, ConnectionFailed("gone"))
    assert advance_next(services)
    row = listing(services, listed)
    assert (row.attempts, row.finished_at) == (1, None)
    assert "ConnectionFailed" in row.error
    assert not advance_next(services)
    clock.time = row.next_attempt_at
    bitbucket.answers(LIST, page(repository()))
    assert advance_next(services)
    assert listing(services, listed).error is None


def test_a_list_that_is_refused_is_asked_for_again_too(services, listed, bitbucket, clock):
    """A workspace is never without repositories for good: the app may be given its rights a moment later."""
    bitbucket.answers(LIST, answer({"type": "error", "error": {"message": "no"}}, status=403))
    assert advance_next(services)
    assert listing(services, listed).next_attempt_at > clock()


def test_nothing_is_noted_of_a_list_that_came_after_the_end(services, listed, bitbucket, monkeypatch):
    bitbucket.answers(LIST, page(repository()))
    sending = bitbucket.send

    def send(request, **options):
        told = sending(request, **options)
        if request.url.split("?")[0].endswith(quote(ALICE_WORKSPACE)):
            with services.sessions.begin() as session:
                uninstall(session, ALICE_KEY)
        return told

    monkeypatch.setattr(bitbucket, "send", send)
    advance_next(services)
    assert (held(services, listed), listing(services, listed).repositories) == ([], 0)


def test_an_end_before_the_call_is_no_failure_of_the_list(services, listed, bitbucket, monkeypatch):
    """It waits for a purge, or for the workspace to come back, and then it is asked for as if for the first time."""
    asking = listing_page._page

    def page_after_the_end(*arguments):
        with services.sessions.begin() as session:
            uninstall(session, ALICE_KEY)
        return asking(*arguments)

    monkeypatch.setattr(listing_page, "_page", page_after_the_end)
    assert advance_next(services)
    assert not any(LIST in request.url for request in bitbucket.requests)
    assert listing(services, listed).attempts == 0


def test_what_nobody_has_begun_is_begun(services, alice, charlie):
    with services.sessions.begin() as session:
        repositories.record(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
    assert begin_missing(services) == 3
    assert begin_missing(services) == 0
    assert listing(services, alice) is not None
    assert listing(services, charlie) is not None
    assert to_be_read(services, alice) == [ALICE_REPOSITORY]


def test_old_counts_of_calls_are_cleared_away(services, listed, bitbucket, clock):
    bitbucket.answers(LIST, page(repository()))
    advance_next(services)
    assert forget_counts(services) == 0
    clock.advance(hours=2)
    assert forget_counts(services) == 1
