"""The calls that must work, one test a line of the list, over a socket against the local Bitbucket.

Each docstring is the line; each test also looks at what went over the wire.
"""

from __future__ import annotations

import http.client

import pytest

from bitbucket import issues, refs, repositories, users, workspaces
from bitbucket.client import Payload
from bitbucket.errors import BadRequest, NotFound, Unauthorized
from bitbucket.operation_table import call
from bitbucket.paths import path
from bitbucket.resources import Repository, User
from bitbucket.source import read_file
from tests.contract.guide_world import MOXIE, TEAM, TUTORIALS_USER

MOXIE_SENT = f"%7B{MOXIE.strip('{}')}%7D"
TEAM_SENT = f"%7B{TEAM.strip('{}')}%7D"
TUTORIALS_SENT = f"%7B{TUTORIALS_USER.strip('{}')}%7D"
SPELLINGS = [str.lower, str.upper, lambda uuid: uuid.strip("{}"), lambda uuid: uuid.strip("{}").upper()]


def test_get_repositories_tutorials_tutorials_bitbucket_org(guide, anonymous):
    """GET /2.0/repositories/tutorials/tutorials.bitbucket.org anonymous, public"""
    found = anonymous.get("/2.0/repositories/tutorials/tutorials.bitbucket.org", Repository)
    assert (found.full_name, found.is_private) == ("tutorials/tutorials.bitbucket.org", False)
    assert repositories.repository_named(anonymous, "tutorials", "tutorials.bitbucket.org").uuid == found.uuid
    assert set(guide.lines()) == {"GET /2.0/repositories/tutorials/tutorials.bitbucket.org"}


def test_get_repositories_tutorials_tutorials_bitbucket_org_issues(guide, anonymous):
    """GET /2.0/repositories/tutorials/tutorials.bitbucket.org/issues anonymous"""
    (squeak,) = issues.issues(anonymous, "tutorials", "tutorials.bitbucket.org")
    assert (squeak.title, squeak.state) == ("The door squeaks", "new")
    assert guide.line() == "GET /2.0/repositories/tutorials/tutorials.bitbucket.org/issues"


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_get_users_uuid(guide, anonymous, spelled):
    """GET /2.0/users/%7Bc788b2da-b7a2-404c-9e26-d3f077557007%7D user by UUID, stays right after a rename"""
    assert users.user(anonymous, spelled(TUTORIALS_USER)).display_name == "tutorials account"
    assert guide.line() == f"GET /2.0/users/{TUTORIALS_SENT}"
    guide.tutorials.nickname, guide.tutorials.display_name = "lessons", "Lessons"
    assert users.user(anonymous, spelled(TUTORIALS_USER)).display_name == "Lessons"
    with pytest.raises(NotFound):
        anonymous.get(path("users", "tutorials"), User)


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_get_teams_uuid(guide, ann, spelled):
    """GET /2.0/teams/%7Baa559944-…%7D names /2.0/workspaces; the workspace call works by slug and UUID"""
    with pytest.raises(NotFound, match=rf"use /2\.0/workspaces/{TEAM_SENT}"):
        ann.get(path("teams", spelled(TEAM)), Repository)
    assert guide.line() == f"GET /2.0/teams/{TEAM_SENT}"
    assert workspaces.workspace(ann, spelled(TEAM)).slug == "1team"
    assert guide.line() == f"GET /2.0/workspaces/{TEAM_SENT}"
    assert workspaces.workspace(ann, "1team").uuid == TEAM
    assert guide.line() == "GET /2.0/workspaces/1team"


def test_get_repositories_1team_moxie(guide, ann):
    """GET /2.0/repositories/1team/moxie"""
    assert repositories.repository_named(ann, "1team", "moxie").uuid == MOXIE
    assert guide.line() == "GET /2.0/repositories/1team/moxie"


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_get_repositories_1team_uuid(guide, ann, spelled):
    """GET /2.0/repositories/1team/%7B21fa9bf8-b5b2-4891-97ed-d590bad0f871%7D workspace slug + repository UUID"""
    assert repositories.repository(ann, "1team", spelled(MOXIE)).full_name == "1team/moxie"
    assert guide.line() == f"GET /2.0/repositories/1team/{MOXIE_SENT}"


