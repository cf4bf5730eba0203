"""Build statuses."""

from __future__ import annotations

import pytest

from simulator.world import actions
from tests.simulator.tidepool import SPIRAL, Client

COMMIT = "/repositories/tidepool/shells/commit/feature%2Fspiral"
BUILD = {"key": "ci", "state": "INPROGRESS", "url": "https://ci.example/1", "name": "CI", "refname": SPIRAL}


def test_a_build_is_reported_and_listed(client: Client):
    tip = client.pool.shells.git.branches()[SPIRAL]
    path = f"/repositories/tidepool/shells/commit/{tip}/statuses"
    answer = client.call("POST", f"{path}/build", BUILD, who=client.app_token("repository"))
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/commit/{tip}/statuses/build/ci")
    for listing in (path, f"{path}/build"):
        (one,) = client.get(listing)["values"]
        assert (one["key"], one["state"], one["refname"], one["type"]) == ("ci", "INPROGRESS", SPIRAL, "build")
    assert client.get(f"{path}/build/ci")["commit"]["hash"] == tip


def test_reporting_the_key_again_overwrites_and_is_a_201_too(client: Client):
    path = "/repositories/tidepool/shells/commit/main/statuses/build"
    client.send("POST", path, BUILD, expect=201)
    assert client.send("POST", path, BUILD | {"state": "FAILED"}, expect=201)["state"] == "FAILED"
    assert client.pool.keys == ["repo:commit_status_created", "repo:commit_status_updated"]


def test_a_change_keeps_what_it_does_not_name(client: Client):
    path = "/repositories/tidepool/shells/commit/main/statuses/build"
    client.send("POST", path, BUILD, expect=201)
    changed = client.send("PUT", f"{path}/ci", {"description": "All green"})
    assert (changed["state"], changed["description"], changed["name"]) == ("INPROGRESS", "All green", "CI")


def test_a_key_with_a_slash_is_found(client: Client):
    path = "/repositories/tidepool/shells/commit/main/statuses/build"
    client.send("POST", path, BUILD | {"key": "a/b c"}, expect=201)
    assert client.get(f"{path}/a%2Fb%20c")["key"] == "a/b c"


@pytest.mark.parametrize("name", ["key", "state", "url"])
def test_key_state_and_url_are_needed(client: Client, name: str):
    body = {key: value for key, value in BUILD.items() if key != name}
    path = "/repositories/tidepool/shells/commit/main/statuses/build"
    assert name in client.send("POST", path, body, expect=400)["error"]["fields"]


def test_an_unknown_state_commit_and_key_are_refused(client: Client):
    path = "/repositories/tidepool/shells/commit"
    client.send("POST", f"{path}/main/statuses/build", BUILD | {"state": "GREEN"}, expect=400)
    client.send("POST", f"{path}/0123456/statuses/build", BUILD, expect=404)
    client.get(f"{path}/main/statuses/build/nope", expect=404)
    client.send("PUT", f"{path}/main/statuses/build/nope", BUILD, expect=404)


def test_a_pull_request_shows_those_of_all_its_commits_the_newest_first(client: Client):
    pool = client.pool
    pull_request = pool.open()
    older = pool.shells.git.commit(SPIRAL).parents[0]
    for key, commit in (("one", older), ("two", SPIRAL), ("other", "main")):
        pool.clock.advance(minutes=1)
        actions.set_build_status(pool.world, pool.shells, actor=pool.kelp, commit=commit, key=key, state="FAILED")
    path = f"/repositories/tidepool/shells/pullrequests/{pull_request.id}/statuses"
    assert [one["key"] for one in client.get(path)["values"]] == ["two", "one"]
    assert client.get(path, q='key = "one"')["size"] == 1
