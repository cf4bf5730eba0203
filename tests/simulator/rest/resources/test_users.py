"""/user and /users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.simulator.tidepool import Client


def test_the_caller_sees_themselves(client: Client):
    body = client.get("/user", who=client.pool.bob)
    assert (body["uuid"], body["account_id"], body["type"]) == (
        client.pool.bob.uuid,
        client.pool.bob.account_id,
        "user",
    )
    assert {"username", "created_on", "account_status", "has_2fa_enabled", "is_staff"} <= set(body)
    assert "email" not in body


@pytest.mark.parametrize("path", ["/user", "/user/emails", "/user/workspaces", "/user/workspaces/tidepool/permission"])
def test_nobody_is_asked_to_say_who_they_are(client: Client, path: str):
    assert client.call("GET", path, who=None).status_code in {401, 404}


def test_somebody_is_found_by_uuid_or_account_id_by_anybody(client: Client):
    bob = client.pool.bob
    for key in (bob.uuid.replace("{", "%7B").replace("}", "%7D"), bob.uuid.strip("{}"), bob.account_id):
        assert client.get(f"/users/{key}", who=None)["display_name"] == "Bob Example"


def test_but_not_by_nickname(client: Client):
    client.get("/users/bob", expect=404)


def test_a_renamed_user_is_still_found_by_uuid(client: Client):
    client.pool.bob.nickname, client.pool.bob.display_name = "robert", "Robert Example"
    assert client.get(f"/users/{client.pool.bob.uuid}")["nickname"] == "robert"


def test_an_apps_user_says_that_it_is_one(client: Client):
    assert client.get(f"/users/{client.pool.kelp.uuid}")["type"] == "app_user"


def test_own_addresses(client: Client):
    (only,) = client.get("/user/emails")["values"]
    assert (only["email"], only["is_primary"], only["type"]) == ("alice@tidepool.example", True, "email")
    assert client.get("/user/emails/ALICE@tidepool.example")["email"] == "alice@tidepool.example"
    client.get("/user/emails/bob@tidepool.example", expect=404)


class TestOwnWorkspaces:
    def test_each_says_whether_one_administers_it(self, client: Client):
        values = client.get("/user/workspaces")["values"]
        assert [(one["workspace"]["slug"], one["administrator"]) for one in values] == [("tidepool", True)]
        assert client.get("/user/workspaces", who=client.pool.bob)["values"][0]["administrator"] is False
        assert values[0]["workspace"]["type"] == "workspace_base"

    @pytest.mark.parametrize(("wanted", "count"), [("true", 1), ("false", 0)])
    def test_they_can_be_narrowed_to_those(self, client: Client, wanted: str, count: int):
        assert client.get("/user/workspaces", administrator=wanted)["size"] == count

    def test_ones_role_in_one(self, client: Client):
        assert client.get("/user/workspaces/tidepool/permission")["permission"] == "owner"
        assert client.get("/user/workspaces/tidepool/permission", who=client.pool.erin)["permission"] == "member"
        client.get("/user/workspaces/tidepool/permission", who=client.pool.charlie, expect=404)

    def test_what_one_may_do_to_its_repositories(self, client: Client):
        values = client.get("/user/workspaces/tidepool/permissions/repositories", who=client.pool.bob)["values"]
        assert {one["repository"]["name"]: one["permission"] for one in values} == {"shells": "write", "reef": "read"}