@pytest.mark.parametrize("spelled", SPELLINGS)
def test_get_repositories_empty_workspace_uuid(guide, ann, spelled):
    """GET /2.0/repositories/%7B%7D/%7B21fa9bf8-…%7D stays right after rename and transfer"""

    def where():
        found = repositories.repository(ann, "{}", spelled(MOXIE))
        assert guide.line() == f"GET /2.0/repositories/%7B%7D/{MOXIE_SENT}"
        return found.full_name

    assert where() == "1team/moxie"
    guide.act("rename_repository", repository="1team/moxie", actor="ann", name="Lemonade")
    assert where() == "1team/lemonade"
    guide.act("transfer_repository", repository="1team/lemonade", actor="ann", workspace="elsewhere")
    assert where() == "elsewhere/lemonade"
    for gone in ("moxie", "lemonade"):
        with pytest.raises(NotFound):
            repositories.repository_named(ann, "1team", gone)


def test_get_user_repositories_or_its_successor(guide, ben, anonymous):
    """GET /2.0/user/repositories or its successor, basic credential"""
    with pytest.raises(
        NotFound, match=r"Use /2\.0/user/workspaces, then /2\.0/repositories/\{workspace\}\?role=member"
    ):
        ben.get("/2.0/user/repositories", Repository)
    assert [one.full_name for one in repositories.my_repositories(ben)] == ["1team/moxie"]
    assert guide.lines()[1:] == ["GET /2.0/user/workspaces", f"GET /2.0/repositories/{TEAM_SENT}"]
    with pytest.raises(Unauthorized):
        list(repositories.my_repositories(anonymous))


def test_put_and_post_without_a_body(guide, ann):
    """PUT / POST without a body: Content-Length: 0 is sent; a server that answers 411 without it is satisfied"""
    repository = {"workspace": "1team", "repo_slug": MOXIE}
    report = "POST /repositories/{workspace}/{repo_slug}/issues"
    call(ann, report, Payload.as_json({"title": "x"}), **repository)
    for name in ("vote", "watch"):
        put = f"PUT /repositories/{{workspace}}/{{repo_slug}}/issues/{{issue_id}}/{name}"
        assert call(ann, put, **repository, issue_id=1).status == 204
    approve = "POST /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/approve"
    assert call(ann, approve, **repository, pull_request_id=1).status == 200
    with pytest.raises(BadRequest) as raised:
        call(ann, report, **repository)
    assert (raised.value.status, list(raised.value.fields)) == (400, ["title"])


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_the_server_that_answers_411_is_the_one_that_was_asked(guide, method):
    """Without the header the same server does answer 411, so the test before this one can fail."""
    connection = http.client.HTTPConnection(guide.url.removeprefix("http://"), timeout=20)
    connection.putrequest(method, "/2.0/repositories/1team/moxie")
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_names_of_every_kind_are_encoded_right(guide, ann):
    """Slugs, branch names and paths with /, #, %, spaces and non-ASCII"""
    repository = {"workspace": "1team", "repo_slug": "moxie"}
    for name in ("docs/a b#1%.txt", "docs/\u00e9t\u00e9.txt"):
        pieces = []
        read_file(ann, "1team", "moxie", commit="main", file_path=name, sink=pieces.append)
        assert b"".join(pieces)
    assert guide.lines() == [
        "GET /2.0/repositories/1team/moxie/src/main/docs/a%20b%231%25.txt",
        "GET /2.0/repositories/1team/moxie/src/main/docs/%C3%A9t%C3%A9.txt",
    ]
    for branch in ("feature/\u00e9#1", "100%", "a&b=c+d"):
        wanted = Payload.as_json({"name": branch, "target": {"hash": "main"}})
        call(ann, "POST /repositories/{workspace}/{repo_slug}/refs/branches", wanted, **repository)
        assert refs.branch(ann, "1team", MOXIE, branch).name == branch
        call(ann, "DELETE /repositories/{workspace}/{repo_slug}/refs/branches/{name}", **repository, name=branch)
        with pytest.raises(NotFound):
            refs.branch(ann, "1team", MOXIE, branch)
