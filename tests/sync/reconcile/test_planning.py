"""Planning: everything that is the installation's gets its hour, once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from insights.settings import WorkspaceSettings
from models import censuses, collecting, reconciles, repositories, workspace_settings
from models.repositories import RepositoryFacts
from sync.reconcile.planning import plan_missing
from tests.sync.conftest import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, ALICE_WORKSPACE, BOB, NOON

ZONE = "Asia/Tokyo"


def held(services, installation, uuid=ALICE_REPOSITORY):
    with services.sessions.begin() as session:
        facts = RepositoryFacts(uuid, workspace_uuid=ALICE_WORKSPACE)
        row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    return row


def test_each_repository_and_each_workspace_gets_an_hour_of_its_own_night(services, alice):
    row = held(services, alice)
    with services.sessions.begin() as session:
        workspace_settings.write(session, alice, WorkspaceSettings(time_zone=ZONE), by_uuid=BOB, now=NOON)
    assert plan_missing(services) == 2
    with services.readers() as session:
        for planned in (reconciles.of(session, row), censuses.of(session, alice)):
            at = planned.next_attempt_at.astimezone(ZoneInfo(ZONE))
            assert NOON < at < NOON + timedelta(days=1)
            assert 1 <= at.hour < 5


def test_what_is_planned_is_not_planned_again(services, alice):
    held(services, alice)
    plan_missing(services)
    assert plan_missing(services) == 0


def test_a_new_repository_is_planned_when_it_appears(services, alice):
    plan_missing(services)
    held(services, alice, ALICE_OTHER_REPOSITORY)
    assert plan_missing(services) == 1


def test_what_an_administrator_stopped_is_not_compared(services, alice):
    row = held(services, alice)
    with services.sessions.begin() as session:
        collecting.stop(session, alice, ALICE_REPOSITORY, by_uuid=BOB, now=NOON)
    plan_missing(services)
    with services.readers() as session:
        assert reconciles.of(session, row) is None


def test_nothing_is_planned_for_who_is_not_proved(services, pending):
    assert plan_missing(services) == 0
