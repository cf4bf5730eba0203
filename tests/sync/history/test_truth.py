"""What the rows say after a story was told: what really happened, as the simulated Bitbucket knows it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from insights.facts.pull_requests import BuildState, EventKind, PullRequestState
from insights.pull_requests.events import Verdicts, ordered_events
from models import repositories
from models.history import pull_request_facts, repository_facts
from tests.sync.history.stories import Story
from tests.sync.history.telling import tell
from tests.tenants import ALICE_REPOSITORY, alice_offer, install, new_box

SEEDS = (20, 21, 22)
ENDS = {"MERGED": EventKind.MERGED, "DECLINED": EventKind.DECLINED, "SUPERSEDED": EventKind.SUPERSEDED}


@pytest.fixture(params=SEEDS, scope="module")
def story(request):
    """A world in which something has happened. No test changes it."""
    story = Story(seed=request.param).tell(80)
    yield story
    story.close()


@pytest.fixture
def copy(session, story):
    """Our repository after all deliveries about the story, the last one first."""
    alice = install(session, alice_offer(), box=new_box())
    tell(session, alice, reversed(story.deliveries()))
    return repositories.find(session, alice, ALICE_REPOSITORY)


@pytest.fixture
def facts(session, story, copy):
    """Our facts beside the truth, pull request by pull request."""
    ours = {one.id: one for one in pull_request_facts.some(session, copy, story.repository.pull_requests)}
    return [(ours[number], truth) for number, truth in story.repository.pull_requests.items()]


def times(facts, *kinds):
    return sorted(event.at for event in facts.events if event.kind in kinds)


def test_the_pull_requests_stand_as_they_do(story, facts):
    for ours, truth in facts:
        assert (ours.title, ours.state, ours.is_draft) == (truth.title, PullRequestState(truth.state), truth.draft)
        assert (ours.author, ours.created_at) == (truth.author.uuid, truth.created_on)
        assert (ours.source_branch, ours.destination_branch) == (truth.source_branch, truth.destination_branch)
        assert (ours.head, ours.merge_commit) == (truth.source_hash, truth.merge_commit)
        assert (ours.closed_at, ours.closed_by) == (truth.closed_on, truth.closed_by and truth.closed_by.uuid)
        assert ours.is_activity_known
        assert ours.is_draft_history_known
        assert not ours.is_from_fork


def test_everybody_takes_part_as_they_do(facts):
    for ours, truth in facts:
        parts = {one.user.uuid: (one.role == "REVIEWER", one.state, one.participated_on) for one in truth.participants}
        told = {one.account: (one.is_reviewer, one.state, one.participated_at) for one in ours.participants}
        assert told == parts


def test_every_comment_is_an_event_until_it_is_deleted(facts):
    for ours, truth in facts:
        said = sorted(
            (one.created_on, one.user.uuid) for one in truth.comments.values() if not one.deleted and not one.pending
        )
        assert sorted((event.at, event.actor) for event in ours.events if event.kind is EventKind.COMMENTED) == said


def test_threads_are_open_or_resolved_as_they_are(facts):
    for ours, truth in facts:
        threads = {
            one.id: (one.user.uuid, one.created_on, one.resolved_on)
            for one in truth.comments.values()
            if one.parent_id is None and not one.deleted
        }
        assert {one.id: (one.opened_by, one.opened_at, one.resolved_at) for one in ours.threads} == threads


def test_every_push_is_there_with_its_time_and_what_it_left_behind(story, facts):
    for ours, truth in facts:
        heads = [(entry.at, entry.update.source_hash) for entry in truth.activity if entry.update is not None]
        pushes = [after for before, after in pairwise(heads) if before[1] != after[1]]
        told = [(event.at, event.commit) for event in ours.events if event.kind in PUSHES]
        assert sorted(told) == sorted(pushes)


def test_a_push_by_force_is_told_from_another(story, facts):
    forced = {
        change["new"]["target"]["hash"]
        for event in story.events
        if event.key == "repo:push"
        for change in event.body["push"]["changes"]
        if change["forced"]
    }
    for ours, _ in facts:
        for event in ours.events:
            if event.kind in PUSHES:
                assert (event.kind is EventKind.FORCE_PUSHED) == (event.commit in forced)


def test_every_change_from_draft_to_ready_and_back_is_there(facts):
    for ours, truth in facts:
        drafts = [(entry.at, entry.update.draft) for entry in truth.activity if entry.update is not None]
        flips = [after for before, after in pairwise(drafts) if before[1] != after[1]]
        told = [
            (event.at, event.kind is EventKind.DRAFTED)
            for event in ours.events
            if event.kind in {EventKind.DRAFTED, EventKind.READIED}
        ]
        assert sorted(told) == sorted(flips)


def test_the_verdicts_that_stand_are_those_that_do(facts):
    """By the events alone: who approved, who withdrew it, and what a push made of it."""
    for ours, truth in facts:
        verdicts = Verdicts()
        for event in ordered_events(ours):
            verdicts.take(event)
        assert verdicts.standing == {one.user.uuid: one.state for one in truth.participants if one.state is not None}


def test_approvals_that_a_push_dropped_were_reset(story, facts):
    dropped = sum(len(times(ours, EventKind.APPROVALS_RESET)) for ours, _ in facts)
    assert dropped == 0 or story.repository.reset_approvals_on_change


def test_the_end_is_an_event_at_its_time(facts):
    for ours, truth in facts:
        assert times(ours, *ENDS.values()) == ([truth.closed_on] if truth.closed_on else [])


def test_branches_and_tags_point_where_they_do(session, story, copy):
    told = {one.name: one.tip for one in repository_facts.branches(session, copy)}
    assert told == story.repository.git.branches()
    tags = {one.name: one.commit for one in repository_facts.tags(session, copy)}
    assert tags == {name: tag.target for name, tag in story.repository.git.tags().items()}


def test_commits_are_known_as_far_as_pushes_list_them(session, story, copy):
    history = story.repository.git.history
    for one in repository_facts.commits_since(session, copy, story.began - timedelta(days=1)):
        truth = history[one.hash]
        assert (one.parents, one.message) == (tuple(truth.parents), truth.message)
        assert one.committed_at == truth.author.at.replace(microsecond=0)


def test_builds_say_what_they_said_last(session, story, copy):
    truth = {
        (commit, status.key): (status.state, status.updated_on)
        for commit, statuses in story.repository.build_statuses.items()
        for status in statuses.values()
    }
    last = {
        (one.commit, one.key): one for one in repository_facts.builds_of(session, copy, story.repository.build_statuses)
    }
    assert last.keys() == truth.keys()
    for key, one in last.items():
        assert one.state is BuildState(truth[key][0])


PUSHES = {EventKind.PUSHED, EventKind.FORCE_PUSHED}
