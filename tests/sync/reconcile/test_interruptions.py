"""Comparisons that are interrupted: by failures, quotas, kills, uninstalls, and by what is gone meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed
from bitbucket.messages import Headers, Response
from models import installations, reconciles, repositories
from models.history import follow_ups, pull_requests
from models.reconciles import Stage
from models.repositories import RepositoryState
from simulator.world import actions
from sync.ending import end_work_of
from sync.reconcile import repository as comparing
from sync.reconcile.repository import compare
from sync.retry import LONG_PAUSE
from tests.sync.history.telling import RECEIVED
from tests.sync.reconcile.comparing import LOST, act, row_of, version_of
from tests.sync.simulated import Passing
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY


class TestInterruptions:
    @pytest.fixture
    def due(self, simulated, heron):
        with simulated.services.sessions.begin() as session:
            row = simulated.held(session)
            reconciles.hasten(session, row, now=simulated.services.now())
            return reconciles.of(session, row).id

    def test_it_goes_on_with_the_page_that_failed(self, simulated, heron, due):
        simulated.transport.troubles = [Passing(), ConnectionFailed("gone")]
        before = len(simulated.transport.sent)
        assert not compare(simulated.services, due)
        assert (row_of(simulated).stage, row_of(simulated).attempts) == (Stage.REFS, 1)
        assert row_of(simulated).error == "gone"
        assert not compare(simulated.services, due)  # not before its time
        simulated.wait(minutes=30)
        assert not compare(simulated.services, due)
        assert row_of(simulated).stage is Stage.WAITING
        assert row_of(simulated).error is None
        listed = [sent for sent in simulated.transport.sent[before:] if sent.endswith("/pullrequests")]
        assert len(listed) == 1

    def test_what_fails_again_and_again_is_left_alone_for_hours(self, simulated, heron, due):
        """As where the app was never given a scope."""
        for _ in range(comparing.MOST_ATTEMPTS):
            simulated.transport.troubles = [Response(403, Headers({}), b"")]
            simulated.wait(hours=1)
            compare(simulated.services, due)
        assert row_of(simulated).next_attempt_at - simulated.services.now() == LONG_PAUSE

    def test_a_used_up_quota_is_waited_for_and_is_no_failure(self, simulated, heron, due):
        simulated.transport.troubles = [Response(429, Headers({}), b"Rate limit for this resource has been exceeded")]
        assert not compare(simulated.services, due)
        row = row_of(simulated)
        assert (row.stage, row.attempts, row.error) == (Stage.PULL_REQUESTS, 0, None)
        assert row.next_attempt_at > simulated.services.now()
        simulated.wait(hours=1)
        compare(simulated.services, due)
        assert row_of(simulated).stage is Stage.WAITING

    def test_a_killed_workers_comparison_is_taken_up_by_another(self, simulated, heron, due):
        services = simulated.services
        with services.sessions.begin() as session:
            reconciles.claim(session, due, now=services.now(), lease=timedelta(seconds=30))
        assert not compare(services, due)
        assert row_of(simulated).stage is Stage.PULL_REQUESTS
        simulated.wait(seconds=31)
        compare(services, due)
        assert row_of(simulated).stage is Stage.WAITING

    def test_an_uninstall_in_the_middle_stores_nothing_and_calls_nobody(self, simulated, heron, due):
        story = simulated.story
        actions.push_commit(story.world, heron, actor=story.people[0], branch="main", message="x", files={"a": "2"})

        def uninstalled():
            with simulated.services.sessions.begin() as session:
                row = installations.lock(session, ALICE_KEY)
                now = simulated.services.now()
                installations.mark_uninstalled(row, issued_at=2_000, now=now, retention=timedelta(days=30))
                end_work_of(session, row, now=now)

        simulated.transport.troubles = [Passing(uninstalled)]
        before = len(simulated.transport.sent)
        version = version_of(simulated)
        assert not compare(simulated.services, due)
        assert len(simulated.transport.sent) - before == 1
        assert version_of(simulated) == version
        with simulated.services.readers() as session:
            assert reconciles.due(session, now=RECEIVED, at_most=9) == []
            assert follow_ups.due(session, now=RECEIVED, at_most=9) == []

    def test_a_repository_that_is_gone_is_let_go_of(self, simulated, heron, due):
        act(simulated, actions.delete_repository, heron)
        simulated.deliver(**LOST)
        simulated.wait(minutes=10)
        assert not compare(simulated.services, due)
        with simulated.services.readers() as session:
            assert repositories.find(session, simulated.alice, ALICE_REPOSITORY) is None
            row = repositories.find_any(session, simulated.alice, ALICE_REPOSITORY)
            assert row.state is RepositoryState.GONE
            assert pull_requests.held(session, row, {1})  # kept, in case that it comes back
            assert reconciles.due(session, now=RECEIVED, at_most=9) == []

    def test_after_some_pages_others_have_their_turn(self, simulated, heron, due, monkeypatch):
        monkeypatch.setattr(comparing, "PAGES_AT_ONCE", 1)
        assert compare(simulated.services, due)
        assert simulated.doorbell.rung[-1] == ("reconcile", due)
        assert compare(simulated.services, due)
        assert not compare(simulated.services, due)
        assert row_of(simulated).stage is Stage.WAITING

    def test_a_page_that_bitbucket_does_not_know_any_more_is_no_dead_end(self, simulated, heron, due):
        simulated.transport.troubles = [
            Passing(),
            Response(400, Headers({"Content-Type": "application/json"}), b'{"error": {"message": "Invalid page"}}'),
        ]
        compare(simulated.services, due)
        assert (row_of(simulated).stage, row_of(simulated).cursor) == (Stage.REFS, None)
        simulated.wait(hours=1)
        compare(simulated.services, due)
        assert row_of(simulated).stage is Stage.WAITING
