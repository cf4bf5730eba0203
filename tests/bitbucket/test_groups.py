"""REST 1.0: groups and what they may do."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from bitbucket import groups, invitations
from bitbucket.errors import Forbidden, NotFound
from bitbucket.messages import Response
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE
from tests.bitbucket.fake_transport import FakeTransport, json_answer, text_answer

WORKSPACE = "%7Baaaaaaaa-0000-4000-8000-000000000001%7D"


REPOSITORY = "%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D"


BOB = "{bbbbbbbb-0000-4000-8000-0000000000e1}"


BOB_ENCODED = "%7Bbbbbbbbb-0000-4000-8000-0000000000e1%7D"


BOB_JSON = {"display_name": "Bob", "uuid": BOB, "nickname": "bob", "is_team": False}


GROUP_JSON = {
    "name": "Developers",
    "slug": "developers",
    "permission": "write",
    "members": [BOB_JSON],
    "auto_add": False,
}


PRIVILEGE_JSON = {"repo": "alice/moxie", "privilege": "write", "group": GROUP_JSON, "repository": {"slug": "moxie"}}


def sent(transport):
    return transport.last.method, transport.paths[-1]


class TestGroups:
    def test_a_workspace_lists_its_groups_with_their_members(self, client_over):
        transport = FakeTransport(json_answer([GROUP_JSON]))
        (group,) = groups.groups(client_over(transport), ALICES_WORKSPACE)
        assert (group.slug, group.permission, group.members[0].name) == ("developers", "write", "Bob")
        assert sent(transport) == ("GET", f"/1.0/groups/{WORKSPACE}/")

    def test_a_group_lists_its_members(self, client_over):
        transport = FakeTransport(json_answer([BOB_JSON]))
        (member,) = groups.members(client_over(transport), "alice", "developers")
        assert member.uuid == BOB
        assert sent(transport) == ("GET", "/1.0/groups/alice/developers/members/")

    def test_a_group_is_created_with_a_form(self, client_over):
        transport = FakeTransport(json_answer(GROUP_JSON))
        assert groups.create_group(client_over(transport), "alice", "the designers & co").slug == "developers"
        assert sent(transport) == ("POST", "/1.0/groups/alice/")
        assert parse_qs(transport.last.body.decode()) == {"name": ["the designers & co"]}

    def test_a_group_is_updated_with_json(self, client_over):
        transport = FakeTransport(json_answer(GROUP_JSON))
        groups.update_group(
            client_over(transport), "alice", "developers", name="Developers", permission="write", auto_add=True
        )
        assert sent(transport) == ("PUT", "/1.0/groups/alice/developers/")
        assert transport.last.body == b'{"name":"Developers","permission":"write","auto_add":true}'

    def test_a_group_may_have_no_permission(self, client_over):
        transport = FakeTransport(json_answer(GROUP_JSON))
        groups.update_group(client_over(transport), "alice", "x", name="X", permission=None, auto_add=False)
        assert b'"permission":null' in transport.last.body

    def test_a_group_is_deleted(self, client_over):
        transport = FakeTransport(Response(204))
        groups.delete_group(client_over(transport), "alice", "developers")
        assert sent(transport) == ("DELETE", "/1.0/groups/alice/developers/")

    def test_a_member_comes_with_an_empty_object_and_goes_without(self, client_over):
        transport = FakeTransport(json_answer(BOB_JSON), Response(204))
        client = client_over(transport)
        assert groups.add_member(client, "alice", "developers", BOB).name == "Bob"
        assert (*sent(transport), transport.last.body) == (
            "PUT",
            f"/1.0/groups/alice/developers/members/{BOB_ENCODED}/",
            b"{}",
        )
        groups.remove_member(client, "alice", "developers", BOB.strip("{}").upper())
        assert sent(transport) == ("DELETE", f"/1.0/groups/alice/developers/members/{BOB_ENCODED}/")

    def test_a_group_whose_name_looks_like_a_uuid_stays_a_group(self, client_over):
        transport = FakeTransport(Response(204))
        groups.delete_group(client_over(transport), "alice", "21fa9bf8-b5b2-4891-97ed-d590bad0f871")
        assert sent(transport)[1] == "/1.0/groups/alice/21fa9bf8-b5b2-4891-97ed-d590bad0f871/"

    @pytest.mark.parametrize(
        ("account", "name"),
        [
            ({"display_name": "Bob B.", "nickname": "bob"}, "Bob B."),
            ({"first_name": "Bob", "last_name": "Builder", "username": "bob"}, "Bob Builder"),
            ({"first_name": "2 Team", "last_name": "", "username": "2team"}, "2 Team"),
            ({"nickname": "bob", "username": "bb"}, "bob"),
            ({"username": "bb"}, "bb"),
            ({}, ""),
        ],
    )
    def test_an_account_has_a_name_whatever_it_tells(self, account, name):
        assert groups.Account(**account).name == name


class TestPrivileges:
    def test_a_repository_lists_the_groups_that_may_use_it(self, client_over):
        transport = FakeTransport(json_answer([PRIVILEGE_JSON]))
        (one,) = groups.privileges_of_repository(client_over(transport), ALICES_WORKSPACE, ALICES_REPOSITORY)
        assert (one.privilege, one.group.name, one.repository.slug) == ("write", "Developers", "moxie")
        assert sent(transport) == ("GET", f"/1.0/group-privileges/{WORKSPACE}/{REPOSITORY}/")

    def test_a_workspace_lists_them_for_all_repositories(self, client_over):
        transport = FakeTransport(json_answer([PRIVILEGE_JSON, PRIVILEGE_JSON]))
        assert len(groups.privileges_of_workspace(client_over(transport), "alice")) == 2
        assert sent(transport) == ("GET", "/1.0/group-privileges/alice/")

    def test_a_privilege_is_granted_with_the_bare_word(self, client_over):
        transport = FakeTransport(json_answer([PRIVILEGE_JSON]))
        groups.grant(client_over(transport), "alice", "moxie", "developers", privilege="write")
        assert sent(transport) == ("PUT", "/1.0/group-privileges/alice/moxie/alice/developers/")
        assert (transport.last.body, transport.last.headers["Content-Type"]) == (b"write", "text/plain")

    def test_a_privilege_is_revoked(self, client_over):
        transport = FakeTransport(Response(204))
        groups.revoke(client_over(transport), "alice", "moxie", "developers")
        assert sent(transport) == ("DELETE", "/1.0/group-privileges/alice/moxie/alice/developers/")

    @pytest.mark.parametrize("privilege", ["", "owner", "READ", "read&x=1"])
    def test_an_unknown_privilege_is_not_sent(self, client_over, privilege):
        client = client_over(FakeTransport())
        with pytest.raises(ValueError, match="read, write, admin"):
            groups.grant(client, "alice", "moxie", "developers", privilege=privilege)
        with pytest.raises(ValueError, match="read, write, admin"):
            groups.update_group(client, "alice", "x", name="X", permission=privilege or "-", auto_add=False)
        with pytest.raises(ValueError, match="read, write, admin"):
            invitations.invite_to_repository(client, "alice", "moxie", email="a@example.com", permission=privilege)

    def test_who_does_not_administer_the_workspace_is_told_so(self, client_over):
        with pytest.raises(Forbidden):
            groups.privileges_of_workspace(client_over(FakeTransport(text_answer("Forbidden", status=403))), "alice")

    def test_a_group_that_is_not_there_is_not_found(self, client_over):
        answer = text_answer("Not Found", status=404)
        with pytest.raises(NotFound, match="Not Found"):
            groups.members(client_over(FakeTransport(answer)), "alice", "nobody")
