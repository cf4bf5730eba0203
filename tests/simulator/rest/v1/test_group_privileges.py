"""/1.0/group-privileges."""

from __future__ import annotations

import pytest

ALL = "/group-privileges/tidepool/"
SHELLS = "/group-privileges/tidepool/shells/"
OF_DIVERS = "/group-privileges/tidepool/tidepool/the-divers/"
DIVERS_ON_SHELLS = "/group-privileges/tidepool/shells/tidepool/the-divers/"


def test_a_repository_lists_what_groups_may_do(old, divers):
    (grant,) = old.call("GET", SHELLS)
    assert (grant["repo"], grant["privilege"]) == ("tidepool/shells", "read")
    assert (grant["group"]["slug"], [one["nickname"] for one in grant["group"]["members"]]) == ("the-divers", ["erin"])
    assert (grant["repository"]["slug"], grant["repository"]["owner"]["username"]) == ("shells", "tidepool")
    assert old.call("GET", ALL) == old.call("GET", OF_DIVERS) == old.call("GET", DIVERS_ON_SHELLS) == [grant]


def test_a_list_is_narrowed_by_privilege_and_privacy(old, divers):
    old.call("PUT", "/group-privileges/tidepool/reef/tidepool/the-divers", data="admin", content_type="text/plain")
    told = lambda query: [one["repo"] for one in old.call("GET", ALL, query_string=query)]  # noqa: E731
    assert told({"filter": "admin"}) == ["tidepool/reef"]
    assert told({"private": "true"}) == ["tidepool/shells"]
    assert told({"private": "false", "filter": "read"}) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"admin", "content_type": "text/plain"},
        {"data": b"admin", "content_type": "application/x-www-form-urlencoded"},
        {"data": b"admin\n"},
    ],
)
def test_a_privilege_is_the_bare_word(old, divers, sent):
    (grant,) = old.call("PUT", DIVERS_ON_SHELLS, **sent)
    assert grant["privilege"] == "admin"
    assert [one["privilege"] for one in old.call("GET", SHELLS)] == ["admin"]


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({"data": {"privilege": "admin"}}, "privilege=admin is not a valid privilege"),
        ({"data": b"own", "content_type": "text/plain"}, "own is not a valid privilege"),
        ({}, " is not a valid privilege"),
    ],
)
def test_anything_else_is_no_privilege(old, divers, sent, complaint):
    assert old.call("PUT", DIVERS_ON_SHELLS, expect=400, **sent) == complaint
    assert [one["privilege"] for one in old.call("GET", SHELLS)] == ["read"]


def test_a_privilege_is_taken_away(old, divers):
    old.call("DELETE", DIVERS_ON_SHELLS, expect=204)
    assert old.call("GET", DIVERS_ON_SHELLS) == []
    old.call("DELETE", DIVERS_ON_SHELLS, expect=404)


def test_all_privileges_of_a_group_are_taken_away_at_once(old, divers):
    old.pool.reef.group_privileges[divers] = "write"
    old.call("DELETE", OF_DIVERS, expect=204)
    assert old.call("GET", ALL) == []


def test_only_groups_of_the_workspace_are_granted_anything(old, divers):
    for group in ("elsewhere/the-divers", "tidepool/none"):
        old.call("PUT", f"{SHELLS}{group}/", data=b"read", expect=404)


def test_a_group_may_be_named_by_its_workspaces_uuid(old, divers):
    assert len(old.call("GET", f"{SHELLS}{old.pool.workspace.uuid}/the-divers/")) == 1


def test_what_a_group_may_do_its_members_may(old, divers):
    pool = old.pool
    shells = "/repositories/tidepool/shells"
    del pool.shells.permissions[pool.erin.uuid]
    assert old.client.get(shells, who=pool.erin)["slug"] == "shells"
    old.client.send("PUT", shells, {"description": "x"}, who=pool.erin, expect=403)
    old.call("PUT", DIVERS_ON_SHELLS, data=b"admin", content_type="text/plain")
    old.client.send("PUT", shells, {"description": "x"}, who=pool.erin)
    old.call("DELETE", DIVERS_ON_SHELLS, expect=204)
    old.client.get(shells, who=pool.erin, expect=404)


def test_a_repository_that_moves_away_leaves_its_groups_behind(old, divers):
    from simulator.world import actions

    pool = old.pool
    actions.transfer_repository(pool.world, pool.shells, actor=pool.charlie, workspace=pool.elsewhere)
    assert old.call("GET", "/group-privileges/elsewhere/shells/", who=pool.charlie) == []
    old.client.get("/repositories/elsewhere/shells", who=pool.erin, expect=404)


@pytest.mark.parametrize(
    ("method", "path", "stranger"),
    [
        ("GET", ALL, 404),
        ("GET", SHELLS, 404),
        ("GET", OF_DIVERS, 404),
        ("DELETE", OF_DIVERS, 404),
        ("GET", DIVERS_ON_SHELLS, 404),
        ("PUT", DIVERS_ON_SHELLS, 404),
        ("DELETE", DIVERS_ON_SHELLS, 404),
    ],
)
def test_administrators_only(old, divers, method, path, stranger):
    old.call(method, path, who=old.pool.bob, expect=403)
    old.call(method, path, who=old.pool.charlie, expect=stranger)
    old.call(method, path, who=None, expect=401)
    old.call(method, path, who=old.client.app_token("account"), expect=403)
    assert old.pool.shells.group_privileges[divers] == "read"


def test_who_administers_one_repository_sees_its_groups_and_no_others(old, divers):
    old.pool.shells.permissions[old.pool.bob.uuid] = "admin"
    assert len(old.call("GET", SHELLS, who=old.pool.bob)) == 1
    old.call("GET", ALL, who=old.pool.bob, expect=403)
