"""Comparisons as rows: claimed, gone on with, given back, counted, and never two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import collecting, reconciles, repositories
from models.errors import LeaseLost
from models.reconciles import Drift, Reconcile, Stage
from models.repositories import RepositoryFacts
from tests.tenants import (
    ALICE_OTHER_REPOSITORY,
    ALICE_REPOSITORY,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_REPOSITORY,
    CHARLIE_WORKSPACE,
    NOON,
)

LEASE = timedelta(seconds=30)
HOUR = timedelta(hours=1)


def held(session, installation, uuid=ALICE_REPOSITORY, workspace=ALICE_WORKSPACE):
    facts = RepositoryFacts(uuid, workspace_uuid=workspace)
    row, _ = repositories.record(session, installation, facts, as_of=NOON, now=NOON)
    session.flush()
    return row


@pytest.fixture
def heron(session, alice):
    return held(session, alice)


@pytest.fixture
def planned(session, heron):
    """The comparison of Alice's repository, due at noon. Its row id."""
    reconciles.plan(session, heron, at=NOON)
    return reconciles.of(session, heron).id


def claim(session, row_id, *, now=NOON):
    return reconciles.claim(session, row_id, now=now, lease=LEASE)


class TestPlanning:
    def test_a_repository_without_one_is_named(self, session, heron):
        assert reconciles.unplanned(session, at_most=9) == [heron]
        reconciles.plan(session, heron, at=NOON)
        assert reconciles.unplanned(session, at_most=9) == []

    @pytest.mark.parametrize("uuid", [ALICE_REPOSITORY, None], ids=["the repository", "the workspace"])
    def test_what_an_administrator_stopped_is_not(self, session, alice, heron, uuid):
        collecting.stop(session, alice, uuid, by_uuid=BOB, now=NOON)
        assert reconciles.unplanned(session, at_most=9) == []

    def test_what_is_planned_stays_when_it_was(self, session, heron, planned):
        reconciles.plan(session, heron, at=NOON + HOUR)
        assert reconciles.of(session, heron).next_attempt_at == NOON

    def test_one_can_be_wished_for_now_whether_it_was_planned_or_not(self, session, heron):
        reconciles.hasten(session, heron, now=NOON)
        assert reconciles.of(session, heron).next_attempt_at == NOON
        reconciles.hasten(session, heron, now=NOON + HOUR)
        assert reconciles.of(session, heron).next_attempt_at == NOON + HOUR

    def test_one_of_everything_begins_anew(self, session, heron, planned):
        claimed = claim(session, planned)
        reconciles.turn_page(session, claimed, cursor="https://api.bitbucket.org/2.0/next")
        reconciles.hasten(session, heron, now=NOON, is_whole=True)
        with pytest.raises(LeaseLost):
            reconciles.hold(session, claimed)
        again = claim(session, planned)
        assert (again.stage, again.cursor, again.is_whole) == (Stage.PULL_REQUESTS, None, True)


