"""The end of an installation or of a repository: whoever is at work loses it, and what was missed is compared first afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import censuses, reconciles, repositories
from models.errors import LeaseLost
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.reconciles import Stage
from models.repositories import RepositoryFacts
from sync.deliveries import apply_next
from sync.ending import end_work_of, end_work_on
from sync.reconcile.planning import plan_missing
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, receive, uninstall

LEASE = timedelta(seconds=30)


@pytest.fixture
def heron(services, alice):
    with services.sessions.begin() as session:
        facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE)
        row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
        follow_ups.mark(session, row, FollowUpKind.TASKS, ["1"], now=NOON, delay=timedelta())
    plan_missing(services)
    return row


@pytest.fixture
def at_work(services, alice, heron):
    """A question, a comparison and a census that somebody is at."""
    with services.sessions.begin() as session:
        reconciles.hasten(session, heron, now=NOON)
        censuses.hasten(session, alice, at=NOON)
        question = follow_ups.claim(session, follow_ups.due(session, now=NOON, at_most=1)[0], now=NOON, lease=LEASE)
        comparison = reconciles.claim(session, reconciles.of(session, heron).id, now=NOON, lease=LEASE)
        census = censuses.claim(session, censuses.of(session, alice).id, now=NOON, lease=LEASE)
    return question, comparison, census


def test_an_uninstall_takes_all_work_away(services, alice, at_work):
    question, comparison, census = at_work
    with services.sessions.begin() as session:
        end_work_of(session, uninstall(session, ALICE_KEY), now=NOON)
    for keep, claimed in (
        (follow_ups.keep, question),
        (reconciles.keep, comparison),
        (censuses.keep, census),
    ):
        with pytest.raises(LeaseLost), services.sessions.begin() as session:
            keep(session, claimed, until=NOON + LEASE)


def test_nothing_is_due_while_the_app_is_not_installed(services, alice, heron, at_work):
    with services.sessions.begin() as session:
        end_work_of(session, uninstall(session, ALICE_KEY), now=NOON)
    later = NOON + timedelta(days=9)
    with services.readers() as session:
        assert [table.due(session, now=later, at_most=9) for table in (follow_ups, reconciles, censuses)] == [
            [],
            [],
            [],
        ]


def test_what_was_missed_is_compared_first_when_it_is_installed_again(services, alice, heron, at_work):
    """And the old history, with its open questions, is there."""
    with services.sessions.begin() as session:
        row = uninstall(session, ALICE_KEY)
        end_work_of(session, row, now=NOON)
        row.state = "active"
    later = NOON + timedelta(seconds=1)
    with services.readers() as session:
        assert len(follow_ups.due(session, now=later, at_most=9)) == 1
        (comparison,) = reconciles.due(session, now=later, at_most=9)
        assert len(censuses.due(session, now=later, at_most=9)) == 1
        assert session.get(reconciles.Reconcile, comparison).stage is Stage.WAITING


def test_a_repository_that_is_gone_keeps_nobody_busy(services, alice, heron, at_work):
    question, comparison, census = at_work
    with services.sessions.begin() as session:
        row = repositories.locked(session, alice, ALICE_REPOSITORY)
        end_work_on(session, row, now=NOON)
    with pytest.raises(LeaseLost), services.sessions.begin() as session:
        follow_ups.keep(session, question, until=NOON + LEASE)
    with pytest.raises(LeaseLost), services.sessions.begin() as session:
        reconciles.keep(session, comparison, until=NOON + LEASE)
    with services.sessions.begin() as session:
        censuses.keep(session, census, until=NOON + LEASE)  # the workspace is still there


def test_the_event_of_its_end_ends_the_work_on_it(services, alice, heron, at_work, clock):
    clock.advance(minutes=1)
    with services.sessions.begin() as session:
        delivery_id = receive(session, alice, event_key="repo:deleted", now=clock.time)
    assert apply_next(services, delivery_id)
    with pytest.raises(LeaseLost), services.sessions.begin() as session:
        reconciles.keep(session, at_work[1], until=clock.time + LEASE)
    with services.readers() as session:
        row = repositories.find_any(session, alice, ALICE_REPOSITORY)
        assert row.gone_at == clock.time
