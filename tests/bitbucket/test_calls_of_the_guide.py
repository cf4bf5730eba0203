"""The calls that a user of this package makes, one test a line, with the bytes that go over the wire."""

from __future__ import annotations

import json

import pytest

from bitbucket import addon, groups, invitations, issues, pull_request_reviews, repositories, users, workspaces
from bitbucket.client import BitbucketClient, Payload
from bitbucket.credentials import AccessToken, Anonymous, Basic, ConnectJwt
from bitbucket.errors import AppPasswordsEnded, NotFound
from bitbucket.operation_table import call
from bitbucket.paths import path
from bitbucket.resources import Repository
from bitbucket.transport import RequestsTransport
from tests.bitbucket.cast import ALICES_WORKSPACE, CLIENT_KEY, NOW, SECRET
from tests.bitbucket.loopback_server import LoopbackServer

TUTORIALS_USER = "c788b2da-b7a2-404c-9e26-d3f077557007"
TEAM = "aa559944-83c9-4963-a9a8-69ac8d9cf5d2"
MOXIE = "21fa9bf8-b5b2-4891-97ed-d590bad0f871"
MOXIE_JSON = {"uuid": f"{{{MOXIE}}}", "name": "moxie", "full_name": "1team/moxie"}


@pytest.fixture
def upstream():
    """A server that answers with whatever `upstream.told` holds, and 411 to a change without Content-Length."""

    def answer(exchange):
        request = exchange.request
        if request.method in {"PUT", "POST"} and "content-length" not in request.headers:
            exchange.answer(status="411 Length Required")
        elif request.target.startswith("/2.0/teams/"):
            told = {"type": "error", "error": {"message": "Resource not found"}}
            exchange.answer(json.dumps(told).encode(), status="404 Not Found")
        else:
            exchange.answer(json.dumps(server.told).encode())

    with LoopbackServer(answer) as server:
        server.told = {}
        yield server


@pytest.fixture
def as_caller(upstream):
    """`as_caller(credential)` is a client; without one it is nobody's."""
    with RequestsTransport([upstream.url]) as transport:
        yield lambda credential=None: BitbucketClient(
            transport, credential or Anonymous(), api_url=upstream.url, now=lambda: NOW
        )


def line(upstream):
    """The request line and what matters of the headers."""
    request = upstream.requests[-1]
    return request.method, request.target.partition("?")[0], request.headers.get("authorization", "").split(" ")[0]


def test_a_public_repository_is_read_by_anybody(upstream, as_caller):
    upstream.told = {"full_name": "tutorials/tutorials.bitbucket.org"}
    found = as_caller().get(path("repositories", "tutorials", "tutorials.bitbucket.org"), Repository)
    assert found.full_name == "tutorials/tutorials.bitbucket.org"
    assert line(upstream) == ("GET", "/2.0/repositories/tutorials/tutorials.bitbucket.org", "")


def test_its_issues_are_read_by_anybody(upstream, as_caller):
    upstream.told = {"values": [{"id": 1, "title": "First"}], "size": 1}
    assert issues.some_issues(as_caller(), "tutorials", "tutorials.bitbucket.org").values[0].title == "First"
    assert line(upstream) == ("GET", "/2.0/repositories/tutorials/tutorials.bitbucket.org/issues", "")


@pytest.mark.parametrize("spelling", [TUTORIALS_USER, f"{{{TUTORIALS_USER}}}", TUTORIALS_USER.upper()])
def test_a_user_is_read_by_uuid(upstream, as_caller, spelling):
    upstream.told = {"uuid": f"{{{TUTORIALS_USER}}}", "display_name": "tutorials account"}
    assert users.user(as_caller(), spelling).display_name == "tutorials account"
    assert line(upstream) == ("GET", f"/2.0/users/%7B{TUTORIALS_USER}%7D", "")


def test_an_old_team_address_names_workspaces(as_caller):
    with pytest.raises(NotFound, match=r"/2\.0/workspaces/%7Baa559944"):
        as_caller().get(path("teams", TEAM), Repository)


