"""/1.0/users/{account}/invitations."""

from __future__ import annotations

import pytest

ALL = "/users/tidepool/invitations"
NEW = f"{ALL}/new@example.com"
TO_DIVERS = f"{NEW}/tidepool/the-divers"


@pytest.fixture
def invited(old, divers):
    return old.call("PUT", ALL, json={"email": "new@example.com", "group_slug": "the-divers"})


def test_an_address_is_invited_to_a_group(old, invited):
    assert (invited["email"], invited["groups"]) == ("new@example.com", ["tidepool/the-divers"])
    assert invited["utc_sent_on"] == "2026-10-15 08:00:00+00:00"
    assert invited["invited_by"]["nickname"] == "alice"
    assert old.call("GET", ALL) == old.call("GET", f"/users/{old.pool.workspace.uuid}/invitations") == [invited]
    assert old.call("GET", NEW) == old.call("GET", TO_DIVERS) == invited


def test_the_older_way_and_a_post_invite_too(old, divers):
    old.call("POST", "/groups/tidepool/", data={"name": "Others"})
    old.call("PUT", TO_DIVERS)
    found = old.call("POST", ALL, json={"email": "New@example.com", "group_slug": "others"})
    assert found["groups"] == ["tidepool/the-divers", "tidepool/others"]
    assert old.call("PUT", TO_DIVERS)["groups"] == found["groups"]


def test_an_invitation_is_withdrawn_by_group_or_as_a_whole(old, invited):
    old.call("POST", "/groups/tidepool/", data={"name": "Others"})
    old.call("PUT", f"{NEW}/tidepool/others")
    old.call("DELETE", TO_DIVERS, expect=204)
    assert [one["groups"] for one in old.call("GET", ALL)] == [["tidepool/others"]]
    old.call("GET", TO_DIVERS, expect=404)
    old.call("DELETE", NEW, expect=204)
    assert old.call("GET", ALL) == []
    old.call("DELETE", NEW, expect=404)


def test_the_last_group_takes_the_invitation_along(old, invited):
    old.call("DELETE", TO_DIVERS, expect=204)
    assert old.call("GET", ALL) == []


def test_a_group_that_goes_takes_its_invitations_along(old, invited):
    old.call("DELETE", "/groups/tidepool/the-divers/", expect=204)
    assert old.call("GET", ALL) == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"email": "new@example.com"}}, 400),
        ({"json": {"group_slug": "the-divers"}}, 400),
        ({"json": {"email": "nobody", "group_slug": "the-divers"}}, 400),
        ({"json": {"email": "new@example.com", "group_slug": "none"}}, 404),
        ({"data": {"email": "new@example.com", "group_slug": "the-divers"}}, 415),
        ({}, 415),
    ],
)
def test_a_wish_that_makes_no_sense_invites_nobody(old, divers, sent, status):
    old.call("PUT", ALL, expect=status, **sent)
    assert old.call("GET", ALL) == []


@pytest.mark.parametrize("path", [f"{NEW}/elsewhere/the-divers", f"{NEW}/tidepool/none"])
def test_only_groups_of_the_workspace_are_invited_to(old, invited, path):
    for method in ("GET", "PUT", "DELETE"):
        old.call(method, path, expect=404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ALL),
        ("PUT", ALL),
        ("POST", ALL),
        ("GET", NEW),
        ("DELETE", NEW),
        ("GET", TO_DIVERS),
        ("PUT", TO_DIVERS),
        ("DELETE", TO_DIVERS),
    ],
)
def test_administrators_only(old, invited, method, path):
    old.call(method, path, who=old.pool.bob, expect=403)
    old.call(method, path, who=old.pool.charlie, expect=404)
    old.call(method, path, who=None, expect=401)
    old.call(method, path, who=old.client.app_token("repository:admin"), expect=403)
