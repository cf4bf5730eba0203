"""/1.0/invitations."""

from __future__ import annotations

import pytest

SHELLS = "/invitations/tidepool/shells"
NEW = f"{SHELLS}/new@example.com"


@pytest.fixture
def invited(old):
    return old.call("POST", NEW, data={"permission": "write"})


def test_an_address_in_the_path_is_invited(old, invited):
    assert (invited["email"], invited["permission"]) == ("new@example.com", "write")
    assert invited["sent_on"] == "2026-10-15 08:00:00"
    assert invited["invited_by"]["uuid"] == old.pool.alice.uuid
    assert (invited["repository"]["owner"], invited["repository"]["slug"]) == ("tidepool", "shells")
    assert old.call("GET", SHELLS) == [invited]
    assert old.call("GET", f"{SHELLS}/NEW@example.com") == invited


@pytest.mark.parametrize("how", ["data", "json"])
def test_an_address_in_the_body_is_invited(old, how):
    made = old.call("POST", SHELLS, **{how: {"email": "new@example.com", "permission": "read"}})
    assert old.call("GET", SHELLS) == [made]


def test_another_invitation_of_the_same_address_replaces_the_first(old, invited):
    old.call("POST", f"{SHELLS}/New@example.com", data={"permission": "admin"})
    assert [one["permission"] for one in old.call("GET", SHELLS)] == ["admin"]


def test_a_pending_one_is_changed_and_withdrawn(old, invited):
    assert old.call("PUT", NEW, data={"permission": "read"})["permission"] == "read"
    old.call("DELETE", NEW, expect=204)
    assert old.call("GET", SHELLS) == []
    for method in ("GET", "DELETE"):
        old.call(method, NEW, expect=404)
    old.call("PUT", NEW, data={"permission": "read"}, expect=404)


@pytest.mark.parametrize(
    ("path", "sent", "complaint"),
    [
        (NEW, {"data": {"permission": "own"}}, "own is not a valid permission"),
        (NEW, {}, "permission: this field is required"),
        (SHELLS, {"data": {"permission": "read"}}, "email: this field is required"),
        (f"{SHELLS}/nobody", {"data": {"permission": "read"}}, "nobody is not a valid email address"),
        (NEW, {"json": {"permission": 1}}, "permission: this field is required"),
    ],
)
def test_a_wish_that_makes_no_sense_invites_nobody(old, path, sent, complaint):
    assert old.call("POST", path, expect=400, **sent) == complaint
    assert old.call("GET", SHELLS) == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", SHELLS), ("POST", SHELLS), ("GET", NEW), ("POST", NEW), ("PUT", NEW), ("DELETE", NEW)]
)
def test_administrators_only(old, invited, method, path):
    old.call(method, path, who=old.pool.bob, expect=403)
    old.call(method, path, who=old.pool.charlie, expect=404)
    old.call(method, path, who=None, expect=401)
    old.call(method, path, who=old.client.app_token("account"), expect=403)
