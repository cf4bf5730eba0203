"""Issue trackers: there, not there, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

SHELLS = "/repositories/tidepool/shells"
LIST = f"{SHELLS}/issues"


@pytest.fixture
def tracked(client: Client) -> Client:
    client.pool.shells.has_issues = True
    client.pool.shells.issue_tracker.components.append("lid")
    client.pool.shells.issue_tracker.milestones.append("1.0")
    return client


def report(client: Client, **wish) -> dict:
    return client.send("POST", LIST, {"title": "Sand"} | wish, expect=201)


class TestAbsence:
    @pytest.mark.parametrize("path", ["issues", "issues/1", "components", "milestones", "versions"])
    def test_since_the_removal_it_is_gone(self, client: Client, path: str):
        body = client.get(f"{SHELLS}/{path}", expect=410)
        assert body["error"]["data"] == body["data"]

    def test_before_it_a_repository_could_have_none(self, client: Client):
        client.pool.world.are_issue_trackers_removed = False
        assert client.get(LIST, expect=404)["error"]["message"] == "Repository has no issue tracker."

    def test_one_that_is_switched_on_answers_all_the_same(self, client: Client):
        client.send("PUT", SHELLS, {"has_issues": True})
        assert client.get(LIST)["values"] == []


class TestIssues:
    def test_one_is_reported_and_found(self, tracked: Client):
        wish = {
            "content": {"raw": "Everywhere"},
            "kind": "task",
            "priority": "blocker",
            "component": {"name": "lid"},
            "assignee": {"uuid": tracked.pool.bob.uuid},
        }
        made = report(tracked, **wish)
        assert (made["id"], made["state"], made["kind"], made["priority"]) == (1, "new", "task", "blocker")
        assert (made["assignee"]["nickname"], made["component"]["name"], made["milestone"]) == ("bob", "lid", None)
        assert tracked.get(f"{LIST}/1") == made

    def test_the_newest_come_first_and_can_be_queried(self, tracked: Client):
        for priority in ("minor", "critical", "trivial"):
            report(tracked, priority=priority)
        assert [one["id"] for one in tracked.get(LIST)["values"]] == [3, 2, 1]
        assert tracked.get(LIST, q='(state = "open" OR state = "new") AND assignee = null')["size"] == 3
        assert tracked.get(LIST, q='priority = "critical"')["size"] == 1

    @pytest.mark.parametrize(("sort", "expected"), [("priority", [3, 1, 2]), ("-priority", [2, 1, 3])])
    def test_priorities_sort_by_weight(self, tracked: Client, sort: str, expected: list[int]):
        for priority in ("minor", "critical", "trivial"):
            report(tracked, priority=priority)
        assert [one["id"] for one in tracked.get(LIST, sort=sort)["values"]] == expected

    def test_one_is_changed_and_the_change_logged(self, tracked: Client):
        report(tracked)
        changed = tracked.send(
            "PUT", f"{LIST}/1", {"state": "open", "milestone": {"name": "1.0"}, "content": {"raw": "x"}}
        )
        assert (changed["state"], changed["milestone"]["name"], changed["content"]["raw"]) == ("open", "1.0", "x")
        (entry,) = tracked.get(f"{LIST}/1/changes")["values"]
        assert entry["changes"]["state"] == {"old": "new", "new": "open"}
        assert tracked.get(f"{LIST}/1/changes/{entry['id']}") == entry
        tracked.get(f"{LIST}/1/changes/9", expect=404)

    def test_a_change_can_say_why(self, tracked: Client):
        report(tracked)
        wish = {"changes": {"state": {"new": "wontfix"}}, "message": {"raw": "Too deep"}}
        assert tracked.send("POST", f"{LIST}/1/changes", wish, expect=201)["message"]["raw"] == "Too deep"
        tracked.send("POST", f"{LIST}/1/changes", wish, expect=400)

    @pytest.mark.parametrize(
        "wish",
        [{"title": ""}, {"state": "done"}, {"kind": "x"}, {"component": {"name": "x"}}, {"assignee": {"uuid": "x"}}],
    )
    def test_a_bad_wish_is_a_400(self, tracked: Client, wish: dict):
        tracked.send("POST", LIST, {"title": "x"} | wish, expect=400)

    def test_writers_delete_and_readers_do_not(self, tracked: Client):
        report(tracked)
        tracked.send("DELETE", f"{LIST}/1", who=tracked.pool.erin, expect=403)
        tracked.send("DELETE", f"{LIST}/1", who=tracked.pool.bob, expect=204)
        tracked.get(f"{LIST}/1", expect=404)

    def test_scopes_are_its_own(self, tracked: Client):
        tracked.get(LIST, who=tracked.app_token("repository:write", "pullrequest:write"), expect=403)
        tracked.get(LIST, who=tracked.app_token("issue"))


class TestComments:
    def test_one_is_made_changed_and_deleted_by_its_author(self, tracked: Client):
        report(tracked)
        made = tracked.send(
            "POST", f"{LIST}/1/comments", {"content": {"raw": "Shake"}}, who=tracked.pool.bob, expect=201
        )
        path = f"{LIST}/1/comments/{made['id']}"
        assert (made["type"], made["issue"]["id"]) == ("issue_comment", 1)
        tracked.send("PUT", path, {"content": {"raw": "x"}}, expect=403)
        assert tracked.send("PUT", path, {"content": {"raw": "Well"}}, who=tracked.pool.bob)["content"]["raw"] == "Well"
        assert tracked.get(path)["content"]["raw"] == "Well"
        tracked.send("DELETE", path, who=tracked.pool.bob, expect=204)
        tracked.get(path, expect=404)
        assert tracked.get(f"{LIST}/1/comments")["values"][0]["deleted"] is True


@pytest.mark.parametrize(("name", "count"), [("vote", "votes"), ("watch", "watches")])
def test_one_votes_and_watches(tracked: Client, name: str, count: str):
    report(tracked)
    path, bob = f"{LIST}/1/{name}", tracked.pool.bob
    before = tracked.get(f"{LIST}/1")[count]
    tracked.send("GET", path, who=bob, expect=404)
    for _ in range(2):
        tracked.send("PUT", path, who=bob, expect=204)
    tracked.send("GET", path, who=bob, expect=204)
    assert tracked.get(f"{LIST}/1")[count] == before + 1
    for _ in range(2):
        tracked.send("DELETE", path, who=bob, expect=204)
    assert tracked.get(f"{LIST}/1")[count] == before


def test_components_milestones_and_versions(tracked: Client):
    assert [one["name"] for one in tracked.get(f"{SHELLS}/components")["values"]] == ["lid"]
    assert tracked.get(f"{SHELLS}/milestones/1")["type"] == "milestone"
    assert tracked.get(f"{SHELLS}/versions")["values"] == []
    for path in ("versions/1", "components/2", "components/x"):
        tracked.get(f"{SHELLS}/{path}", expect=404)
