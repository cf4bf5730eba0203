"""/1.0/groups."""

from __future__ import annotations

import pytest

GROUPS = "/groups/tidepool/"
DIVERS = "/groups/tidepool/the-divers/"


def test_a_workspace_lists_its_groups_with_their_members(old, divers):
    (group,) = old.call("GET", GROUPS)
    assert (group["slug"], group["name"], group["permission"], group["auto_add"]) == (
        "the-divers",
        "The Divers",
        None,
        False,
    )
    assert [one["nickname"] for one in group["members"]] == ["erin"]
    assert (group["owner"]["username"], group["owner"]["is_team"]) == ("tidepool", True)
    assert old.call("GET", f"/groups/{old.pool.workspace.uuid}/") == [group]
    assert old.call("GET", "/groups/tidepool") == [group]
    assert old.call("GET", DIVERS) == group


def test_groups_are_found_by_name(old, divers):
    found = old.call("GET", "/groups", query_string={"group": ["tidepool/the-divers", "tidepool/the-divers"]})
    assert [one["slug"] for one in found] == ["the-divers", "the-divers"]
    assert old.call("GET", "/groups") == []
    old.call("GET", "/groups?group=tidepool/none", expect=404)


def test_a_group_is_made_from_a_form(old):
    made = old.call("POST", GROUPS, data={"name": "The Swimmers & co"})
    assert (made["slug"], made["name"], made["members"]) == ("the-swimmers-co", "The Swimmers & co", [])
    assert old.call("POST", GROUPS, data={"name": "The Swimmers & co"}, expect=409)


@pytest.mark.parametrize("sent", [{}, {"data": {"name": " "}}, {"data": {"title": "x"}}, {"json": {"name": "X"}}])
def test_a_group_needs_a_name_in_a_form(old, sent):
    assert old.call("POST", GROUPS, expect=400, **sent) == "name: this field is required"


def test_a_group_is_changed_with_json(old, divers):
    changed = old.call("PUT", DIVERS, json={"name": "Pearl Divers", "permission": "write", "auto_add": True})
    assert (changed["slug"], changed["name"]) == ("pearl-divers", "Pearl Divers")
    assert (changed["permission"], changed["auto_add"]) == ("write", True)
    old.call("GET", DIVERS, expect=404)
    assert old.call("PUT", "/groups/tidepool/pearl-divers/", json={"permission": None})["permission"] is None


def test_a_change_that_makes_no_sense_changes_nothing(old, divers):
    old.call("POST", GROUPS, data={"name": "Others"})
    assert old.call("PUT", DIVERS, json={"permission": "own"}, expect=400) == "own is not a valid permission"
    old.call("PUT", DIVERS, json={"auto_add": "yes"}, expect=400)
    old.call("PUT", DIVERS, json={"name": "Others"}, expect=409)
    assert old.call("PUT", DIVERS, data={"name": "X"}, expect=415) == "Unsupported Media Type"
    assert old.call("GET", DIVERS)["name"] == "The Divers"


def test_a_group_that_goes_leaves_its_members_and_takes_its_grants(old, divers):
    old.call("DELETE", DIVERS, expect=204)
    assert old.call("GET", GROUPS) == []
    assert old.pool.erin.uuid in old.pool.workspace.members
    assert old.call("GET", "/group-privileges/tidepool/shells/") == []


def test_members_come_and_go(old, divers):
    bob = old.pool.bob
    put = f"{DIVERS}members/{bob.uuid}/"
    assert old.call("PUT", put, json={})["uuid"] == bob.uuid
    assert old.call("PUT", put, json={})["uuid"] == bob.uuid
    assert [one["nickname"] for one in old.call("GET", f"{DIVERS}members")] == ["erin", "bob"]
    old.call("DELETE", f"{DIVERS}members/{old.pool.erin.uuid.strip('{}').upper()}", expect=204)
    assert [one["nickname"] for one in old.call("GET", f"{DIVERS}members")] == ["bob"]


def test_a_member_is_put_in_with_a_json_body(old, divers):
    assert old.call("PUT", f"{DIVERS}members/{old.pool.bob.uuid}/", expect=415) == "Unsupported Media Type"


def test_somebody_from_outside_becomes_a_member_of_the_workspace(old, divers):
    charlie = old.pool.charlie
    old.call("PUT", f"{DIVERS}members/{charlie.uuid}/", json={})
    assert old.pool.workspace.members[charlie.uuid] == "member"


def test_nobody_who_is_not_there_is_put_in_or_taken_out(old, divers):
    old.call("PUT", f"{DIVERS}members/nobody/", json={}, expect=404)
    old.call("DELETE", f"{DIVERS}members/{old.pool.bob.uuid}/", expect=404)
    old.call("PUT", "/groups/tidepool/none/members/bob/", json={}, expect=404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", GROUPS),
        ("GET", "/groups?group=tidepool/the-divers"),
        ("POST", GROUPS),
        ("GET", DIVERS),
        ("PUT", DIVERS),
        ("DELETE", DIVERS),
        ("GET", f"{DIVERS}members"),
        ("PUT", f"{DIVERS}members/bob/"),
        ("DELETE", f"{DIVERS}members/erin/"),
    ],
)
def test_administrators_only(old, divers, method, path):
    text = old.call(method, path, who=old.pool.bob, expect=403)
    assert text == "You need to be an administrator of this workspace."
    old.call(method, path, who=old.pool.charlie, expect=404)
    old.call(method, path, who=None, expect=401)
    lacking = old.call(method, path, who=old.client.app_token("repository"), expect=403)
    assert "privilege scopes" in lacking


def test_an_app_may_with_the_scope(old, divers):
    assert old.call("GET", GROUPS, who=old.client.app_token("account"))


def test_a_new_repository_grants_what_its_groups_are_given_by_default(old, divers):
    old.call("PUT", DIVERS, json={"permission": "write"})
    old.client.send("POST", "/repositories/tidepool/pearls", {"name": "pearls"})
    (grant,) = old.call("GET", "/group-privileges/tidepool/pearls/")
    assert (grant["privilege"], grant["group"]["slug"]) == ("write", "the-divers")
