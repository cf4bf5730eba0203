"""/commit and /commits."""

from __future__ import annotations

import pytest

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Client

SHELLS = "/repositories/tidepool/shells"


def messages(body: dict) -> list[str]:
    return [one["message"].split("\n")[0] for one in body["values"]]


class TestOne:
    def test_it_is_found_by_hash_short_hash_branch_and_tag(self, client: Client):
        tip = client.pool.shells.git.branches()["main"]
        for name in (tip, tip[:12], "main"):
            assert client.get(f"{SHELLS}/commit/{name}")["hash"] == tip

    def test_it_tells_author_parents_and_rendered_message(self, client: Client):
        body = client.get(f"{SHELLS}/commit/main")
        assert body["author"]["raw"] == "Alice Example <alice@tidepool.example>"
        assert [one["type"] for one in body["parents"]] == ["commit"]
        assert body["rendered"]["message"]["html"] == "<p>Finer sand</p>"
        assert body["participants"] == []
        assert set(body["links"]) == {"self", "html", "diff", "approve", "comments", "statuses", "patch"}

    def test_an_unknown_one_is_not_found_in_bitbuckets_words(self, client: Client):
        assert client.get(f"{SHELLS}/commit/0123456789", expect=404)["error"]["message"] == "Changeset not found."

    def test_the_author_nobody_knows_has_only_a_raw_name(self, client: Client):
        client.pool.world.users_by_email.clear()
        body = client.get(f"{SHELLS}/commit/main", who=client.app_token("repository"))
        assert set(body["author"]) == {"type", "raw"}

    def test_a_merge_links_its_pull_request(self, client: Client):
        pull_request = client.pool.open()
        actions.merge(client.pool.world, pull_request, actor=client.pool.alice)
        summary = client.get(f"{SHELLS}/commit/main")["summary"]["html"]
        assert '<a href="https://bitbucket.org/tidepool/shells/pull-requests/1" rel="nofollow"' in summary


class TestWalks:
    def test_without_a_name_all_branches_are_walked(self, client: Client):
        assert messages(client.get(f"{SHELLS}/commits")) == [
            "Finer sand", "Other grains", "Wind further", "Wind", "Add the sand", "Begin",
        ]  # fmt: skip

    def test_it_is_an_iterator_with_a_page_of_thirty(self, client: Client):
        body = client.get(f"{SHELLS}/commits")
        assert (body["pagelen"], "size" in body) == (30, False)
        assert len(client.everything(f"{SHELLS}/commits", pagelen=4)) == 6

    @pytest.mark.parametrize("name", ["main", "v1.0", SPIRAL])
    def test_from_a_name_its_ancestors_are_walked(self, client: Client, name: str):
        expected = {"main": 3, "v1.0": 2, SPIRAL: 4}[name]
        assert len(client.get(f"{SHELLS}/commits/{name}")["values"]) == expected

    def test_what_another_has_can_be_left_out(self, client: Client):
        assert messages(client.get(f"{SHELLS}/commits/{SPIRAL}", exclude="main")) == ["Wind further", "Wind"]
        assert messages(client.get(f"{SHELLS}/commits", include=SPIRAL, exclude="main")) == ["Wind further", "Wind"]
        assert messages(client.get(f"{SHELLS}/commits/main..{SPIRAL}")) == ["Wind further", "Wind"]

    def test_several_can_be_walked_at_once(self, client: Client):
        answer = client.call("GET", f"{SHELLS}/commits?include={SPIRAL}&include=conflict&exclude=main")
        assert messages(answer.get_json()) == ["Other grains", "Wind further", "Wind"]

    def test_a_post_takes_the_names_in_its_body(self, client: Client):
        answer = client.call("POST", f"{SHELLS}/commits", data={"include": [SPIRAL, "conflict"], "exclude": "main"})
        assert messages(answer.get_json()) == ["Other grains", "Wind further", "Wind"]

    def test_a_path_narrows_them(self, client: Client):
        assert messages(client.get(f"{SHELLS}/commits/main?path=src/sand.py")) == ["Finer sand", "Add the sand"]

    @pytest.mark.parametrize("query", [{"include": "nope"}, {"exclude": "nope"}])
    def test_an_unknown_name_is_not_found(self, client: Client, query: dict):
        client.get(f"{SHELLS}/commits", expect=404, **query)

    def test_a_push_between_two_pages_shifts_nothing(self, client: Client):
        first = client.get(f"{SHELLS}/commits/main", pagelen=1)
        actions.push_commit(client.pool.world, client.pool.shells, actor=client.pool.bob, branch="main", message="New")
        second = client.get(first["next"].partition("/2.0")[2])
        assert messages(second) == ["Add the sand"]


