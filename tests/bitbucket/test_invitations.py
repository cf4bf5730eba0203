"""REST 1.0: invitations to a repository and to groups."""

from __future__ import annotations

from bitbucket import invitations
from bitbucket.messages import Response
from tests.bitbucket.cast import ALICES_WORKSPACE
from tests.bitbucket.fake_transport import FakeTransport, json_answer

WORKSPACE = "%7Baaaaaaaa-0000-4000-8000-000000000001%7D"


BOB = "{bbbbbbbb-0000-4000-8000-0000000000e1}"


BOB_JSON = {"display_name": "Bob", "uuid": BOB, "nickname": "bob", "is_team": False}


def sent(transport):
    return transport.last.method, transport.paths[-1]


def test_those_to_a_repository_are_listed(client_over):
    told = {
        "email": "a@example.com",
        "permission": "write",
        "sent_on": "2011-01-11 01:03:31",
        "invited_by": BOB_JSON,
    }
    transport = FakeTransport(json_answer([told]))
    (one,) = invitations.invitations_to_repository(client_over(transport), "alice", "moxie")
    assert (one.email, one.permission, one.invited_by.name) == ("a@example.com", "write", "Bob")
    assert sent(transport) == ("GET", "/1.0/invitations/alice/moxie")


def test_somebody_is_invited_to_a_repository(client_over):
    transport = FakeTransport(json_answer({"email": "a+b@example.com", "permission": "read"}))
    invitations.invite_to_repository(
        client_over(transport), "alice", "moxie", email="a+b@example.com", permission="read"
    )
    assert sent(transport) == ("POST", "/1.0/invitations/alice/moxie/a%2Bb%40example.com")
    assert transport.last.body == b"permission=read"


def test_those_to_groups_are_listed(client_over):
    told = {"email": "a@example.com", "groups": ["alice/developers"], "utc_sent_on": "2012-07-19 16:22:51+00:00"}
    transport = FakeTransport(json_answer([told]))
    (one,) = invitations.invitations_to_groups(client_over(transport), ALICES_WORKSPACE)
    assert (one.groups, one.utc_sent_on) == (("alice/developers",), "2012-07-19 16:22:51+00:00")
    assert sent(transport) == ("GET", f"/1.0/users/{WORKSPACE}/invitations")


def test_somebody_is_invited_to_a_group(client_over):
    transport = FakeTransport(Response(204))
    invitations.invite_to_group(client_over(transport), "alice", email="a@example.com", group_slug="developers")
    assert sent(transport) == ("PUT", "/1.0/users/alice/invitations")
    assert transport.last.body == b'{"email":"a@example.com","group_slug":"developers"}'


def test_an_invitation_is_withdrawn(client_over):
    transport = FakeTransport(Response(204))
    invitations.withdraw_invitation(client_over(transport), "alice", email="a@example.com")
    assert sent(transport) == ("DELETE", "/1.0/users/alice/invitations/a%40example.com")
