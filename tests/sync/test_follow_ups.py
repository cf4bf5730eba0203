"""Answering what events could not tell: everything that can come in between a question and the end of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed
from bitbucket.messages import Headers, Response
from models import collecting, inbox, installations, quota, repositories
from models.history import follow_ups
from models.history.follow_ups import FollowUpKind
from models.quota import Purpose
from models.repositories import RepositoryState
from simulator.app import simulator_of
from simulator.connect.installations import Installation
from simulator.world import actions
from sync import follow_ups as answering
from sync.ending import end_work_of
from sync.follow_ups import MOST_ATTEMPTS, answer
from tests.sync.asking import ask, facts_of, with_one_pull_request
from tests.sync.simulated import Passing
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, BOB

NOWHERE = "0" * 40


@pytest.fixture
def heron(simulated):
    return with_one_pull_request(simulated)


def next_attempt(simulated, row_id):
    with simulated.services.readers() as session:
        row = session.get(follow_ups.FollowUp, row_id)
        return None if row is None else row.next_attempt_at


def attempts(simulated, row_id):
    with simulated.services.readers() as session:
        return session.get(follow_ups.FollowUp, row_id).attempts


class TestWhatComesInBetween:
    @pytest.fixture
    def question(self, simulated, heron):
        return ask(simulated, FollowUpKind.TASKS, "1")

    def test_a_mark_that_arrives_while_it_is_asked_outlives_the_answer(self, simulated, question):
        simulated.transport.troubles = [Passing(lambda: (simulated.wait(seconds=1), ask_again(simulated)))]
        assert answer(simulated.services, question)
        assert simulated.pending() == [(FollowUpKind.TASKS, "1")]
        assert answer(simulated.services, question)
        assert simulated.pending() == []

    def test_nobody_else_asks_what_is_being_asked(self, simulated, question):
        asked = []
        simulated.transport.troubles = [Passing(lambda: asked.append(answer(simulated.services, question)))]
        assert answer(simulated.services, question)
        assert asked == [False]

    def test_who_takes_too_long_stores_nothing(self, simulated, heron, question, log_entries):
        def overtaken():
            simulated.wait(minutes=5)
            assert answer(simulated.services, question)

        simulated.transport.troubles = [Passing(overtaken)]
        assert answer(simulated.services, question)
        assert simulated.pending() == []
        assert "follow_up.overtaken" in [entry["event"] for entry in log_entries]

    def test_an_uninstall_stores_nothing_and_leaves_the_question_for_when_the_app_is_back(
        self, simulated, heron, question
    ):
        story = simulated.story
        actions.add_task(story.world, heron.pull_requests[1], actor=story.people[1], text="Mend it")
        simulated.transport.troubles = [Passing(lambda: uninstall(simulated))]
        assert answer(simulated.services, question)
        assert facts_of(simulated).tasks == ()
        with simulated.services.readers() as session:
            assert follow_ups.due(session, now=simulated.services.now() + timedelta(days=1), at_most=9) == []
        before = len(simulated.transport.sent)
        assert answer(simulated.services, question)
        assert len(simulated.transport.sent) == before  # nothing is called for an installation that has ended
        with simulated.services.sessions.begin() as session:
            installations.lock(session, ALICE_KEY).state = "active"
        assert answer(simulated.services, question)
        assert len(facts_of(simulated).tasks) == 1

    def test_a_failure_is_tried_again_later(self, simulated, question):
        simulated.transport.troubles = [ConnectionFailed("gone")]
        assert answer(simulated.services, question)
        assert next_attempt(simulated, question) > simulated.services.now()
        assert not answer(simulated.services, question)
        simulated.wait(minutes=5)
        assert answer(simulated.services, question)
        assert simulated.pending() == []

    def test_after_eight_failures_it_is_left_to_the_nightly_comparison(self, simulated, question, log_entries):
        for _ in range(MOST_ATTEMPTS):
            # A diff that is too large over there says nothing about other calls, and is never answered.
            simulated.transport.troubles = [Response(555, Headers({}), b"")]
            simulated.wait(hours=1)
            assert answer(simulated.services, question)
        assert simulated.pending() == []
        assert log_entries[-1]["event"] == "follow_up.given_up"

    def test_a_used_up_quota_is_no_attempt(self, simulated, question):
        simulated.transport.troubles = [Response(429, Headers({}), b"Rate limit for this resource has been exceeded")]
        answer(simulated.services, question)
        assert attempts(simulated, question) == 0
        before = len(simulated.transport.sent)
        other = ask(simulated, FollowUpKind.ACTIVITY, "1")
        answer(simulated.services, other)  # kept back without a call
        assert len(simulated.transport.sent) == before
        assert attempts(simulated, other) == 0
        assert next_attempt(simulated, other) > simulated.services.now()

    def test_what_cannot_be_understood_is_one_questions_trouble(self, simulated, question, log_entries):
        simulated.transport.troubles = [Response(200, Headers({"Content-Type": "text/html"}), b"<html>")]
        assert answer(simulated.services, question)
        assert next_attempt(simulated, question) > simulated.services.now()
        assert log_entries[-1] | {"event": "follow_up.failed", "reason": "out.bad_type"} == log_entries[-1]

    def test_a_secret_that_is_refused_is_remembered(self, simulated, question):
        simulator_of(simulated.app).installations.put(
            Installation(client_key=ALICE_KEY, app_key="bittern", principal_uuid=ALICE_WORKSPACE, secret="x" * 40)
        )
        simulated.services.bearer_tokens.forget(ALICE_KEY)
        assert answer(simulated.services, question)
        with simulated.services.readers() as session:
            assert installations.by_client_key(session, ALICE_KEY).credentials_refused_at is not None

    def test_an_administrator_who_stopped_collecting_is_heeded(self, simulated, question):
        with simulated.services.sessions.begin() as session:
            collecting.stop(session, simulated.alice, ALICE_REPOSITORY, by_uuid=BOB, now=simulated.services.now())
        before = len(simulated.transport.sent)
        assert answer(simulated.services, question)
        assert len(simulated.transport.sent) == before
        assert simulated.pending() == []

    def test_what_is_not_there_ends_the_question_and_not_the_repository(self, simulated, heron, log_entries):
        assert answer(simulated.services, ask(simulated, FollowUpKind.BUILDS, NOWHERE))
        assert simulated.pending() == []
        assert log_entries[-1]["event"] == "follow_up.absent"
        with simulated.services.readers() as session:
            assert simulated.held(session) is not None

    def test_where_the_repository_is_not_there_it_is_let_go(self, simulated, heron, question, log_entries):
        story = simulated.story
        simulated.wait(minutes=1)
        actions.delete_repository(story.world, heron, actor=story.people[0])
        assert answer(simulated.services, question)
        with simulated.services.readers() as session:
            row = repositories.find_any(session, simulated.alice, ALICE_REPOSITORY)
            assert (row.state, row.gone_at) == (RepositoryState.GONE, simulated.services.now())
        (gone,) = [entry for entry in log_entries if entry["event"] == "repository.gone"]
        assert gone["reason"] == "out.not_found"

    def test_a_row_that_is_there_no_more_is_not_answered(self, simulated, heron, question):
        assert answer(simulated.services, question)
        assert not answer(simulated.services, question)


def ask_again(simulated):
    return ask(simulated, FollowUpKind.TASKS, "1")


def uninstall(simulated):
    with simulated.services.sessions.begin() as session:
        row = installations.lock(session, ALICE_KEY)
        now = simulated.services.now()
        installations.mark_uninstalled(row, issued_at=2_000, now=now, retention=timedelta(days=30))
        end_work_of(session, row, now=now)


class TestTheQuota:
    @pytest.mark.parametrize(("is_routine", "purpose"), [(False, Purpose.EVENTS), (True, Purpose.RECONCILE)])
    def test_a_question_is_charged_to_what_has_asked(self, simulated, heron, is_routine, purpose):
        question = ask(simulated, FollowUpKind.TASKS, "1", is_routine=is_routine)
        before = used(simulated)
        answer(simulated.services, question)
        assert used(simulated)[purpose] - before[purpose] == 1

    def test_an_event_that_asks_the_same_makes_it_its_own(self, simulated, heron):
        question = ask(simulated, FollowUpKind.TASKS, "1", is_routine=True)
        assert ask(simulated, FollowUpKind.TASKS, "1") == question
        assert ask(simulated, FollowUpKind.TASKS, "1", is_routine=True) == question
        before = used(simulated)
        answer(simulated.services, question)
        assert used(simulated)[Purpose.EVENTS] - before[Purpose.EVENTS] == 1


def used(simulated):
    with simulated.services.readers() as session:
        return quota.usage(session, simulated.alice, limit=700, now=simulated.services.now()).by_purpose


def test_turns_go_around_the_installations_and_events_come_before_routine(simulated, heron, monkeypatch):
    """One workspace's thousand questions do not keep another's waiting."""
    services = simulated.services
    with services.sessions.begin() as session:
        ours = repositories.find_any(session, simulated.alice, ALICE_REPOSITORY)
        follow_ups.mark(
            session,
            ours,
            FollowUpKind.BUILDS,
            [f"{n:040}" for n in range(30)],
            now=services.now(),
            delay=timedelta(),
            is_routine=True,
        )
        follow_ups.mark(session, ours, FollowUpKind.TASKS, ["1"], now=services.now(), delay=timedelta())
        charlie = other_tenant(session, services)
        follow_ups.mark(
            session,
            charlie,
            FollowUpKind.TASKS,
            ["5", "6"],
            now=services.now() + timedelta(seconds=1),
            delay=timedelta(),
        )
    simulated.wait(seconds=5)
    with services.readers() as session:
        due = follow_ups.due(session, now=services.now(), at_most=4)
        first = [session.get(follow_ups.FollowUp, row_id) for row_id in due]
    assert [(row.repository_id, row.kind) for row in first] == [
        (ours.id, FollowUpKind.TASKS),
        (charlie.id, FollowUpKind.TASKS),
        (charlie.id, FollowUpKind.TASKS),
        (ours.id, FollowUpKind.BUILDS),
    ]


def other_tenant(session, services):
    from models.repositories import RepositoryFacts
    from tests.tenants import CHARLIE_REPOSITORY, CHARLIE_WORKSPACE, charlie_offer, install

    charlie = install(session, charlie_offer(), box=services.secret_box, now=services.now())
    facts = RepositoryFacts(CHARLIE_REPOSITORY, workspace_uuid=CHARLIE_WORKSPACE)
    row, _ = repositories.record(session, charlie, facts, as_of=services.now(), now=services.now())
    session.flush()
    return row


def test_the_lease_is_longer_than_a_call_may_take(simulated):
    assert answering.lease_for(simulated.services).total_seconds() > simulated.services.settings.api_timeout_seconds
    assert inbox.MAX_ATTEMPTS < MOST_ATTEMPTS