def test_a_workspace_is_read_by_uuid_and_by_slug(upstream, as_caller):
    upstream.told = {"uuid": f"{{{TEAM}}}", "slug": "1team"}
    assert workspaces.workspace(as_caller(), TEAM).slug == "1team"
    assert line(upstream)[1] == f"/2.0/workspaces/%7B{TEAM}%7D"
    assert call(as_caller(), "GET /workspaces/{workspace}", workspace="1team").status == 200
    assert line(upstream)[1] == "/2.0/workspaces/1team"


def test_a_repository_is_read_by_its_names(upstream, as_caller):
    upstream.told = MOXIE_JSON
    as_caller().get(path("repositories", "1team", "moxie"), Repository)
    assert line(upstream)[1] == "/2.0/repositories/1team/moxie"


@pytest.mark.parametrize(("workspace", "segment"), [("1team", "1team"), ("{}", "%7B%7D")])
def test_a_repository_is_read_by_uuid_wherever_it_is(upstream, as_caller, workspace, segment):
    upstream.told = MOXIE_JSON
    assert repositories.repository(as_caller(), workspace, MOXIE).name == "moxie"
    assert line(upstream)[1] == f"/2.0/repositories/{segment}/%7B{MOXIE}%7D"


def test_ones_own_repositories_are_read_with_an_api_token(upstream, as_caller):
    upstream.told = {"values": []}
    assert list(repositories.my_repositories(as_caller(Basic("alice@example.com", "ATATT3x")))) == []
    assert line(upstream) == ("GET", "/2.0/user/workspaces", "Basic")


def test_an_app_password_is_not_even_sent():
    with pytest.raises(AppPasswordsEnded):
        Basic("alice", "ATBBx")


def test_an_access_token_is_a_bearer(upstream, as_caller):
    upstream.told = MOXIE_JSON
    repositories.repository(as_caller(AccessToken("ATCTT3x")), "1team", MOXIE)
    assert line(upstream)[2] == "Bearer"


def test_a_change_without_a_body_says_that_it_has_none(upstream, as_caller):
    upstream.told = {"approved": True}
    assert pull_request_reviews.approve(as_caller(), "1team", MOXIE, 7).approved
    assert upstream.requests[-1].headers["content-length"] == "0"
    assert as_caller().request("PUT", "/2.0/emails/a").status == 200
    assert upstream.requests[-1].headers["content-length"] == "0"


def test_an_installation_updates_itself(upstream, as_caller):
    def sign(*, client_key, secret, method, url):
        return f"{client_key}.{method}"

    addon.update_addon(as_caller(ConnectJwt(CLIENT_KEY, SECRET, sign=sign)))
    assert line(upstream) == ("PUT", "/2.0/addon", "JWT")
    assert upstream.requests[-1].headers["authorization"] == f"JWT {CLIENT_KEY}.PUT"


def test_rest_1_0_is_spoken_where_2_0_has_nothing(upstream, as_caller):
    client = as_caller(Basic("alice@example.com", "ATATT3x"))
    upstream.told = []
    groups.privileges_of_repository(client, ALICES_WORKSPACE, MOXIE)
    groups.groups(client, "1team")
    invitations.invitations_to_repository(client, "1team", "moxie")
    invitations.invitations_to_groups(client, "1team")
    assert [request.target for request in upstream.requests] == [
        f"/1.0/group-privileges/%7B{ALICES_WORKSPACE.strip('{}')}%7D/%7B{MOXIE}%7D/",
        "/1.0/groups/1team/",
        "/1.0/invitations/1team/moxie",
        "/1.0/users/1team/invitations",
    ]


def test_anything_else_is_called_by_its_name(upstream, as_caller):
    template = "POST /repositories/{workspace}/{repo_slug}/refs/branches"
    body = Payload.as_json({"name": "feature/a", "target": {"hash": "a" * 40}})
    call(as_caller(), template, body, workspace="1team", repo_slug=MOXIE)
    assert line(upstream)[:2] == ("POST", f"/2.0/repositories/1team/%7B{MOXIE}%7D/refs/branches")
    assert json.loads(upstream.requests[-1].body)["name"] == "feature/a"