class TestApprovals:
    def test_a_commit_is_approved_and_shown_with_it(self, client: Client):
        part = client.send("POST", f"{SHELLS}/commit/main/approve", who=client.pool.bob)
        assert (part["approved"], part["role"]) == (True, "PARTICIPANT")
        assert client.get(f"{SHELLS}/commit/main")["participants"][0]["user"]["uuid"] == client.pool.bob.uuid

    def test_and_withdrawn_once(self, client: Client):
        client.send("POST", f"{SHELLS}/commit/main/approve")
        client.send("POST", f"{SHELLS}/commit/main/approve")
        client.send("DELETE", f"{SHELLS}/commit/main/approve", expect=204)
        client.send("DELETE", f"{SHELLS}/commit/main/approve", expect=404)


def test_the_pull_requests_that_have_a_commit(client: Client):
    pull_request = client.pool.open()
    (one,) = client.get(f"{SHELLS}/commit/{pull_request.source_hash}/pullrequests")["values"]
    assert one["id"] == pull_request.id
    assert client.get(f"{SHELLS}/commit/main/pullrequests")["values"] == []


class TestComments:
    PATH = f"{SHELLS}/commit/main/comments"

    def test_one_is_made_read_changed_and_deleted(self, client: Client):
        body = {"content": {"raw": "Fine"}, "inline": {"path": "src/sand.py", "to": 3}}
        answer = client.call("POST", self.PATH, body)
        made = answer.get_json()
        assert (answer.status_code, made["type"], made["inline"]["to"]) == (201, "commit_comment", 3)
        one = answer.headers["Location"].partition("/2.0")[2]
        assert client.get(one)["content"]["raw"] == "Fine"
        assert client.send("PUT", one, {"content": {"raw": "Finer"}}, expect=201)["content"]["raw"] == "Finer"
        client.send("DELETE", one, expect=204)
        assert client.get(self.PATH)["values"][0]["deleted"] is True

    def test_an_answer_names_its_parent(self, client: Client):
        first = client.send("POST", self.PATH, {"content": {"raw": "Fine"}}, expect=201)
        answer = client.send("POST", self.PATH, {"content": {"raw": "?"}, "parent": {"id": first["id"]}}, expect=201)
        assert answer["parent"]["id"] == first["id"]

    def test_the_words_of_another_stay(self, client: Client):
        made = client.send("POST", self.PATH, {"content": {"raw": "Mine"}}, expect=201)
        for method in ("PUT", "DELETE"):
            client.send(method, f"{self.PATH}/{made['id']}", {"content": {"raw": "x"}}, who=client.pool.bob, expect=403)

    @pytest.mark.parametrize(
        "body", [{}, {"content": {"raw": ""}}, {"content": {"raw": 5}}, {"content": {"raw": "x"}, "parent": {"id": 9}}]
    )
    def test_a_bad_one_is_a_400(self, client: Client, body: dict):
        client.send("POST", self.PATH, body, expect=400)

    def test_an_unknown_one_is_not_found(self, client: Client):
        client.get(f"{self.PATH}/9", expect=404)
        client.get(f"{self.PATH}/x", expect=404)
