"""/workspaces: seen by members, closed to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client


@pytest.mark.parametrize("key", ["tidepool", "TIDEPOOL", "uuid"])
def test_a_workspace_is_found_by_slug_and_uuid(client: Client, key: str):
    body = client.get(f"/workspaces/{client.pool.workspace.uuid if key == 'uuid' else key}")
    assert (body["slug"], body["type"]) == ("tidepool", "workspace")
    assert {"owners", "members", "projects", "repositories", "hooks"} <= set(body["links"])


@pytest.mark.parametrize("who", [None, "charlie"])
def test_a_private_one_does_not_exist_for_others(client: Client, who: str | None):
    client.get("/workspaces/tidepool", who=getattr(client.pool, who) if who else None, expect=404)


def test_a_public_one_is_seen_by_all(client: Client):
    client.pool.workspace.is_private = False
    client.get("/workspaces/tidepool", who=None)


class TestMembers:
    def test_all_are_listed(self, client: Client):
        values = client.get("/workspaces/tidepool/members", who=client.pool.bob)["values"]
        assert [one["user"]["nickname"] for one in values] == ["alice", "bob", "erin"]
        assert "permission" not in values[0]

    def test_one_can_be_asked_for_by_address(self, client: Client):
        body = client.get("/workspaces/tidepool/members", q='user.email IN ("bob@tidepool.example")')
        assert [one["user"]["nickname"] for one in body["values"]] == ["bob"]

    def test_one_member(self, client: Client):
        bob = client.pool.bob
        for key in (bob.uuid, bob.account_id):
            assert client.get(f"/workspaces/tidepool/members/{key}")["permission"] == "member"
        client.get(f"/workspaces/tidepool/members/{client.pool.charlie.uuid}", expect=404)

    def test_roles_can_be_filtered_as_the_owners_link_does(self, client: Client):
        link = client.get("/workspaces/tidepool")["links"]["owners"]["href"]
        assert [one["user"]["nickname"] for one in client.get(link.partition("/2.0")[2])["values"]] == ["alice"]
        body = client.get("/workspaces/tidepool/permissions", q='permission="member"')
        assert [one["permission"] for one in body["values"]] == ["member", "member"]

    def test_strangers_of_a_public_workspace_are_forbidden(self, client: Client):
        client.pool.workspace.is_private = False
        client.get("/workspaces/tidepool/members", who=client.pool.charlie, expect=403)
        client.get("/workspaces/tidepool/members", who=None, expect=401)


class TestRepositoryPermissions:
    def test_administrators_see_all(self, client: Client):
        values = client.get("/workspaces/tidepool/permissions/repositories")["values"]
        assert {(one["user"]["nickname"], one["repository"]["name"], one["permission"]) for one in values} == {
            ("bob", "shells", "write"),
            ("erin", "shells", "read"),
        }
        assert client.get("/workspaces/tidepool/permissions/repositories/reef")["values"] == []

    @pytest.mark.parametrize("path", ["", "/shells"])
    def test_others_do_not(self, client: Client, path: str):
        client.get(f"/workspaces/tidepool/permissions/repositories{path}", who=client.pool.bob, expect=403)


class TestProjects:
    def test_members_see_the_private_ones(self, client: Client):
        assert [one["key"] for one in client.get("/workspaces/tidepool/projects")["values"]] == ["POOL"]
        assert client.get("/workspaces/tidepool/projects/POOL")["has_publicly_visible_repos"] is True

    def test_an_unknown_one_is_not_found(self, client: Client):
        client.get("/workspaces/tidepool/projects/NOPE", expect=404)

    def test_one_is_made_changed_and_deleted(self, client: Client):
        path = "/workspaces/tidepool/projects"
        made = client.send("POST", path, {"key": "deep", "name": "Deep", "is_private": False}, expect=201)
        assert (made["key"], made["is_private"]) == ("DEEP", False)
        changed = client.send("PUT", f"{path}/DEEP", {"name": "Deeper", "is_private": True})
        assert (changed["name"], changed["is_private"]) == ("Deeper", True)
        client.send("DELETE", f"{path}/DEEP", expect=204)
        client.get(f"{path}/DEEP", expect=404)

    def test_putting_one_that_is_not_there_makes_it(self, client: Client):
        made = client.send("PUT", "/workspaces/tidepool/projects/NEW", {"name": "New"}, expect=201)
        assert made["key"] == "NEW"

    def test_a_taken_key_and_a_missing_name_are_refused(self, client: Client):
        client.send("POST", "/workspaces/tidepool/projects", {"key": "POOL", "name": "x"}, expect=400)
        client.send("POST", "/workspaces/tidepool/projects", {"key": "X"}, expect=400)

    def test_one_with_repositories_cannot_be_deleted(self, client: Client):
        client.send("DELETE", "/workspaces/tidepool/projects/POOL", expect=400)

    def test_only_administrators_may(self, client: Client):
        for method, path in (("POST", ""), ("PUT", "/POOL"), ("DELETE", "/POOL")):
            client.send(
                method,
                f"/workspaces/tidepool/projects{path}",
                {"key": "X", "name": "X"},
                who=client.pool.bob,
                expect=403,
            )


def test_what_somebody_opened_in_a_workspace(client: Client):
    made = client.pool.open()
    path = f"/workspaces/tidepool/pullrequests/{client.pool.bob.uuid}"
    (one,) = client.get(path)["values"]
    assert one["id"] == made.id
    assert "reviewers" not in one
    assert client.get(path, state="MERGED")["values"] == []
    assert client.get(f"/workspaces/tidepool/pullrequests/{client.pool.alice.uuid}")["values"] == []
