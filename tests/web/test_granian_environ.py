"""Where granian serves, the raw target is spelled anew from the path that is routed; other servers say it themselves."""

from __future__ import annotations

import pytest

from tests.web.signing import signed_url
from web.granian_environ import GranianEnviron

PANEL = "/panels/repository?repository=%7Baaaaaaaa-0000-4000-8000-0000000000a1%7D&user=%7Baaaaaaaa-0000-4000-8000-0000000000e1%7D"


def target_of(environ):
    seen = {}
    GranianEnviron(lambda environ, _start: seen.update(environ) or [])(environ, None)
    return seen.get("RAW_URI")


@pytest.mark.parametrize(
    ("path", "query", "target"),
    [
        ("/panels/repository", "a=%7B1%7D&b=2", "/panels/repository?a=%7B1%7D&b=2"),
        ("/", "", "/"),
        ("/a b/ü?".encode().decode("latin-1"), "", "/a%20b/%C3%BC%3F"),
        ("//evil.example/x", "q", "//evil.example/x?q"),
    ],
)
def test_it_spells_the_target_of_what_is_routed(path, query, target):
    assert target_of({"SERVER_SOFTWARE": "Granian", "PATH_INFO": path, "QUERY_STRING": query}) == target


def test_a_request_brings_no_variable_of_the_process_along(monkeypatch):
    monkeypatch.setenv("BITTERN_SECRET_KEYS", "key")
    seen = {}
    environ = {"SERVER_SOFTWARE": "Granian", "PATH_INFO": "/", "HTTP_HOST": "x", "BITTERN_SECRET_KEYS": "key"}
    GranianEnviron(lambda environ, _start: seen.update(environ) or [])(environ, None)
    assert seen == {"SERVER_SOFTWARE": "Granian", "PATH_INFO": "/", "HTTP_HOST": "x", "RAW_URI": "/"}


def test_it_answers_in_our_name():
    answered = []
    application = GranianEnviron(lambda _environ, start: start("200 OK", [("A", "b")]) or [])
    application({"SERVER_SOFTWARE": "Granian", "PATH_INFO": "/"}, lambda *answer: answered.extend(answer))
    assert answered == ["200 OK", [("A", "b"), ("Server", "bittern")]]


def test_it_leaves_other_servers_alone():
    assert target_of({"SERVER_SOFTWARE": "bittern", "PATH_INFO": "/a", "RAW_URI": "/%61"}) == "/%61"


@pytest.mark.parametrize("sent", [None, "/panels/another?x=1"])
def test_a_signature_is_checked_against_what_granian_serves(client, alice, sent):
    environ = {"SERVER_SOFTWARE": "Granian", "RAW_URI": sent}

    assert client.get(signed_url(PANEL), environ_overrides=environ).status_code == 200
    other = signed_url(PANEL).replace("/panels/repository", "/panels/pull-request")
    assert client.get(other, environ_overrides=environ).status_code == 401
