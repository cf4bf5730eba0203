"""The census: repositories that came, went, moved or were renamed without an event are found by listing the workspace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed
from bitbucket.messages import Headers, Response
from models import censuses, collecting, repositories
from models.repositories import RepositoryState
from simulator.world import actions
from simulator.world.identifiers import uuid_for
from simulator.world.model import Project, Workspace
from sync.reconcile.census import take_census
from tests.sync.simulated import Passing
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, BOB, CHARLIE_WORKSPACE


@pytest.fixture
def heron(simulated):
    """Alice's repository over there, which we know."""
    simulated.deliver()
    simulated.wait(minutes=1)
    return simulated.story.repository


@pytest.fixture
def take(simulated, heron):
    """Takes a census now. Returns what was noted of it."""

    def take():
        simulated.wait(minutes=1)
        services = simulated.services
        with services.sessions.begin() as session:
            censuses.hasten(session, simulated.alice, at=services.now())
            census_id = censuses.of(session, simulated.alice).id
        assert take_census(services, census_id)
        with services.readers() as session:
            return censuses.of(session, simulated.alice)

    return take


def row_of(simulated, uuid=ALICE_REPOSITORY):
    with simulated.services.readers() as session:
        return repositories.find_any(session, simulated.alice, uuid)


def act(simulated, deed, *about, **how):
    return deed(simulated.story.world, *about, actor=simulated.story.people[0], **how)


def test_a_workspace_in_which_nothing_has_happened_costs_one_call(simulated, take):
    before = len(simulated.transport.sent)
    taken = take()
    assert (taken.repositories, taken.found, taken.error) == (1, 0, None)
    assert simulated.transport.sent[before:] == [f"GET /2.0/repositories/%7B{ALICE_KEY_PART}%7D"]
    assert taken.next_attempt_at > simulated.services.now()


ALICE_KEY_PART = "aaaaaaaa-0000-4000-8000-000000000001"


def test_a_new_one_is_held_from_then_on(simulated, take):
    act(simulated, actions.create_repository, simulated.story.workspace, name="Crane", uuid=ALICE_OTHER_REPOSITORY)
    assert take().found == 1
    assert row_of(simulated, ALICE_OTHER_REPOSITORY).state is RepositoryState.HELD


def test_one_that_was_renamed_or_hidden_is_called_so(simulated, heron, take):
    act(simulated, actions.rename_repository, heron, name="Grey Heron")
    act(simulated, actions.update_repository, heron, is_private=False)
    assert take().found == 1
    row = row_of(simulated)
    assert (row.name, row.slug, row.is_private) == ("Grey Heron", "grey-heron", False)


def test_one_that_was_deleted_is_let_go_after_it_was_asked_for_by_itself(simulated, heron, take):
    act(simulated, actions.delete_repository, heron)
    before = len(simulated.transport.sent)
    assert take().found == 1
    assert row_of(simulated).state is RepositoryState.GONE
    # The list, where it was, and wherever it may be now.
    assert len(simulated.transport.sent) - before == 3


def test_one_that_the_list_leaves_out_for_a_moment_stays(simulated, heron, take):
    nothing = Response(200, Headers({"Content-Type": "application/json"}), b'{"values": [], "size": 0}')
    simulated.transport.troubles = [nothing]
    assert take().found == 0
    assert row_of(simulated).state is RepositoryState.HELD


def test_one_that_moved_to_another_workspace_is_let_go(simulated, heron, take):
    story = simulated.story
    other = story.world.add_workspace(Workspace(CHARLIE_WORKSPACE, "charlie", "Charlie", story.began))
    other.projects["X"] = Project(uuid_for("project", "x"), "X", "X", story.began, story.began)
    act(simulated, actions.update_repository, heron, is_private=False)
    act(simulated, actions.transfer_repository, heron, workspace=other)
    assert take().found == 1
    assert row_of(simulated).state is RepositoryState.GONE


def test_one_that_came_back_is_held_again_with_all_that_is_known_of_it(simulated, heron, take):
    world = simulated.story.world
    del world.repositories[heron.uuid]
    take()
    gone = row_of(simulated)
    world.add_repository(heron)
    assert take().found == 1
    back = row_of(simulated)
    assert (back.id, back.state, back.gone_at) == (gone.id, RepositoryState.HELD, None)


def test_nothing_is_collected_where_an_administrator_stopped_it(simulated, heron, take):
    act(simulated, actions.rename_repository, heron, name="Grey Heron")
    with simulated.services.sessions.begin() as session:
        collecting.stop(session, simulated.alice, ALICE_REPOSITORY, by_uuid=BOB, now=simulated.services.now())
    assert take().found == 0
    assert row_of(simulated).name == "Heron"


@pytest.mark.parametrize(
    ("trouble", "attempts"),
    [(ConnectionFailed("gone"), 1), (Response(429, Headers({}), b"Rate limit"), 0)],
    ids=["nobody answers", "no calls left"],
)
def test_it_is_taken_later_where_it_cannot_be_now(simulated, take, trouble, attempts):
    simulated.transport.troubles = [trouble]
    taken = take()
    assert taken.attempts == attempts
    assert simulated.services.now() < taken.next_attempt_at < simulated.services.now() + timedelta(hours=1)
    assert taken.taken_at is None


def test_who_takes_too_long_stores_no_end(simulated, take, log_entries):
    def overtaken():
        simulated.wait(minutes=5)
        with simulated.services.sessions.begin() as session:
            census_id = censuses.of(session, simulated.alice).id
        assert take_census(simulated.services, census_id)

    simulated.transport.troubles = [Passing(overtaken)]
    assert take().attempts == 0
    assert "census.overtaken" in [entry["event"] for entry in log_entries]
