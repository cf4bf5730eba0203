"""Workspaces and users, and what somebody may do in one."""

from __future__ import annotations

import pytest

from bitbucket import users, workspaces
from bitbucket.errors import ForeignObject
from tests.bitbucket.cast import ALICES_WORKSPACE, CHARLIES_REPOSITORY
from tests.bitbucket.fake_transport import FakeTransport, json_answer

BOB = "{bbbbbbbb-0000-4000-8000-0000000000e1}"


def user_json(number=1, **members):
    return {
        "type": "user",
        "uuid": f"{{dddddddd-0000-4000-8000-00000000000{number}}}",
        "display_name": "Bob",
        **members,
    }


def sent(transport):
    return transport.last.method, transport.paths[-1]


def test_a_workspace_is_read_by_uuid(client_over):
    transport = FakeTransport(json_answer({"uuid": ALICES_WORKSPACE.upper(), "slug": "alice"}))
    assert workspaces.workspace(client_over(transport), ALICES_WORKSPACE).slug == "alice"
    assert transport.paths == ["/2.0/workspaces/%7Baaaaaaaa-0000-4000-8000-000000000001%7D"]


def test_a_workspace_is_read_by_slug(client_over):
    transport = FakeTransport(json_answer({"uuid": ALICES_WORKSPACE, "slug": "alice"}))
    assert workspaces.workspace(client_over(transport), "Alice").uuid == ALICES_WORKSPACE
    assert transport.paths == ["/2.0/workspaces/Alice"]


def test_an_answer_about_another_slug_is_refused(client_over):
    with pytest.raises(ForeignObject):
        workspaces.workspace(client_over(FakeTransport(json_answer({"slug": "bob"}))), "alice")


def test_a_user_is_read_by_uuid(client_over):
    transport = FakeTransport(json_answer(user_json(1)))
    found = users.user(client_over(transport), "DDDDDDDD-0000-4000-8000-000000000001")
    assert (found.display_name, found.is_person) == ("Bob", True)
    assert transport.paths == ["/2.0/users/%7Bdddddddd-0000-4000-8000-000000000001%7D"]


@pytest.mark.parametrize("read", [workspaces.workspace, users.user])
def test_an_answer_about_another_one_is_refused(client_over, read):
    with pytest.raises(ForeignObject):
        read(client_over(FakeTransport(json_answer({"uuid": CHARLIES_REPOSITORY}))), ALICES_WORKSPACE)


def membership(uuid=BOB, permission="owner"):
    return {"permission": permission, "user": {"uuid": uuid}}


def test_somebody_is_something_in_a_workspace(client_over):
    transport = FakeTransport(json_answer({"values": [membership()]}))
    assert workspaces.permission_of(client_over(transport), ALICES_WORKSPACE, BOB.upper()) == "owner"
    assert transport.query()["q"] == f'user.uuid = "{BOB}"'
    assert sent(transport) == ("GET", "/2.0/workspaces/%7Baaaaaaaa-0000-4000-8000-000000000001%7D/permissions")


@pytest.mark.parametrize(
    "values",
    [
        [],
        [{"permission": "owner", "user": {"uuid": CHARLIES_REPOSITORY}}],
        [{"permission": "owner", "user": {}}],
        [{"permission": "owner"}],
        [{"permission": None, "user": {"uuid": BOB}}],
        [{"permission": "owner", "user": {"uuid": BOB}}, {"permission": "member", "user": {"uuid": BOB}}],
    ],
    ids=["nobody", "somebody else", "no UUID", "no user", "nothing", "two answers"],
)
def test_an_answer_that_is_not_clearly_about_them_makes_them_nobody(client_over, values):
    transport = FakeTransport(json_answer({"values": values}))
    assert workspaces.permission_of(client_over(transport), ALICES_WORKSPACE, BOB) is None
