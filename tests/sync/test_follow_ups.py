"""Answering what events could not tell: every kind of question, and everything that can come in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bitbucket.errors import ConnectionFailed
from bitbucket.messages import Headers, Response
from models import collecting, inbox, installations, quota, repositories
from models.history import follow_ups, pull_request_facts, pull_requests, refs, repository_facts
from models.history.follow_ups import FollowUpKind
from models.history.refs import RefKind
from models.quota import Purpose
from models.repositories import RepositoryState
from simulator.app import simulator_of
from simulator.connect.installations import Installation
from simulator.world import actions
from simulator.world.model import Deployment, Environment
from sync import follow_ups as answering
from sync.ending import end_work_of
from sync.follow_ups import MOST_ATTEMPTS, answer
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.sync.simulated import Passing, Simulated
from tests.tenants import ALICE_KEY, ALICE_REPOSITORY, ALICE_WORKSPACE, BOB

NOWHERE = "0" * 40


@pytest.fixture
def simulated(database_url):
    made = Simulated(database_url)
    yield made
    made.close()


@pytest.fixture
def heron(simulated):
    """The repository over there, with one open pull request that we know."""
    story = simulated.story
    ana, ben, *_ = story.people
    files = {"src/a.py": "1\n2\n", "src/b.py": "1\n"}
    actions.push_commit(story.world, story.repository, actor=ana, branch="topic", message="Begin", files=files)
    actions.open_pull_request(story.world, story.repository, author=ana, title="Topic", source="topic", reviewers=[ben])
    simulated.deliver()
    simulated.answer_all()
    return story.repository


def ask(simulated, kind, subject, *, is_routine=False):
    """Mark one question that is due at once. Returns its row id; None where it is being asked."""
    services = simulated.services
    with services.sessions.begin() as session:
        row = repositories.find_any(session, simulated.alice, ALICE_REPOSITORY)
        follow_ups.mark(session, row, kind, [subject], now=services.now(), delay=timedelta(), is_routine=is_routine)
    with services.readers() as session:
        due = follow_ups.due_about(session, row, now=services.now(), at_most=9)
    return due[-1] if due else None


def facts_of(simulated, number=1):
    with simulated.services.readers() as session:
        return pull_request_facts.one(session, simulated.held(session), number)


def next_attempt(simulated, row_id):
    with simulated.services.readers() as session:
        row = session.get(follow_ups.FollowUp, row_id)
        return None if row is None else row.next_attempt_at


def attempts(simulated, row_id):
    with simulated.services.readers() as session:
        return session.get(follow_ups.FollowUp, row_id).attempts


class TestEveryKind:
    def test_a_pull_request(self, simulated, heron):
        heron.pull_requests[1].title = "Another"
        assert answer(simulated.services, ask(simulated, FollowUpKind.PULL_REQUEST, "1"))
        assert facts_of(simulated).title == "Another"
        assert simulated.pending() == []

    def test_the_files_of_a_head_that_moved_in_one_call(self, simulated, heron):
        story = simulated.story
        actions.push_commit(
            story.world, heron, actor=story.people[0], branch="topic", message="More", files={"src/c.py": "1\n"}
        )
        simulated.deliver()
        before = len(simulated.transport.sent)
        simulated.answer_all()
        assert [change.path for change in facts_of(simulated).files] == ["src/a.py", "src/b.py", "src/c.py"]
        assert sum("diffstat" in sent for sent in simulated.transport.sent[before:]) == 1

    def test_the_files_of_one_that_was_merged_before_it_was_asked(self, simulated, heron):
        """Compared with its destination it brings nothing any more; what it brought is still known over there."""
        story = simulated.story
        actions.push_commit(
            story.world, heron, actor=story.people[0], branch="topic", message="More", files={"src/c.py": "1\n"}
        )
        simulated.deliver()
        actions.merge(story.world, heron.pull_requests[1], actor=story.people[1])
        simulated.answer_all()
        simulated.deliver()
        simulated.answer_all()
        assert [change.path for change in facts_of(simulated).files] == ["src/a.py", "src/b.py", "src/c.py"]

    def test_the_commits_of_one_that_has_moved_on_since(self, simulated, heron):
        """They are those of the head that they begin with, and not of the one that we know."""
        story = simulated.story
        question = ask(simulated, FollowUpKind.PULL_REQUEST_COMMITS, "1")
        made = actions.force_push(story.world, heron, actor=story.people[0], branch="topic")
        assert answer(simulated.services, question)
        with simulated.services.readers() as session:
            row = pull_requests.held(session, simulated.held(session), {1})[1]
        assert row.commits_head == made.hash

    def test_the_tasks(self, simulated, heron):
        story = simulated.story
        task = actions.add_task(story.world, heron.pull_requests[1], actor=story.people[1], text="Mend it")
        answer(simulated.services, ask(simulated, FollowUpKind.TASKS, "1"))
        assert [one.id for one in facts_of(simulated).tasks] == [task.id]

    def test_the_log_and_the_threads(self, simulated, heron):
        story = simulated.story
        known = heron.pull_requests[1]
        said = actions.comment(story.world, known, actor=story.people[1], text="Why?")
        simulated.wait(minutes=1)
        actions.resolve_comment(story.world, known, said.id, actor=story.people[0])
        answer(simulated.services, ask(simulated, FollowUpKind.ACTIVITY, "1"))
        (thread,) = facts_of(simulated).threads
        assert (thread.id, thread.resolved_at) == (said.id, said.resolved_on)

    def test_the_commits_that_a_push_did_not_list(self, simulated, heron):
        story = simulated.story
        old = heron.git.branches()["main"]
        for number in range(9):
            actions.push_commit(
                story.world, heron, actor=story.people[0], branch="main", message=f"{number}", files={"a": str(number)}
            )
        new = heron.git.branches()["main"]
        answer(simulated.services, ask(simulated, FollowUpKind.PUSHED_COMMITS, f"{old}..{new}"))
        assert set(heron.git.history.listing([new], [old])) <= known_commits(simulated)

    def test_those_of_a_push_whose_old_end_is_gone(self, simulated, heron):
        new = heron.git.branches()["topic"]
        answer(simulated.services, ask(simulated, FollowUpKind.PUSHED_COMMITS, f"{NOWHERE}..{new}"))
        assert new in known_commits(simulated)
        assert simulated.pending() == []

    def test_commits_are_read_page_by_page_until_they_meet_what_we_hold(self, simulated, heron, monkeypatch):
        story = simulated.story
        old = heron.git.branches()["main"]
        for number in range(7):
            actions.push_commit(
                story.world, heron, actor=story.people[0], branch="main", message=f"{number}", files={"a": str(number)}
            )
        monkeypatch.setattr("bitbucket.commits.MOST_PER_PAGE", 2)
        before = len(simulated.transport.sent)
        answer(simulated.services, ask(simulated, FollowUpKind.PUSHED_COMMITS, f"..{heron.git.branches()['main']}"))
        assert old in known_commits(simulated)
        # Seven are new, two a page; the fifth page is not needed.
        assert len(simulated.transport.sent) - before == 4

    def test_what_builds_say_of_a_commit(self, simulated, heron):
        story = simulated.story
        tip = heron.git.branches()["main"]
        actions.set_build_status(story.world, heron, actor=story.people[0], commit=tip, key="unit", state="FAILED")
        answer(simulated.services, ask(simulated, FollowUpKind.BUILDS, tip))
        assert [(one.key, str(one.state)) for one in builds(simulated, tip)] == [("unit", "FAILED")]

    def test_what_builds_say_of_all_commits_of_a_pull_request(self, simulated, heron):
        story = simulated.story
        head = heron.pull_requests[1].source_hash
        actions.set_build_status(story.world, heron, actor=story.people[0], commit=head, key="unit", state="SUCCESSFUL")
        answer(simulated.services, ask(simulated, FollowUpKind.PULL_REQUEST_BUILDS, "1"))
        assert [(one.key, str(one.state)) for one in builds(simulated, head)] == [("unit", "SUCCESSFUL")]

    def test_a_commit_by_its_cut_hash(self, simulated, heron):
        story = simulated.story
        gone = heron.git.branches()["topic"]
        actions.force_push(story.world, heron, actor=story.people[0], branch="topic")
        answer(simulated.services, ask(simulated, FollowUpKind.COMMIT, gone[:12]))
        assert gone in known_commits(simulated)

    @pytest.mark.parametrize("kind", [RefKind.BRANCH, RefKind.TAG])
    def test_a_ref_that_is_there_and_one_that_is_not(self, simulated, heron, kind):
        story = simulated.story
        if kind is RefKind.TAG:
            actions.create_tag(story.world, heron, actor=story.people[0], name="here", target="main")
        else:
            actions.create_branch(story.world, heron, actor=story.people[0], name="here", target="main")
        assert answer(simulated.services, ask(simulated, FollowUpKind.REF, f"{kind}:here"))
        assert answer(simulated.services, ask(simulated, FollowUpKind.REF, f"{kind}:gone"))
        with simulated.services.readers() as session:
            names = {row.name for row in refs.existing(session, simulated.held(session), kind)}
        assert "here" in names
        assert "gone" not in names

    def test_deployments_that_have_ended(self, simulated, heron):
        live = Environment("{aaaaaaaa-0000-4000-8000-0000000000f1}", "Live", "live", "Production", 1)
        heron.environments[live.uuid] = live
        at = simulated.story.now
        made = [
            Deployment(
                "{aaaaaaaa-0000-4000-8000-0000000000d1}", 1, live, heron.git.branches()["main"], state, at, end, "1"
            )
            for state, end in (("SUCCESSFUL", at),)
        ]
        heron.deployments.extend(made)
        answer(simulated.services, ask(simulated, FollowUpKind.DEPLOYMENTS, ""))
        with simulated.services.readers() as session:
            start = at - timedelta(days=1)
            (told,) = repository_facts.deployments_since(session, simulated.held(session), start)
        assert (told.uuid, told.environment, told.was_successful) == (made[0].uuid, "Live", True)


def known_commits(simulated):
    with simulated.services.readers() as session:
        start = simulated.story.began - timedelta(days=1)
        return {one.hash for one in repository_facts.commits_since(session, simulated.held(session), start)}


def builds(simulated, commit):
    with simulated.services.readers() as session:
        return repository_facts.builds_of(session, simulated.held(session), {commit})


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
        assert "repository.gone" in [entry["event"] for entry in log_entries]

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
