"""What each stage asks for, and what it leaves alone."""

from __future__ import annotations

from collections import Counter

from models import backfills
from models.backfill_stages import Stage
from models.history import build_reports, deployments, pull_requests, refs
from models.history.refs import RefKind
from simulator.world import actions
from simulator.world.model import Deployment, Environment
from sync.backfill.details import FIRST_LOOK
from sync.backfill.stages import STEPS
from tests.sync.simulated import kind_of_call

LIVE = "{aaaaaaaa-0000-4000-8000-00000000e001}"


def kinds(lived, since=0):
    return Counter(map(kind_of_call, lived.transport.sent[since:]))


def calls_of(lived, stage):
    """What is asked for from the beginning of a stage to the next one's."""
    lived.advance_to(stage)
    before = len(lived.transport.sent)
    lived.advance_to(stage.following)
    return kinds(lived, before)


def test_there_is_a_step_for_every_stage_but_the_end():
    assert set(STEPS) == set(Stage) - {Stage.DONE}


def test_the_diffstat_of_an_open_pull_request_costs_one_call(lived):
    lived.advance_to(Stage.MAIN_BRANCH)
    opened = [one for one in lived.story.repository.pull_requests.values() if one.state == "OPEN"]
    asked = [sent for sent in lived.transport.sent if "/diffstat" in sent]
    assert len(asked) == len(opened)
    assert not any("pullrequests" in sent for sent in asked)
    with lived.services.readers() as session:
        rows = pull_requests.held(session, lived.held(session), [one.id for one in opened])
    assert {number: row.files_head for number, row in rows.items()} == {one.id: one.source_hash[:12] for one in opened}


def test_a_pull_request_from_a_fork_is_asked_for_by_its_number(lived):
    """Its source is a commit of another repository: the address that names it leads there by a redirect."""
    story = lived.story
    guest = story.people[1]
    fork = actions.fork_repository(
        story.world, story.repository, actor=guest, workspace=story.workspace, name="Heron fork"
    )
    actions.push_commit(story.world, fork, actor=guest, branch="away", message="From afar")
    opened = actions.open_pull_request(
        story.world, story.repository, author=guest, title="From afar", source="away", source_repository=fork
    )
    lived.advance_to(Stage.MAIN_BRANCH)
    asked = [sent for sent in lived.transport.sent if f"/pullrequests/{opened.id}/diffstat" in sent]
    assert len(asked) == 1
    with lived.services.readers() as session:
        row = pull_requests.held(session, lived.held(session), {opened.id})[opened.id]
    assert (row.is_from_fork, row.files_head) == (True, opened.source_hash[:12])


def test_the_main_branch_is_looked_at_briefly_before_the_rest(lived):
    called = calls_of(lived, Stage.MAIN_BRANCH)
    assert called["GET commits"] == 1
    assert 1 <= called["GET commit/#/statuses"] <= FIRST_LOOK


def test_a_repository_without_a_main_branch_has_none_to_look_at(lived):
    lived.story.repository.main_branch = None
    lived.advance_to(Stage.MAIN_BRANCH)
    before = len(lived.transport.sent)
    lived.advance()
    assert "GET commit/#/statuses" not in kinds(lived, before)


def test_branches_and_tags_are_listed_together(lived):
    actions.create_tag(lived.story.world, lived.story.repository, actor=lived.story.people[0], name="v1", target="main")
    lived.finish()
    with lived.services.readers() as session:
        row = lived.held(session)
        branches = {one.name: one.tip for one in refs.existing(session, row, RefKind.BRANCH)}
        tags = [one.name for one in refs.existing(session, row, RefKind.TAG)]
    assert branches == lived.story.repository.git.branches()
    assert "v1" in tags


def test_builds_of_the_main_branch_are_read_where_they_were_not_read_before(lived):
    lived.finish()
    asked = Counter(sent for sent in lived.transport.sent if "/commit/" in sent)
    assert asked
    assert set(asked.values()) == {1}
    line = [commit for commit in asked if commit.endswith("/statuses")]
    with lived.services.readers() as session:
        row = lived.held(session)
        told = build_reports.held(session, row, [sent.split("/")[-2] for sent in line])
    truth = lived.story.repository.build_statuses
    for commit, reports in told.items():
        assert {one.key for one in reports} == set(truth.get(commit, {}))


def test_deployments_that_have_ended_are_read_with_where_they_went(lived):
    story = lived.story
    live = Environment(LIVE, "Live", "live", "Production", 0)
    story.repository.environments[LIVE] = live
    tip = story.repository.git.branches()["main"]
    story.repository.deployments.append(
        Deployment("{aaaaaaaa-0000-4000-8000-00000000d001}", 1, live, tip, "SUCCESSFUL", story.began, story.now, "v1")
    )
    lived.finish()
    with lived.services.readers() as session:
        (told,) = deployments.since(session, lived.held(session), story.began)
    assert (told.environment, told.environment_type, told.was_successful) == ("Live", "Production", True)
    assert told.commit == tip


def test_an_empty_repository_has_nothing_to_read(lived):
    story = lived.story
    actions.create_repository(story.world, story.workspace, actor=story.people[0], name="Empty")
    lived.finish()
    while lived.advance():
        pass
    with lived.services.readers() as session:
        rows = {repository.name: row for row, repository in backfills.of_installation(session, lived.alice)}
    assert (rows["Empty"].stage, rows["Empty"].error) == (Stage.DONE, None)
