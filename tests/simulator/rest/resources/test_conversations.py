"""Comments, threads and tasks over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

ONE = "/repositories/tidepool/shells/pullrequests/1"


@pytest.fixture
def opened(client: Client) -> Client:
    client.pool.open()
    return client


def say(client: Client, raw: str = "Hm", who="alice", **more) -> dict:
    return client.send("POST", f"{ONE}/comments", {"content": {"raw": raw}} | more, who=who, expect=201)


class TestComments:
    def test_one_is_made_and_found_at_its_address(self, opened: Client):
        answer = opened.call(
            "POST", f"{ONE}/comments", {"content": {"raw": "Hm"}, "inline": {"path": "src/spiral.py", "to": 2}}
        )
        made = opened.get(answer.headers["Location"])
        assert (made["type"], made["content"]["raw"], made["pending"]) == ("pullrequest_comment", "Hm", False)
        assert made["inline"] == {"path": "src/spiral.py", "from": None, "to": 2}
        assert made["pullrequest"]["id"] == 1

    def test_all_are_listed_the_oldest_first_and_can_be_queried(self, opened: Client):
        first = say(opened, "One")
        say(opened, "Two", who=opened.pool.bob, parent={"id": first["id"]})
        assert [one["content"]["raw"] for one in opened.get(f"{ONE}/comments")["values"]] == ["One", "Two"]
        assert opened.get(f"{ONE}/comments", q="parent.id = null")["size"] == 1
        assert opened.get(f"{ONE}/comments", sort="-created_on")["size"] == 2

    def test_one_is_changed_by_its_author_alone(self, opened: Client):
        made = say(opened)
        path = f"{ONE}/comments/{made['id']}"
        assert opened.send("PUT", path, {"content": {"raw": "Better"}})["content"]["raw"] == "Better"
        opened.send("PUT", path, {"content": {"raw": "x"}}, who=opened.pool.bob, expect=403)

    def test_one_is_deleted_by_its_author_or_an_administrator(self, opened: Client):
        mine, bobs = say(opened), say(opened, who=opened.pool.bob)
        opened.send("DELETE", f"{ONE}/comments/{mine['id']}", who=opened.pool.bob, expect=403)
        opened.send("DELETE", f"{ONE}/comments/{bobs['id']}", expect=204)
        opened.send("DELETE", f"{ONE}/comments/{bobs['id']}", expect=404)
        deleted = opened.get(f"{ONE}/comments/{bobs['id']}")
        assert (deleted["deleted"], deleted["content"]["raw"]) == (True, "")

    def test_a_pending_one_is_seen_by_its_author_alone(self, opened: Client):
        say(opened, pending=True)
        assert opened.get(f"{ONE}/comments")["size"] == 1
        assert opened.get(f"{ONE}/comments", who=opened.pool.bob)["size"] == 0
        assert opened.get(ONE)["comment_count"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"content": {}},
            {"content": {"raw": 1}},
            {"content": {"raw": "x"}, "parent": {"id": "x"}},
            {"content": {"raw": "x"}, "inline": {"to": 1}},
        ],
    )
    def test_a_bad_one_is_a_400(self, opened: Client, body: dict):
        opened.send("POST", f"{ONE}/comments", body, expect=400)

    @pytest.mark.parametrize("number", ["9", "x"])
    def test_an_unknown_one_is_not_found(self, opened: Client, number: str):
        for method in ("GET", "PUT", "DELETE"):
            opened.send(method, f"{ONE}/comments/{number}", {"content": {"raw": "x"}}, expect=404)

    def test_reading_pull_requests_is_enough_to_comment(self, opened: Client):
        assert say(opened, who=opened.app_token("pullrequest"))["user"]["type"] == "app_user"


class TestThreads:
    def test_one_is_resolved_once_and_reopened_once(self, opened: Client):
        path = f"{ONE}/comments/{say(opened)['id']}/resolve"
        resolution = opened.send("POST", path, who=opened.pool.bob)
        assert (resolution["type"], resolution["user"]["nickname"]) == ("comment_resolution", "bob")
        assert opened.send("POST", path, expect=409)["type"] == "error"
        opened.send("DELETE", path, expect=204)
        opened.send("DELETE", path, expect=404)

    def test_an_answer_is_no_thread(self, opened: Client):
        answer = say(opened, parent={"id": say(opened)["id"]})
        opened.send("POST", f"{ONE}/comments/{answer['id']}/resolve", expect=403)


class TestTasks:
    def add(self, client: Client, raw: str = "Test it", **more) -> dict:
        return client.send("POST", f"{ONE}/tasks", {"content": {"raw": raw}} | more, expect=201)

    def test_one_is_made_counted_resolved_and_removed(self, opened: Client):
        made = self.add(opened)
        assert (made["state"], made["creator"]["nickname"], made["resolved_on"]) == ("UNRESOLVED", "alice", None)
        assert opened.get(ONE)["task_count"] == 1
        path = f"{ONE}/tasks/{made['id']}"
        done = opened.send("PUT", path, {"state": "RESOLVED", "content": {"raw": "Tested"}}, who=opened.pool.bob)
        assert (done["state"], done["resolved_by"]["nickname"], done["content"]["raw"]) == ("RESOLVED", "bob", "Tested")
        assert opened.get(ONE)["task_count"] == 0
        assert opened.get(path)["id"] == made["id"]
        opened.send("DELETE", path, expect=204)
        opened.get(path, expect=404)

    def test_it_can_hang_on_a_comment(self, opened: Client):
        comment = say(opened)
        assert self.add(opened, comment={"id": comment["id"]})["comment"]["id"] == comment["id"]

    def test_the_newest_come_first_and_can_be_queried(self, opened: Client):
        for raw in ("One", "Two"):
            self.add(opened, raw)
        assert [one["content"]["raw"] for one in opened.get(f"{ONE}/tasks")["values"]] == ["Two", "One"]
        assert opened.get(f"{ONE}/tasks", q='state = "RESOLVED"')["size"] == 0

    @pytest.mark.parametrize(("body", "status"), [({}, 400), ({"content": {"raw": "x"}, "comment": {"id": 9}}, 404)])
    def test_a_bad_one_is_refused(self, opened: Client, body: dict, status: int):
        opened.send("POST", f"{ONE}/tasks", body, expect=status)

    def test_an_unknown_state_and_task_are_refused(self, opened: Client):
        made = self.add(opened)
        opened.send("PUT", f"{ONE}/tasks/{made['id']}", {"state": "DONE"}, expect=400)
        for number in ("9", "x"):
            opened.send("PUT", f"{ONE}/tasks/{number}", {"state": "RESOLVED"}, expect=404)
