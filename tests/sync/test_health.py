"""How well we are told of an installation: for its Setup page, and for one repository."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import inbox, quota, reconciles, repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.inbox import DeliveryState
from models.quota import Purpose
from models.reconciles import Drift, Stage
from models.repositories import RepositoryFacts
from sync.health import STALE_AFTER, health_of
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, receive, repository_body

HOUR = timedelta(hours=1)


@pytest.fixture
def herons(services, alice):
    """Two repositories of Alice's."""
    with services.sessions.begin() as session:
        return [held(session, alice, uuid) for uuid in (ALICE_REPOSITORY, ALICE_OTHER_REPOSITORY)]


def held(session, installation, uuid):
    facts = RepositoryFacts(uuid, workspace_uuid=ALICE_WORKSPACE)
    row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    session.flush()
    reconciles.plan(session, row, at=NOON + HOUR)
    return row


def look(services, installation, *, now=NOON, **about):
    with services.readers() as session:
        return health_of(session, installation, now=now, calls_per_hour=700, **about)


def deliver(services, installation, *, number, at, uuid=ALICE_REPOSITORY):
    with services.sessions.begin() as session:
        return receive(session, installation, number=number, now=at, repository=repository_body(uuid))


def finish(services, delivery_id, state, *, error=None):
    with services.sessions.begin() as session:
        row = session.get(inbox.Delivery, delivery_id)
        row.state, row.error, row.processed_at = state, error, NOON


def test_an_installation_of_which_nothing_is_known_is_quiet(services, alice):
    health = look(services, alice)
    assert (health.last_event_at, health.events_last_hour, health.open_questions) == (None, 0, 0)
    assert health.is_quiet(NOON)
    assert (health.comparison.finished_at, health.comparison.drift, health.counted_at) == (None, 0, None)
    assert health.calls.left == 700


def test_events_are_counted_by_the_hour_and_by_what_became_of_them(services, alice, charlie, herons):
    for number, minutes in enumerate((5, 30, 90), start=1):
        deliver(services, alice, number=number, at=NOON - timedelta(minutes=minutes))
    finish(services, deliver(services, alice, number=4, at=NOON - 2 * HOUR), DeliveryState.DONE)
    deliver(services, alice, number=5, at=NOON - timedelta(days=2))
    deliver(services, charlie, number=6, at=NOON)
    health = look(services, alice)
    assert health.last_event_at == NOON - timedelta(minutes=5)
    assert (health.events_last_hour, health.events_last_day) == (2, 4)
    assert (health.deliveries[DeliveryState.PENDING], health.deliveries[DeliveryState.DONE]) == (3, 1)
    assert not health.is_quiet(NOON)
    assert health.is_quiet(NOON + STALE_AFTER)


def test_dead_letters_are_shown_with_their_error_however_old(services, alice, herons):
    old = deliver(services, alice, number=1, at=NOON - timedelta(days=9))
    finish(services, old, DeliveryState.DEAD, error="It cannot be read.")
    health = look(services, alice)
    assert [(letter.id, letter.error, letter.event_key) for letter in health.dead_letters] == [
        (old, "It cannot be read.", "repo:push")
    ]
    assert health.deliveries[DeliveryState.DEAD] == 1


def test_one_repository_has_its_own(services, alice, herons):
    heron, crane = herons
    deliver(services, alice, number=1, at=NOON - HOUR)
    letter = deliver(services, alice, number=2, at=NOON, uuid=ALICE_OTHER_REPOSITORY)
    finish(services, letter, DeliveryState.DEAD, error="No.")
    with services.sessions.begin() as session:
        follow_ups.mark(session, heron, FollowUpKind.TASKS, ["1", "2"], now=NOON, delay=timedelta())
    ours, other = look(services, alice, repository=heron), look(services, alice, repository=crane)
    assert (ours.last_event_at, other.last_event_at) == (NOON - HOUR, NOON)
    assert (ours.dead_letters, len(other.dead_letters)) == ([], 1)
    assert (ours.open_questions, other.open_questions) == (2, 0)
    assert look(services, alice).open_questions == 2


def test_comparisons_are_added_up(services, alice, herons):
    found = ({Drift.REF: 2}, {Drift.REF: 1, Drift.BUILD: 4})
    for row, some in zip(herons, found, strict=True):
        with services.sessions.begin() as session:
            reconciles.note(session, row, some)
            reconciles.count_call(session, row.id)
    health = look(services, alice)
    assert health.comparison.found == {Drift.REF: 3, Drift.BUILD: 4}
    assert (health.comparison.drift, health.comparison.found_ever, health.comparison.calls) == (7, 7, 2)
    assert look(services, alice, repository=herons[0]).comparison.found == {Drift.REF: 2}


def test_all_were_compared_when_the_last_of_them_was(services, alice, herons):
    for row, hours in zip(herons, (1, 5), strict=True):
        with services.sessions.begin() as session:
            compared = reconciles.of(session, row)
            compared.finished_at = NOON - hours * HOUR
    assert look(services, alice).comparison.finished_at == NOON - 5 * HOUR
    with services.sessions.begin() as session:
        compared = reconciles.of(session, herons[0])
        compared.finished_at, compared.stage, compared.error = None, Stage.REFS, "Gone."
    comparison = look(services, alice).comparison
    assert (comparison.finished_at, comparison.is_under_way, comparison.errors) == (None, True, ["Gone."])


def test_the_calls_of_the_hour_are_the_installations(services, alice, herons):
    with services.sessions.begin() as session:
        quota.charge(session, alice.id, purpose=Purpose.EVENTS, limit=700, now=NOON)
    assert look(services, alice, repository=herons[1]).calls.left == 699
