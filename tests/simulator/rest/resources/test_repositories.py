"""/repositories: read, made, changed, renamed, forked, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator.world import actions

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client

SHELLS = "/repositories/tidepool/shells"


def encoded(uuid: str) -> str:
    return uuid.replace("{", "%7B").replace("}", "%7D")


class TestReading:
    def test_every_way_of_naming_one_finds_it(self, client: Client):
        pool = client.pool
        uuid, workspace = encoded(pool.shells.uuid), encoded(pool.workspace.uuid)
        for path in (
            "tidepool/shells",
            f"tidepool/{uuid}",
            f"{workspace}/{uuid}",
            f"%7B%7D/{uuid}",
            f"{workspace}/shells",
        ):
            assert client.get(f"/repositories/{path}")["full_name"] == "tidepool/shells", path

    def test_its_uuid_still_finds_it_after_a_rename_and_a_transfer(self, client: Client):
        pool, uuid = client.pool, encoded(client.pool.shells.uuid)
        actions.rename_repository(pool.world, pool.shells, actor=pool.alice, name="Conches")
        assert client.get(f"/repositories/tidepool/{uuid}")["slug"] == "conches"
        pool.elsewhere.members[pool.alice.uuid] = "owner"
        actions.transfer_repository(pool.world, pool.shells, actor=pool.alice, workspace=pool.elsewhere)
        assert client.get(f"/repositories/%7B%7D/{uuid}")["full_name"] == "elsewhere/conches"
        client.get(f"/repositories/tidepool/{uuid}", expect=404)

    def test_it_says_what_it_is(self, client: Client):
        body = client.get(SHELLS)
        assert (body["mainbranch"], body["is_private"], body["scm"]) == (
            {"name": "main", "type": "branch"},
            True,
            "git",
        )
        assert body["workspace"]["uuid"] == client.pool.workspace.uuid
        assert body["owner"]["type"] == "team"
        assert body["project"]["key"] == "POOL"
        assert body["size"] > 0
        assert [one["name"] for one in body["links"]["clone"]] == ["https", "ssh"]

    def test_an_empty_one_may_have_no_main_branch(self, client: Client):
        client.pool.shells.main_branch = None
        assert client.get(SHELLS)["mainbranch"] is None


class TestListing:
    def test_one_sees_ones_own(self, client: Client):
        assert [one["slug"] for one in client.get("/repositories/tidepool")["values"]] == ["shells", "reef"]

    @pytest.mark.parametrize("who", [None, "charlie"])
    def test_others_see_the_public(self, client: Client, who: str | None):
        caller = getattr(client.pool, who) if who else None
        assert [one["slug"] for one in client.get("/repositories/tidepool", who=caller)["values"]] == ["reef"]

    def test_a_workspace_without_anything_to_see_does_not_exist(self, client: Client):
        client.get("/repositories/elsewhere", expect=404)
        client.get("/repositories/nowhere", expect=404)

    @pytest.mark.parametrize(
        ("role", "slugs"), [("member", {"shells", "reef"}), ("contributor", {"shells"}), ("admin", set())]
    )
    def test_it_narrows_to_a_role(self, client: Client, role: str, slugs: set[str]):
        values = client.get("/repositories/tidepool", who=client.pool.bob, role=role)["values"]
        assert {one["slug"] for one in values} == slugs

    def test_it_can_be_queried_and_sorted(self, client: Client):
        assert client.get("/repositories/tidepool", q='name ~ "SHE"')["size"] == 1
        assert (
            client.get("/repositories/tidepool", q='owner.display_name = "Tidepool" AND is_private = true')["size"] == 1
        )
        assert [one["slug"] for one in client.get("/repositories/tidepool", sort="name")["values"]] == [
            "reef",
            "shells",
        ]

    def test_an_app_sees_its_workspaces(self, client: Client):
        assert client.get("/repositories/tidepool", who=client.app_token("repository"))["size"] == 2


class TestWriting:
    def test_one_is_made_as_the_caller_names_it(self, client: Client):
        body = {"name": "Sea Urchins", "is_private": False, "description": "Spiky", "project": {"key": "POOL"}}
        made = client.send("POST", "/repositories/tidepool/sea-urchins", body)
        assert (made["slug"], made["name"], made["is_private"], made["description"]) == (
            "sea-urchins",
            "Sea Urchins",
            False,
            "Spiky",
        )
        assert "repo:created" in client.pool.keys

    def test_a_new_one_has_the_settings_that_were_wished_for(self, client: Client):
        wish = {"fork_policy": "no_forks", "language": "go", "website": "https://u.example", "has_issues": True}
        made = client.send("POST", "/repositories/tidepool/urchins", wish)
        assert {name: made[name] for name in wish} == wish
        changed = client.send("PUT", "/repositories/tidepool/urchins", {"fork_policy": "allow_forks"})
        assert changed["fork_policy"] == "allow_forks"
        assert client.pool.events[-1].body["changes"]["fork_policy"] == {"new": "allow_forks", "old": "no_forks"}

    def test_a_policy_that_is_none_makes_and_changes_nothing(self, client: Client):
        client.send("POST", "/repositories/tidepool/urchins", {"fork_policy": "some"}, expect=400)
        client.get("/repositories/tidepool/urchins", expect=404)
        client.send("PUT", SHELLS, {"name": "Conches", "fork_policy": "some"}, expect=400)
        assert client.get(SHELLS)["name"] == "shells"

    def test_it_is_private_unless_it_is_to_be_public(self, client: Client):
        assert client.send("POST", "/repositories/tidepool/x")["is_private"] is True

    def test_a_taken_slug_is_refused(self, client: Client):
        client.send("POST", SHELLS, {}, expect=400)

    def test_strangers_cannot_make_any(self, client: Client):
        client.send("POST", "/repositories/tidepool/x", who=client.pool.charlie, expect=404)
        client.send("POST", "/repositories/tidepool/x", who=None, expect=404)

    def test_putting_one_that_is_not_there_makes_it(self, client: Client):
        assert client.send("PUT", "/repositories/tidepool/new", {}, expect=201)["slug"] == "new"

    def test_settings_change_and_a_name_renames(self, client: Client):
        body = {
            "name": "Conches",
            "description": "Big",
            "language": "python",
            "website": "https://c.example",
            "mainbranch": {"name": "conflict"},
        }
        answer = client.call("PUT", SHELLS, body)
        changed = answer.get_json()
        assert (changed["slug"], changed["description"], changed["mainbranch"]["name"]) == (
            "conches",
            "Big",
            "conflict",
        )
        assert answer.headers["Location"].endswith("/repositories/tidepool/conches")
        assert client.pool.keys == ["repo:updated", "repo:updated"]

    def test_a_main_branch_that_is_not_there_is_refused(self, client: Client):
        client.send("PUT", SHELLS, {"mainbranch": {"name": "nope"}}, expect=400)

    @pytest.mark.parametrize("body", [{"is_private": "yes"}, {"description": 5}, {"project": {"key": "NOPE"}}])
    def test_values_of_the_wrong_kind_are_refused(self, client: Client, body: dict):
        client.send("PUT", SHELLS, body, expect=400)

    def test_only_an_administrator_changes_and_deletes(self, client: Client):
        client.send("PUT", SHELLS, {}, who=client.pool.bob, expect=403)
        client.send("DELETE", SHELLS, who=client.pool.bob, expect=403)

    def test_a_deleted_one_is_gone(self, client: Client):
        client.send("DELETE", SHELLS, expect=204)
        client.get(SHELLS, expect=404)

    def test_deletion_needs_its_own_scope(self, client: Client):
        client.send("DELETE", SHELLS, who=client.app_token("repository:admin", "repository:write"), expect=403)
        client.send("DELETE", SHELLS, who=client.app_token("repository:delete"), expect=204)


class TestForks:
    def test_a_fork_is_made_and_listed(self, client: Client):
        made = client.send("POST", f"{SHELLS}/forks", {"name": "My shells"}, who=client.pool.bob, expect=201)
        assert (made["slug"], made["parent"]["full_name"]) == ("my-shells", "tidepool/shells")
        assert [one["slug"] for one in client.get(f"{SHELLS}/forks", who=client.pool.bob)["values"]] == ["my-shells"]

    def test_into_a_workspace_of_others_it_is_not(self, client: Client):
        client.send("POST", f"{SHELLS}/forks", {"workspace": {"slug": "elsewhere"}}, expect=404)


def test_watchers_are_its_administrators(client: Client):
    client.pool.shells.permissions[client.pool.bob.uuid] = "admin"
    assert [one["nickname"] for one in client.get(f"{SHELLS}/watchers")["values"]] == ["bob"]


def test_its_inheritance_is_told_to_administrators(client: Client):
    body = client.get(f"{SHELLS}/override-settings")
    assert body["override_settings"] == {"default_merge_strategy": False, "branching_model": False}
    client.pool.shells.branching_model.development = "conflict"
    assert client.get(f"{SHELLS}/override-settings")["override_settings"]["branching_model"] is True
    client.get(f"{SHELLS}/override-settings", who=client.pool.bob, expect=403)
    client.send("PUT", f"{SHELLS}/override-settings", {"override_settings": {}}, expect=204)
