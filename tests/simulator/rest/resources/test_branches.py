"""/refs: branches and tags."""

from __future__ import annotations

import pytest

from tests.simulator.tidepool import SPIRAL, Client

REFS = "/repositories/tidepool/shells/refs"


class TestReading:
    def test_branches_come_in_the_order_of_their_names(self, client: Client):
        values = client.get(f"{REFS}/branches")["values"]
        assert [one["name"] for one in values] == ["conflict", "docs/shell-names", SPIRAL, "main"]
        assert {one["type"] for one in values} == {"branch"}

    def test_all_refs_are_branches_and_tags(self, client: Client):
        assert [one["type"] for one in client.get(REFS)["values"]] == ["branch"] * 4 + ["tag"]

    @pytest.mark.parametrize("name", [SPIRAL, "feature%2Fspiral"])
    def test_a_branch_with_a_slash_is_found_encoded_or_not(self, client: Client, name: str):
        body = client.get(f"{REFS}/branches/{name}")
        assert body["name"] == SPIRAL
        assert body["target"]["message"] == "Wind further\n\nThe other way.\n"
        assert body["target"]["author"]["user"]["uuid"] == client.pool.bob.uuid
        assert body["target"]["date"] == "2026-10-05T17:00:00+00:00"
        assert body["default_merge_strategy"] in body["merge_strategies"]

    def test_a_tag_tells_its_message_and_target(self, client: Client):
        body = client.get(f"{REFS}/tags/v1.0")
        assert (body["type"], body["message"], body["date"]) == ("tag", "First\n", "2026-10-05T14:00:00+00:00")
        assert body["tagger"]["raw"] == "Alice Example <alice@tidepool.example>"
        assert body["target"]["message"] == "Add the sand\n"

    @pytest.mark.parametrize("path", ["branches/nope", "tags/nope", "tags/main"])
    def test_what_is_not_there_is_not_found(self, client: Client, path: str):
        client.get(f"{REFS}/{path}", expect=404)

    def test_they_can_be_queried_by_name_and_by_date_and_sorted(self, client: Client):
        assert [one["name"] for one in client.get(f"{REFS}/branches", q='name ~ "FEATURE"')["values"]] == [SPIRAL]
        newest = client.get(f"{REFS}/branches", sort="-target.date")["values"]
        assert newest[0]["name"] == "main"
        assert client.get(f"{REFS}/branches", q="target.date > 2026-10-06")["size"] == 1

    def test_they_page(self, client: Client):
        assert len(client.everything(f"{REFS}/branches", pagelen=1)) == 4


class TestWriting:
    def test_a_branch_is_made_at_a_commit_or_where_another_is(self, client: Client):
        tip = client.pool.shells.git.branches()[SPIRAL]
        for name, target in (("one", tip), ("two/x", SPIRAL), ("three", tip[:8])):
            made = client.send("POST", f"{REFS}/branches", {"name": name, "target": {"hash": target}}, expect=201)
            assert (made["name"], made["target"]["hash"]) == (name, tip)
            assert client.get(f"{REFS}/branches/{name}")["name"] == name

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": "x"},
            {"name": "x", "target": {"hash": "nope"}},
            {"name": SPIRAL, "target": {"hash": "main"}},
            {"name": "..", "target": {"hash": "main"}},
        ],
    )
    def test_a_bad_wish_is_a_400(self, client: Client, body: dict):
        assert client.send("POST", f"{REFS}/branches", body, expect=400)["error"]["fields"]

    def test_a_branch_is_deleted_but_not_the_main_one(self, client: Client):
        client.send("DELETE", f"{REFS}/branches/{SPIRAL}", expect=204)
        client.get(f"{REFS}/branches/{SPIRAL}", expect=404)
        client.send("DELETE", f"{REFS}/branches/main", expect=409)
        client.send("DELETE", f"{REFS}/branches/nope", expect=404)

    def test_a_tag_is_annotated_even_without_a_message(self, client: Client):
        tip = client.pool.shells.git.branches()["main"]
        made = client.send("POST", f"{REFS}/tags", {"name": "v2", "target": {"hash": "main"}}, expect=201)
        assert made["message"] == f"Added tag v2 for changeset {tip[:12]}"
        client.send("DELETE", f"{REFS}/tags/v2", expect=204)
        client.get(f"{REFS}/tags/v2", expect=404)

    def test_readers_may_not(self, client: Client):
        body = {"name": "x", "target": {"hash": "main"}}
        for method, path in (
            ("POST", "branches"),
            ("POST", "tags"),
            ("DELETE", f"branches/{SPIRAL}"),
            ("DELETE", "tags/v1.0"),
        ):
            client.send(method, f"{REFS}/{path}", body, who=client.pool.erin, expect=403)
