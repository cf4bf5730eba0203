"""/pullrequests, written: opened, changed, merged, declined."""

from __future__ import annotations

import pytest

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Client

LIST = "/repositories/tidepool/shells/pullrequests"
WISH = {"title": "Wind", "source": {"branch": {"name": SPIRAL}}}


@pytest.fixture
def opened(client: Client) -> Client:
    client.pool.open()
    return client


class TestOpening:
    def test_title_and_source_are_enough(self, client: Client):
        answer = client.call("POST", LIST, WISH, who=client.pool.bob)
        made = answer.get_json()
        assert (answer.status_code, made["id"], made["author"]["nickname"]) == (201, 1, "bob")
        assert made["destination"]["branch"]["name"] == "main"
        assert answer.headers["Location"].endswith("/pullrequests/1")

    def test_everything_can_be_said(self, client: Client):
        wish = WISH | {
            "destination": {"branch": {"name": "conflict"}},
            "description": "About",
            "reviewers": [{"uuid": client.pool.bob.uuid}, {"account_id": client.pool.erin.account_id}],
            "draft": True,
            "close_source_branch": True,
        }
        made = client.send("POST", LIST, wish, expect=201)
        assert [one["nickname"] for one in made["reviewers"]] == ["bob", "erin"]
        assert (made["draft"], made["close_source_branch"], made["description"]) == (True, True, "About")
        assert made["destination"]["branch"]["name"] == "conflict"

    def test_a_reader_may_open_one(self, client: Client):
        client.send("POST", LIST, WISH, who=client.pool.erin, expect=201)

    def test_from_a_fork_it_is_named_with_its_repository(self, client: Client):
        pool = client.pool
        fork = actions.fork_repository(pool.world, pool.reef, actor=pool.charlie, workspace=pool.elsewhere)
        actions.push_commit(pool.world, fork, actor=pool.charlie, branch="mine", message="Mine")
        wish = {"title": "x", "source": {"branch": {"name": "mine"}, "repository": {"full_name": "elsewhere/reef"}}}
        made = client.send("POST", "/repositories/tidepool/reef/pullrequests", wish, who=pool.charlie, expect=201)
        assert made["source"]["repository"]["full_name"] == "elsewhere/reef"
        (commit,) = client.get("/repositories/tidepool/reef/pullrequests/1/commits")["values"]
        assert commit["message"] == "Mine"

    @pytest.mark.parametrize(
        ("wish", "field"),
        [
            ({}, "title"),
            ({"title": "x"}, "source.branch.name"),
            ({"title": 5, "source": {"branch": {"name": SPIRAL}}}, "title"),
            ({"title": "x", "source": {"branch": {"name": "nope"}}}, "source"),
            (WISH | {"destination": {"branch": {"name": "nope"}}}, "destination"),
            (WISH | {"reviewers": "bob"}, "reviewers"),
            (WISH | {"reviewers": [{"uuid": "{nope}"}]}, "reviewers"),
            (WISH | {"draft": "yes"}, "draft"),
            (
                WISH | {"source": {"branch": {"name": SPIRAL}, "repository": {"full_name": "elsewhere/secret"}}},
                "source",
            ),
        ],
    )
    def test_a_bad_wish_is_a_400_that_names_the_field(self, client: Client, wish: dict, field: str):
        assert field in client.send("POST", LIST, wish, expect=400)["error"]["fields"]

    def test_its_author_cannot_review_it(self, client: Client):
        wish = WISH | {"reviewers": [{"uuid": client.pool.alice.uuid}]}
        body = client.send("POST", LIST, wish, expect=400)
        assert "cannot be included as a reviewer" in body["error"]["message"]

    def test_nobody_cannot(self, client: Client):
        client.send("POST", "/repositories/tidepool/reef/pullrequests", WISH, who=None, expect=401)

    def test_it_needs_the_scope_to_write(self, client: Client):
        client.send("POST", LIST, WISH, who=client.app_token("pullrequest"), expect=403)
        made = client.send("POST", LIST, WISH, who=client.app_token("pullrequest:write"), expect=201)
        assert made["author"]["type"] == "app_user"


