"""Errors: one page, one JSON shape, one id to find them by, and nothing of what went wrong inside."""

import re

import pytest
from flask import abort
from sqlalchemy.exc import TimeoutError as PoolTimeout

from web.errors import Unavailable, kinds

SECRET = "postgresql://user:hunter2@db/bittern"


@pytest.fixture
def client(app):
    @app.get("/raise/<what>")
    def fail(what):
        raise {
            "value": ValueError(SECRET),
            "pool": PoolTimeout(SECRET),
            "memory": MemoryError(SECRET),
            "unavailable": Unavailable("test.reason"),
        }[what]

    @app.get("/abort/<int:status>")
    def stop(status):
        abort(status)

    return app.test_client()


def test_what_goes_wrong_here_is_a_500_that_tells_nothing(client, log_entries):
    answer = client.get("/raise/value", headers={"Accept": "application/json"})

    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal"
    assert answer.json["error"]["request_id"] == answer.headers["X-Request-Id"]
    assert "hunter2" not in answer.get_data(as_text=True)
    [entry] = [entry for entry in log_entries if entry["event"] == "request.failed"]
    assert entry["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("what", ["pool", "memory", "unavailable"])
def test_what_will_pass_is_a_503_that_says_when_to_come_back(client, what):
    answer = client.get(f"/raise/{what}", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "hunter2" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("status", sorted(kinds()))
def test_every_status_has_one_json_shape(client, status):
    answer = client.get(f"/abort/{status}", headers={"Accept": "application/json"})

    assert answer.status_code == status
    expected = {"code", "message"} if status in {401, 404} else {"code", "message", "request_id"}
    assert set(answer.json["error"]) == expected
    assert answer.json["error"]["code"] == kinds()[status].code


def test_a_browser_gets_a_page(client):
    answer = client.get("/raise/value", headers={"Accept": "text/html"})

    assert answer.mimetype == "text/html"
    assert "Something went wrong here" in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in answer.get_data(as_text=True)


def test_a_programs_address_answers_json_even_to_a_browser(client):
    answer = client.get("/connect/webhook", headers={"Accept": "text/html"})

    assert answer.mimetype == "application/json"


def test_a_request_of_our_own_page_gets_json(client):
    answer = client.get("/panels/repository/refresh", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")


def test_a_page_in_bitbuckets_frame_brings_the_bridge_and_one_of_ours_does_not(client):
    framed = client.get("/panels/repository").get_data(as_text=True)
    own = client.get("/nothing", headers={"Accept": "text/html"}).get_data(as_text=True)

    assert "/atlassian-connect/all.js" in framed
    assert "<script" not in own


def test_the_two_kinds_of_401_are_constant(client):
    pages = {client.get("/panels/repository").data, client.get("/panels/repository?jwt=a.b.c").data}
    answers = {client.get("/metrics").data, client.post("/connect/webhook", json={}).data}

    assert len(pages) == len(answers) == 1
    assert not re.search(rb"[0-9a-f]{24}", next(iter(answers)))


def test_a_405_says_what_would_be_allowed(client):
    assert "GET" in client.delete("/").headers["Allow"]


def test_an_address_that_never_ends_is_refused(client, refusals):
    answer = client.get("/panels/repository?" + "a=1&" * 3000)

    assert answer.status_code == 400


def test_ten_thousand_parameters_are_refused(client):
    assert client.get("/panels/repository?" + "&".join(f"p{n}" for n in range(400))).status_code == 400


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/console?__debugger__=yes", "deploy.debug"),
        ("/?__debugger__=yes&cmd=resource", None),
        ("/anywhere?__debugger__=yes", "deploy.debug"),
        ("/config/delete?id=1", "input.path"),
        ("/.env", "deploy.debug"),
        ("/admin", "input.path"),
    ],
)
def test_there_is_nothing_to_find_and_who_looks_is_noted(client, refusals, path, reason):
    assert client.get(path).status_code == (200 if reason is None else 404)
    assert refusals() == ([] if reason is None else [reason])


def test_a_wrong_method_is_noted(client, refusals):
    assert client.post("/panels/repository").status_code == 405
    assert client.get("/connect/webhook").status_code == 405
    assert refusals() == ["input.method", "web.get_write"]
