"""The path that was typed, as it is sent."""

import pytest

from cli.api.address import read_address
from cli.api.errors import NotAnAddress

API = "https://api.bitbucket.org"
UUID = "21fa9bf8-b5b2-4891-97ed-d590bad0f871"
SENT_UUID = f"%7B{UUID}%7D"


def no_placeholder(name):
    raise NotAnAddress(f"{{{name}}} has to be replaced")


def sent(typed, *, method="GET", fill=no_placeholder):
    return read_address(typed, method=method, api_url=API, fill=fill).path


@pytest.mark.parametrize("typed", ["user", "/user", "/2.0/user", "2.0/user", "//user", f"{API}/2.0/user", " user "])
def test_the_root_may_be_said_or_left_out(typed):
    assert sent(typed) == "/2.0/user"


def test_the_old_root_has_to_be_said():
    assert sent("1.0/groups/acme/") == "/1.0/groups/acme/"
    assert sent("/1.0/groups/acme") == "/1.0/groups/acme"


@pytest.mark.parametrize(
    "spelling", [UUID, f"{{{UUID}}}", f"%7B{UUID}%7D", f"%7b{UUID.upper()}%7d", UUID.upper(), f"{{{UUID.upper()}}}"]
)
def test_a_uuid_may_be_spelled_in_any_way(spelling):
    assert sent(f"repositories/1team/{spelling}") == f"/2.0/repositories/1team/{SENT_UUID}"
    assert sent(f"users/{spelling}") == f"/2.0/users/{SENT_UUID}"
    assert sent(f"1.0/groups/{spelling}/") == f"/1.0/groups/{SENT_UUID}/"


def test_what_only_looks_like_a_uuid_keeps_its_spelling():
    assert sent(f"repositories/acme/paint/commit/abc/reports/{UUID}").endswith(f"/reports/{UUID}")
    assert sent(f"repositories/acme/paint/refs/branches/{UUID}").endswith(f"/branches/{UUID}")
    assert sent(f"repositories/acme/paint/src/main/{UUID}/x").endswith(f"/src/main/{UUID}/x")


@pytest.mark.parametrize("empty", ["{}", "%7B%7D", "%7b%7d"])
def test_the_empty_workspace_stays_empty(empty):
    assert sent(f"repositories/{empty}/{UUID}") == f"/2.0/repositories/%7B%7D/{SENT_UUID}"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("src/main/a b.txt", "src/main/a%20b.txt"),
        ("src/main/a#1.txt", "src/main/a%231.txt"),
        ("src/main/50%.txt", "src/main/50%25.txt"),
        ("src/main/Ångström.py", "src/main/%C3%85ngstr%C3%B6m.py"),
        ("src/main/what%3F.txt", "src/main/what%3F.txt"),
        ("src/main/docs/", "src/main/docs/"),
        ("src/main/", "src/main/"),
        ("refs/branches/feature%2Fdoors", "refs/branches/feature%2Fdoors"),
        ("refs/branches/feature/doors", "refs/branches/feature/doors"),
        ("diff/main..feature%2Fdoors", "diff/main..feature%2Fdoors"),
    ],
)
def test_names_are_encoded_once(typed, expected):
    assert sent(f"repositories/acme/paint/{typed}") == f"/2.0/repositories/acme/paint/{expected}"


def test_the_query_is_left_alone():
    assert sent('user/workspaces?q=slug="a b"&page=2') == '/2.0/user/workspaces?q=slug="a b"&page=2'
    following = f"{API}/2.0/repositories/acme/paint/commits?page=8xhd"
    assert sent(following) == "/2.0/repositories/acme/paint/commits?page=8xhd"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("", "empty"),
        ("/2.0/", "empty"),
        ("repositories//paint", "cannot be a segment"),
        ("repositories/../user", "cannot be a segment"),
        ("repositories/%2e%2e/user", "cannot be a segment"),
        ("repositories/acme/paint/src/main/../../x", "cannot be a segment"),
        ("repositories/acme/paint/src/main/a%2Fb", "encoded slash"),
        ("https://example.com/2.0/user", "not on https://api.bitbucket.org"),
        ("http://api.bitbucket.org/2.0/user", "not on https://api.bitbucket.org"),
        ("https://api.bitbucket.org@example.com/2.0/user", "not a plain http"),
        ("https://api.bitbucket.org:0x/", "cannot be read"),
        ("repositories/{workspace}/x", "has to be replaced"),
    ],
)
def test_what_is_no_address_is_said(typed, complaint):
    with pytest.raises(NotAnAddress, match=complaint):
        sent(typed)


def test_placeholders_are_filled_and_their_values_encoded():
    values = {"workspace": f"{{{UUID}}}", "repo_slug": "paint", "branch": "feature/doors #1"}
    found = sent("repositories/{workspace}/{repo_slug}/refs/branches/{branch}", fill=values.__getitem__)
    assert found == f"/2.0/repositories/{SENT_UUID}/paint/refs/branches/feature%2Fdoors%20%231"


def test_the_operation_is_known_where_the_address_is():
    def operation_of(typed, method="GET"):
        found = read_address(typed, method=method, api_url=API, fill=no_placeholder).operation
        return found and found.key

    assert operation_of("user") == "GET /user"
    assert (
        operation_of("repositories/a/b/src/main/x/y") == "GET /repositories/{workspace}/{repo_slug}/src/{commit}/{path}"
    )
    activity = "repositories/a/b/pullrequests/activity"
    assert operation_of(activity) == "GET /repositories/{workspace}/{repo_slug}/pullrequests/activity"
    assert operation_of("teams/a") is None
    assert operation_of("user", "PUT") is None
    assert operation_of("1.0/groups/acme/") is None
