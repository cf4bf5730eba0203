"""Every event key that Connect allows and something can cause is caused by some action."""

from __future__ import annotations

import inspect

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Tidepool

# connect-protocol.md 7.2. Nothing here imports repositories or runs pipelines.
WITHOUT_ACTION = {"repo:imported", "pipeline:span_created"}
ALL = {
    "issue:comment_created", "issue:created", "issue:updated", "project:updated", "pullrequest:approved",
    "pullrequest:changes_request_created", "pullrequest:changes_request_removed", "pullrequest:comment_created",
    "pullrequest:comment_deleted", "pullrequest:comment_reopened", "pullrequest:comment_resolved",
    "pullrequest:comment_updated", "pullrequest:created", "pullrequest:fulfilled", "pullrequest:push",
    "pullrequest:rejected", "pullrequest:superseded", "pullrequest:unapproved", "pullrequest:updated",
    "repo:branch_created", "repo:branch_deleted", "repo:commit_comment_created", "repo:commit_status_created",
    "repo:commit_status_updated", "repo:created", "repo:deleted", "repo:fork", "repo:imported", "repo:push",
    "repo:transfer", "repo:updated", "pipeline:span_created",
}  # fmt: skip


def test_every_action_takes_the_world_first_and_is_found_by_its_name():
    for name, action in actions.ACTIONS.items():
        assert getattr(actions, name) is action
        assert next(iter(inspect.signature(action).parameters)) == "world"


def test_a_long_day_causes_every_event(pool: Tidepool):
    world, shells = pool.world, pool.shells
    pull_request = actions.open_pull_request(world, shells, author=pool.bob, title="Wind", source=SPIRAL)
    actions.push_commit(world, shells, actor=pool.bob, branch=SPIRAL, message="More")
    actions.approve(world, pull_request, actor=pool.alice)
    actions.unapprove(world, pull_request, actor=pool.alice)
    actions.request_changes(world, pull_request, actor=pool.alice)
    actions.withdraw_changes_request(world, pull_request, actor=pool.alice)
    comment = actions.comment(world, pull_request, actor=pool.alice, text="Hm")
    pool.clock.advance(hours=1)
    actions.update_comment(world, pull_request, comment.id, actor=pool.alice, text="Hm!")
    actions.resolve_comment(world, pull_request, comment.id, actor=pool.bob)
    actions.reopen_comment(world, pull_request, comment.id, actor=pool.bob)
    actions.delete_comment(world, pull_request, comment.id, actor=pool.alice)
    actions.merge(world, pull_request, actor=pool.alice, close_source_branch=True)
    actions.decline(world, pool_open(pool, "one"), actor=pool.bob)
    actions.supersede(world, pool_open(pool, "two"), actor=pool.bob)
    for state in ("INPROGRESS", "SUCCESSFUL"):
        actions.set_build_status(world, shells, actor=pool.kelp, commit="main", key="ci", state=state)
    actions.comment_on_commit(world, shells, "main", actor=pool.bob, text="Good")
    issue = actions.report_issue(world, shells, actor=pool.bob, title="x")
    actions.change_issue(world, shells, issue, actor=pool.bob, state="open")
    actions.comment_on_issue(world, shells, issue, actor=pool.bob, text="x")
    actions.update_project(world, pool.workspace, shells.project, actor=pool.alice, name="x")
    actions.fork_repository(world, shells, actor=pool.charlie, workspace=pool.elsewhere, name="fork")
    actions.rename_repository(world, shells, actor=pool.alice, name="x")
    actions.transfer_repository(world, shells, actor=pool.alice, workspace=pool.elsewhere)
    actions.create_repository(world, pool.workspace, actor=pool.alice, name="y")
    actions.delete_repository(world, shells, actor=pool.alice)
    assert set(pool.keys) == ALL - WITHOUT_ACTION


def pool_open(pool: Tidepool, branch: str):
    actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=branch, message=branch)
    return actions.open_pull_request(pool.world, pool.shells, author=pool.bob, title=branch, source=branch)


def test_every_event_names_its_actor_and_repository_and_can_be_sent_as_json(pool: Tidepool):
    actions.open_pull_request(pool.world, pool.shells, author=pool.bob, title="Wind", source=SPIRAL)
    actions.push_commit(pool.world, pool.shells, actor=pool.bob, branch=SPIRAL, message="More")
    for event in pool.events:
        body = pool.of(event.key)
        assert set(body) == {*event.subject, "actor", "repository"}
        assert body["repository"]["workspace"]["uuid"] == pool.workspace.uuid
        assert event.occurred_at == pool.clock.at
