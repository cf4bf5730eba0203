"""Issues: reported, changed, spoken of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions
from simulator.world.errors import Invalid

if TYPE_CHECKING:
    from tests.simulator.tidepool import Tidepool


def report(pool: Tidepool, **details):
    return actions.report_issue(pool.world, pool.shells, actor=pool.erin, title="Sand in it", **details)


def test_a_report_is_numbered_watched_and_announced(pool: Tidepool):
    first, second = report(pool, text="Everywhere"), report(pool, kind="task", priority="blocker")
    assert (first.id, second.id) == (1, 2)
    assert first.watchers == [pool.erin]
    body = pool.events[0].body["issue"]
    assert (body["state"], body["kind"], body["priority"]) == ("new", "bug", "major")
    assert body["reporter"]["uuid"] == pool.erin.uuid
    assert pool.keys == ["issue:created", "issue:created"]


def test_a_change_is_logged_and_announced_with_words(pool: Tidepool):
    issue = report(pool)
    entry = actions.change_issue(
        pool.world, pool.shells, issue, actor=pool.bob, message="Mine", state="open", assignee=pool.bob
    )
    assert entry.changes == {
        "state": {"old": "new", "new": "open"},
        "assignee": {"old": "", "new": "Bob Example"},
    }
    assert pool.of("issue:updated")["changes"] == entry.changes
    assert issue.edited_on == pool.clock.at


def test_no_change_is_no_event(pool: Tidepool):
    issue = report(pool)
    assert actions.change_issue(pool.world, pool.shells, issue, actor=pool.bob, state="new") is None
    assert pool.keys == ["issue:created"]


def test_a_comment_is_announced_with_the_issue(pool: Tidepool):
    issue = report(pool)
    made = actions.comment_on_issue(pool.world, pool.shells, issue, actor=pool.bob, text="Shake it")
    body = pool.of("issue:comment_created")
    assert (body["comment"]["id"], body["issue"]["id"]) == (made.id, issue.id)


@pytest.mark.parametrize("details", [{"state": "done"}, {"kind": "wish"}, {"priority": "high"}, {"component": "lid"}])
def test_words_that_the_tracker_does_not_know_are_refused(pool: Tidepool, details):
    with pytest.raises(Invalid):
        report(pool, **details)


def test_a_component_must_be_one_of_the_trackers(pool: Tidepool):
    pool.shells.issue_tracker.components.append("lid")
    report(pool, component="lid")
    assert pool.of("issue:created")["issue"]["component"]["name"] == "lid"
