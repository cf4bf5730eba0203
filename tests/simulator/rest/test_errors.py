"""Error bodies, against those that were recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.rest import errors
from simulator.world import errors as world_errors
from tests.simulator.tidepool import SPIRAL, Client

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "bitbucket" / "rest"


def recorded(name: str):
    path = SHARED / name
    if not path.is_file():
        pytest.skip("the recorded data is not at hand")
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (world_errors.Missing("x"), 404),
        (world_errors.Invalid("x"), 400),
        (world_errors.Forbidden("x"), 403),
        (world_errors.Conflict("x"), 409),
        (world_errors.GitFailed("x"), 500),
    ],
)
def test_what_the_world_refuses_has_its_status(error, status):
    made = errors.from_world(error)
    assert (made.status, made.body()) == (status, {"type": "error", "error": {"message": "x"}})


def test_fields_come_along():
    made = errors.from_world(world_errors.Invalid("x", fields={"a": ["b"]}))
    assert made.body()["error"]["fields"] == {"a": ["b"]}


@pytest.mark.shared
class TestRecorded:
    def test_an_unknown_address(self, client: Client):
        assert client.get("/nope", expect=404) == recorded("error-noapi.gildas.json")

    def test_a_removed_resource(self, client: Client):
        expected = recorded("error-gone-410.thread.json")
        assert client.get("/repositories", expect=expected["status"]) == expected["body"]

    def test_a_repository_that_is_not_there(self, client: Client):
        assert client.get("/repositories/dev/null", expect=404) == recorded("error-not-found.drone-go-scm.json")

    def test_a_branch_that_is_not_there(self, client: Client):
        body = {"title": "x", "source": {"branch": {"name": "dummy"}}}
        sent = client.send("POST", "/repositories/tidepool/shells/pullrequests", body, expect=400)
        assert sent == recorded("error-badrequest-nobranch.gildas.json")

    def test_a_file_that_is_not_there(self, client: Client):
        body = client.get("/repositories/tidepool/shells/src/main/README.md.asdas", expect=404)
        assert body == recorded("error-src-404.drone-go-scm.json")

    def test_too_large_a_page_of_pull_requests(self, client: Client):
        expected = recorded("error-invalid-pagelen-400.thread.json")
        body = client.get("/repositories/tidepool/shells/pullrequests", pagelen=100, expect=expected["status"])
        assert body == expected["body"]

    def test_a_quota_that_is_used_up(self, client: Client):
        expected = recorded("error-rate-limited-429.thread.json")
        client.api.quotas.limit = 0
        answer = client.call("GET", "/user")
        assert (answer.status_code, answer.get_data(as_text=True)) == (expected["status"], expected["text"])

    def test_a_missing_key_is_named_as_recorded(self, client: Client):
        expected = recorded("error-badrequest.gildas.json")
        body = {"source": {"branch": {"name": SPIRAL}}}
        sent = client.send("POST", "/repositories/tidepool/shells/pullrequests", body, expect=400)
        assert sent["error"]["message"] == expected["error"]["message"]
        assert sent["error"]["fields"] == {"title": next(iter(expected["error"]["fields"].values()))}