class TestChanging:
    def test_what_is_named_changes(self, opened: Client):
        wish = {"title": "Left", "description": "d", "draft": True, "reviewers": [{"uuid": opened.pool.erin.uuid}]}
        changed = opened.send("PUT", f"{LIST}/1", wish, who=opened.pool.bob)
        assert (changed["title"], changed["description"], changed["draft"]) == ("Left", "d", True)
        assert [one["nickname"] for one in changed["reviewers"]] == ["erin"]
        assert opened.pool.keys == ["pullrequest:updated"]

    def test_an_empty_wish_changes_nothing(self, opened: Client):
        opened.send("PUT", f"{LIST}/1", {}, who=opened.pool.bob)
        assert opened.pool.keys == []

    def test_its_author_may_though_only_a_reader(self, client: Client):
        client.pool.open(author=client.pool.erin, reviewers=[])
        client.send("PUT", f"{LIST}/1", {"title": "x"}, who=client.pool.erin)

    def test_another_reader_may_not(self, opened: Client):
        opened.send("PUT", f"{LIST}/1", {"title": "x"}, who=opened.pool.erin, expect=403)

    def test_a_closed_one_stays_as_it_is(self, opened: Client):
        opened.send("POST", f"{LIST}/1/decline")
        opened.send("PUT", f"{LIST}/1", {"title": "x"}, expect=400)


class TestMerging:
    def test_it_answers_with_the_merged_pull_request(self, opened: Client):
        merged = opened.send("POST", f"{LIST}/1/merge")
        assert (merged["state"], merged["closed_by"]["nickname"]) == ("MERGED", "alice")
        assert opened.pool.shells.git.branches()["main"].startswith(merged["merge_commit"]["hash"])

    def test_message_strategy_and_closing_can_be_said(self, opened: Client):
        wish = {"message": "My words", "merge_strategy": "squash", "close_source_branch": True}
        opened.send("POST", f"{LIST}/1/merge", wish)
        tip = opened.pool.shells.git.commit("main")
        assert (tip.message, len(tip.parents)) == ("My words", 1)
        assert SPIRAL not in opened.pool.shells.git.branches()

    @pytest.mark.parametrize("strategy", ["octopus", "rebase_merge"])
    def test_a_strategy_that_it_cannot_do_is_a_400(self, opened: Client, strategy: str):
        body = opened.send("POST", f"{LIST}/1/merge", {"merge_strategy": strategy}, expect=400)
        assert "merge_strategy" in body["error"]["fields"]

    def test_a_conflict_is_a_409(self, client: Client):
        client.pool.open("conflict")
        assert "src/sand.py" in client.send("POST", f"{LIST}/1/merge", expect=409)["error"]["message"]

    def test_a_draft_and_a_closed_one_are_400(self, client: Client):
        client.pool.open(draft=True)
        client.send("POST", f"{LIST}/1/merge", expect=400)
        client.send("POST", f"{LIST}/1/decline")
        client.send("POST", f"{LIST}/1/merge", expect=400)

    def test_readers_may_not(self, opened: Client):
        opened.send("POST", f"{LIST}/1/merge", who=opened.pool.erin, expect=403)


class TestAsynchronousMerges:
    def start(self, client: Client) -> str:
        answer = client.call("POST", f"{LIST}/1/merge?async=true")
        assert (answer.status_code, answer.get_data()) == (202, b"")
        return answer.headers["Location"]

    def test_the_location_says_pending_and_then_what_came_of_it(self, opened: Client):
        location = self.start(opened)
        first, second = opened.get(location), opened.get(location)
        assert (first["task_status"], "merge_result" in first) == ("PENDING", False)
        assert first["links"]["self"]["href"] == location
        assert (second["task_status"], second["merge_result"]["state"]) == ("SUCCESS", "MERGED")

    def test_a_conflict_is_told_there(self, client: Client):
        client.pool.open("conflict")
        location = self.start(client)
        assert client.get(location)["task_status"] == "PENDING"
        client.get(location, expect=409)

    def test_a_task_of_another_pull_request_is_a_400(self, opened: Client):
        task = self.start(opened).rpartition("/")[2]
        opened.pool.open("conflict")
        opened.get(f"{LIST}/2/merge/task-status/{task}", expect=400)
        opened.get(f"{LIST}/1/merge/task-status/nope", expect=400)


class TestDeclining:
    def test_its_author_or_a_writer_may(self, client: Client):
        client.pool.open(author=client.pool.erin)
        declined = client.send("POST", f"{LIST}/1/decline", {"reason": "No"}, who=client.pool.erin)
        assert (declined["state"], declined["reason"]) == ("DECLINED", "No")
        client.pool.open("conflict")
        client.send("POST", f"{LIST}/2/decline", who=client.pool.erin, expect=403)
        client.send("POST", f"{LIST}/2/decline", who=client.pool.bob)
        client.send("POST", f"{LIST}/2/decline", who=client.pool.bob, expect=400)
