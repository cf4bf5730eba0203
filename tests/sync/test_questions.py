"""Every kind of question: how it is asked, in how many calls, and what its answer makes of our rows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.history import pull_requests, refs, repository_facts
from models.history.follow_ups import FollowUpKind
from models.history.refs import RefKind
from simulator.world import actions
from simulator.world.model import Deployment, Environment
from sync.follow_ups import answer
from tests.sync.asking import ask, facts_of, with_one_pull_request

NOWHERE = "0" * 40


@pytest.fixture
def heron(simulated):
    return with_one_pull_request(simulated)


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
