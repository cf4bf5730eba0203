"""What changes in the settings is measured anew, and what changes in a pull request as it is written."""

import pytest

from bench.history import Shape, fill
from insights.pull_requests.measurement import measure
from insights.settings import WorkspaceSettings
from models import installations, repositories, workspace_settings
from models.history import measurements, measurings, people, pull_request_facts
from models.repositories import RepositoryFacts
from sync.history.measuring import yardstick_of
from sync.measuring import measure_anew
from sync.sweep import sweep
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, alice_offer, install

SOME = Shape(pull_requests=250, open=10)


@pytest.fixture
def heron(services):
    with services.sessions.begin() as session:
        alice = install(session, alice_offer(), box=services.secret_box)
        facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, main_branch="main")
        row, _ = repositories.record(session, alice, facts, as_of=services.now(), now=services.now())
        fill(session, row, SOME, now=services.now())
    return row


def set_to(services, settings):
    with services.sessions.begin() as session:
        alice = installations.by_client_key(session, ALICE_KEY)
        workspace_settings.write(session, alice, settings, by_uuid=None, now=services.now())


def held_and_true(session, heron):
    """What is kept, and what the facts give now."""
    from insights.pull_requests.context import context_of

    row = session.get_one(type(heron), heron.id)
    context = context_of(yardstick_of(session, row).settings, people.facts(session, row))
    numbers = range(1, SOME.pull_requests + 1)
    true = [measure(facts, context) for facts in pull_request_facts.some(session, row, numbers)]
    return sorted(measurements.some(session, row, numbers), key=lambda item: item.id), true


def test_what_is_written_is_measured(services, heron):
    with services.readers() as session:
        held, true = held_and_true(session, heron)

    assert held == true
    assert len(held) == SOME.pull_requests


def test_new_settings_measure_everything_anew_and_once(services, heron, doorbell):
    set_to(services, WorkspaceSettings(required_approvals=2, time_zone="Europe/Berlin"))

    assert sweep(services).outdated == 1
    assert ("measuring", heron.id) in doorbell.rung
    assert measure_anew(services, heron.id)

    with services.readers() as session:
        held, true = held_and_true(session, heron)
        version = session.get_one(type(heron), heron.id).version
    assert held == true
    assert version > heron.version
    assert not measure_anew(services, heron.id)
    assert sweep(services).outdated == 0


def test_settings_that_measure_nothing_leave_all_rows_as_they_are(services, heron):
    set_to(services, WorkspaceSettings(are_names_shown=True))

    assert measure_anew(services, heron.id)

    with services.readers() as session:
        assert session.get_one(type(heron), heron.id).version == heron.version
        assert list(measurings.due(session, now=services.now(), at_most=9)) == []


def test_a_worker_that_died_in_the_middle_is_followed_by_another(services, heron, clock):
    set_to(services, WorkspaceSettings(required_approvals=2))
    with services.sessions.begin() as session:
        from datetime import timedelta

        measurings.claim(session, heron.id, now=services.now(), lease=timedelta(seconds=30))

    assert not measure_anew(services, heron.id)
    clock.advance(seconds=31)
    assert measure_anew(services, heron.id)


def test_an_uninstalled_workspace_is_left_alone(services, heron):
    from tests.tenants import uninstall

    set_to(services, WorkspaceSettings(required_approvals=2))
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert not measure_anew(services, heron.id)
