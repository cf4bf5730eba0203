"""Addresses that are gone say where to go instead."""

from __future__ import annotations

import pytest

from bitbucket.errors import Forbidden, Gone, NotFound
from bitbucket.resources import Workspace
from bitbucket.retired import successor_of
from tests.bitbucket.cast import API
from tests.bitbucket.fake_transport import FakeTransport, json_answer


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/2.0/teams", "/2.0/workspaces."),
        ("/2.0/teams/1team", "/2.0/workspaces/1team."),
        ("/2.0/teams/%7Baa559944%7D/members", "/2.0/workspaces/%7Baa559944%7D/members."),
        ("/2.0/repositories", "/2.0/repositories/{workspace}"),
        ("/2.0/repositories/", "/2.0/repositories/{workspace}"),
        ("/2.0/user/repositories", "/2.0/user/workspaces"),
        ("/2.0/user/permissions/repositories", "/2.0/user/workspaces/{workspace}/permissions/repositories"),
        ("/2.0/user/permissions/workspaces", "/2.0/user/workspaces"),
        ("/2.0/workspaces?role=member", "/2.0/user/workspaces"),
        ("/2.0/snippets", "/2.0/snippets/{workspace}"),
        ("/2.0/repositories/a/b/issues/3/comments", "August 2026"),
        ("/1.0/repositories/a/b", "2019"),
        ("/1.0/users/alice", "2019"),
    ],
)
def test_it_names_the_successor(path, names):
    assert names in successor_of(f"{API}{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/2.0/user",
        "/2.0/workspaces/1team",
        "/2.0/repositories/1team",
        "/2.0/repositories/1team/moxie",
        "/2.0/repositories/1team/issues",
        "/2.0/teamsters",
        "/1.0/groups/alice/",
        "/1.0/group-privileges/alice/moxie/",
        "/1.0/invitations/alice/moxie",
        "/1.0/users/alice/invitations",
    ],
)
def test_what_is_still_there_has_none(path):
    assert successor_of(f"{API}{path}") == ""


@pytest.mark.parametrize(("status", "kind"), [(404, NotFound), (410, Gone)])
def test_an_error_says_it(client_over, status, kind):
    answer = json_answer({"type": "error", "error": {"message": "Resource not found"}}, status=status)
    with pytest.raises(kind, match=r"Resource not found Teams became workspaces: use /2\.0/workspaces/1team") as raised:
        client_over(FakeTransport(answer)).get("/2.0/teams/1team", Workspace)
    assert raised.value.message == "Resource not found"


def test_other_errors_do_not(client_over):
    with pytest.raises(Forbidden) as raised:
        client_over(FakeTransport(json_answer({}, status=403))).get("/2.0/teams/1team", Workspace)
    assert raised.value.successor == ""
