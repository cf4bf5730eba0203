"""Questions as rows: marked, claimed, answered, given back; those of events before those of the nightly comparison."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import repositories
from models.errors import LeaseLost
from models.history import follow_ups
from models.history.follow_ups import FollowUp, FollowUpKind
from models.repositories import RepositoryFacts
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, NOON, alice_offer, install, new_box, uninstall

LEASE = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
TASKS = FollowUpKind.TASKS


@pytest.fixture
def alice(session):
    return install(session, alice_offer(), box=new_box())


@pytest.fixture
def heron(session, alice):
    facts = RepositoryFacts(ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE)
    row, _ = repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    session.flush()
    return row


def mark(session, repository, *subjects, now=NOON, delay=timedelta(), **how):
    follow_ups.mark(session, repository, TASKS, subjects or ("1",), now=now, delay=delay, **how)


def claim(session, *, now=NOON):
    (row_id, *_) = follow_ups.due(session, now=now, at_most=1)
    return follow_ups.claim(session, row_id, now=now, lease=LEASE)


def only(session):
    (row,) = session.query(FollowUp).populate_existing().all()
    return row


def test_a_burst_of_marks_is_one_question_that_is_due_when_the_first_said(session, heron):
    for seconds in range(5):
        mark(session, heron, now=NOON + seconds * SECOND, delay=10 * SECOND)
    row = only(session)
    assert (row.next_attempt_at, row.marked_at) == (NOON + 10 * SECOND, NOON + 4 * SECOND)
    assert follow_ups.due(session, now=NOON + 9 * SECOND, at_most=9) == []


def test_it_is_asked_by_one_at_a_time(session, heron):
    mark(session, heron)
    claimed = claim(session)
    assert (claimed.kind, claimed.subject, claimed.attempts, claimed.is_routine) == (TASKS, "1", 1, False)
    assert follow_ups.claim(session, claimed.id, now=NOON, lease=LEASE) is None
    assert follow_ups.due(session, now=NOON, at_most=9) == []
    again = claim(session, now=NOON + LEASE)
    assert (again.id, again.attempts) == (claimed.id, 2)
    with pytest.raises(LeaseLost):
        follow_ups.finish(session, claimed, now=NOON)


def test_an_answer_ends_it_unless_it_was_marked_again_meanwhile(session, heron):
    mark(session, heron)
    claimed = claim(session)
    mark(session, heron, now=NOON + SECOND)
    follow_ups.finish(session, claimed, now=NOON + 2 * SECOND)
    row = only(session)
    assert (row.attempts, row.lease_owner, row.next_attempt_at) == (0, None, NOON + 2 * SECOND)
    follow_ups.finish(session, claim(session, now=NOON + 2 * SECOND), now=NOON)
    assert follow_ups.pending(session, heron) == []


def test_what_failed_comes_back_and_what_could_not_be_asked_has_not_failed(session, heron):
    mark(session, heron)
    follow_ups.fail(session, claim(session), retry_at=NOON + SECOND)
    assert only(session).attempts == 1
    follow_ups.postpone(session, claim(session, now=NOON + SECOND), until=NOON + 2 * SECOND)
    row = only(session)
    assert (row.attempts, row.next_attempt_at) == (1, NOON + 2 * SECOND)


def test_it_can_be_given_up(session, heron):
    mark(session, heron)
    claimed = claim(session)
    follow_ups.drop(session, claimed)
    assert follow_ups.count(session, heron) == 0
    with pytest.raises(LeaseLost):
        follow_ups.drop(session, claimed)


def test_a_call_renews_the_lease(session, heron):
    mark(session, heron)
    follow_ups.keep(session, claim(session), until=NOON + 3 * LEASE)
    assert follow_ups.due(session, now=NOON + 2 * LEASE, at_most=9) == []


def test_events_go_before_routine_however_long_that_has_waited(session, heron):
    mark(session, heron, "1", now=NOON - LEASE, is_routine=True)
    mark(session, heron, "2")
    assert claim(session).subject == "2"
    assert claim(session).subject == "1"


@pytest.mark.parametrize("first", [True, False])
def test_routine_is_what_no_event_has_asked(session, heron, first):
    mark(session, heron, is_routine=first)
    mark(session, heron, is_routine=not first)
    assert not only(session).is_routine
    assert (follow_ups.count(session, heron, is_routine=True), follow_ups.count(session, heron)) == (0, 1)


def test_they_are_counted_for_an_installation(session, alice, heron):
    mark(session, heron, "1", "2", "3")
    assert follow_ups.count_of(session, alice) == 3
    repositories.let_go(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
    session.flush()
    assert follow_ups.count_of(session, alice) == 0


def test_an_uninstall_takes_them_from_whoever_asks(session, alice, heron):
    mark(session, heron)
    claimed = claim(session)
    assert follow_ups.release_all(session, alice) == 1
    with pytest.raises(LeaseLost):
        follow_ups.keep(session, claimed, until=NOON)
    uninstall(session, ALICE_KEY)
    session.flush()
    assert follow_ups.due(session, now=NOON, at_most=9) == []


def test_those_about_one_repository_are_released_alone(session, heron):
    mark(session, heron)
    claim(session)
    assert follow_ups.release_of(session, heron) == 1
    assert follow_ups.due_about(session, heron, now=NOON, at_most=9) == follow_ups.due(session, now=NOON, at_most=9)