class TestClaims:
    def test_it_begins_at_the_first_stage_and_looks_back_to_when_we_first_saw_it(self, session, planned):
        claimed = claim(session, planned, now=NOON + HOUR)
        assert (claimed.stage, claimed.cursor, claimed.is_first) == (Stage.PULL_REQUESTS, None, True)
        assert (claimed.started_at, claimed.compared_until) == (NOON + HOUR, NOON)

    def test_or_to_the_installation_where_that_was_before(self, session, alice, planned):
        """What happened in between was told to us, and got lost."""
        alice.installed_at = NOON - HOUR
        session.flush()
        claimed = claim(session, planned)
        assert (claimed.compared_until, claimed.watched_since) == (NOON - HOUR, NOON - HOUR)

    def test_nobody_claims_it_twice(self, session, planned):
        assert claim(session, planned) is not None
        assert claim(session, planned) is None

    def test_not_before_its_time(self, session, planned):
        assert claim(session, planned, now=NOON - timedelta(seconds=1)) is None

    def test_when_the_lease_is_over_another_goes_on_where_it_was(self, session, planned):
        first = claim(session, planned)
        reconciles.enter(session, first, Stage.REFS, now=NOON)
        reconciles.turn_page(session, first, cursor="page 2")
        second = claim(session, planned, now=NOON + LEASE)
        assert (second.stage, second.cursor, second.started_at) == (Stage.REFS, "page 2", NOON)
        for write in (
            lambda: reconciles.turn_page(session, first, cursor="page 3"),
            lambda: reconciles.finish(session, first, now=NOON, next_at=NOON),
            lambda: reconciles.fail(session, first, error="", retry_at=NOON),
            lambda: reconciles.keep(session, first, until=NOON),
        ):
            with pytest.raises(LeaseLost):
                write()

    def test_each_call_renews_the_lease_and_is_counted(self, session, planned):
        claimed = claim(session, planned)
        reconciles.keep(session, claimed, until=NOON + HOUR)
        assert claim(session, planned, now=NOON + LEASE) is None
        assert session.get(Reconcile, planned, populate_existing=True).calls == 1

    def test_the_next_one_looks_back_to_when_this_one_began(self, session, heron, planned):
        reconciles.finish(session, claim(session, planned), now=NOON + HOUR, next_at=NOON + 2 * HOUR)
        row = reconciles.of(session, heron)
        assert (row.stage, row.finished_at, row.compared_until) == (Stage.WAITING, NOON + HOUR, NOON)
        claimed = claim(session, planned, now=NOON + 2 * HOUR)
        assert (claimed.compared_until, claimed.is_first) == (NOON, False)

    def test_one_that_did_not_come_to_its_end_leaves_the_look_back_as_it_was(self, session, heron, planned):
        reconciles.fail(session, claim(session, planned), error="No.", retry_at=NOON + HOUR)
        row = reconciles.of(session, heron)
        assert (row.compared_until, row.attempts, row.error) == (None, 1, "No.")
        assert claim(session, planned, now=NOON + HOUR).attempts == 1

    def test_a_pause_is_no_failure(self, session, heron, planned):
        reconciles.pause(session, claim(session, planned), until=NOON + HOUR)
        assert reconciles.of(session, heron).attempts == 0

    def test_a_stage_that_starts_over_forgets_its_page(self, session, heron, planned):
        claimed = claim(session, planned)
        reconciles.turn_page(session, claimed, cursor="page 2")
        reconciles.fail(session, claimed, error="Invalid page", retry_at=NOON, starts_over=True)
        assert reconciles.of(session, heron).cursor is None


class TestTurns:
    def test_they_go_around_the_installations(self, session, alice, charlie):
        ours = [held(session, alice), held(session, alice, ALICE_OTHER_REPOSITORY)]
        theirs = held(session, charlie, CHARLIE_REPOSITORY, CHARLIE_WORKSPACE)
        for seconds, row in enumerate((*ours, theirs)):
            reconciles.plan(session, row, at=NOON + timedelta(seconds=seconds))
        due = reconciles.due(session, now=NOON + HOUR, at_most=9)
        order = [session.get(Reconcile, row_id).repository_id for row_id in due]
        assert order == [ours[0].id, theirs.id, ours[1].id]
        assert reconciles.due(session, now=NOON + HOUR, at_most=1) == due[:1]

    def test_what_is_gone_has_no_turn(self, session, alice, heron, planned):
        assert reconciles.due(session, now=NOON, at_most=9) == [planned]
        repositories.let_go(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
        session.flush()
        assert reconciles.due(session, now=NOON, at_most=9) == []


class TestFindings:
    def test_they_add_up_over_one_comparison_and_for_ever(self, session, heron, planned):
        reconciles.note(session, heron, {Drift.REF: 2, Drift.BUILD: 0})
        reconciles.note(session, heron, {Drift.REF: 1, Drift.COMMIT: 5})
        row = reconciles.of(session, heron)
        assert (row.found(), row.drift_total) == ({Drift.REF: 3, Drift.COMMIT: 5}, 8)

    def test_the_next_comparison_counts_from_nothing(self, session, heron, planned):
        reconciles.note(session, heron, {Drift.REF: 2})
        reconciles.count_call(session, heron.id)
        claim(session, planned)
        session.flush()
        row = reconciles.of(session, heron)
        assert (row.found(), row.calls, row.drift_total) == ({}, 0, 2)

    def test_going_on_does_not(self, session, heron, planned):
        reconciles.pause(session, claim(session, planned), until=NOON)
        reconciles.note(session, heron, {Drift.REF: 2})
        claim(session, planned)
        assert reconciles.of(session, heron).found() == {Drift.REF: 2}

    def test_where_nothing_is_planned_nothing_is_noted(self, session, heron):
        reconciles.note(session, heron, {Drift.REF: 2})
        assert reconciles.of(session, heron) is None

    def test_those_of_an_installation_are_its_own(self, session, alice, charlie, heron, planned):
        assert [row.id for row in reconciles.of_installation(session, alice)] == [planned]
        assert reconciles.of_installation(session, charlie) == []
