"""What is noted down of each request."""

from __future__ import annotations

import jwt
import pytest

from demo.waiting import wait_until
from simulator.request_log import RequestLog

SECRET = "a secret of the tests that is long enough"


def asked(live, *, prefix=None):
    query = f"?prefix={prefix}" if prefix else ""
    return live.control("GET", f"/requests{query}")


def test_the_calls_of_the_api_are_noted(live):
    live.call("GET", "/2.0/repositories/acme/paint?fields=uuid", headers={"User-Agent": "tests"})
    (one,) = asked(live)
    assert (one["method"], one["path"], one["query"]) == ("GET", "/2.0/repositories/acme/paint", "fields=uuid")
    assert (one["user_agent"], one["authorization"], one["client_key"]) == ("tests", None, None)
    assert (one["status"], one["is_fault"]) == (404, False)
    assert time_taken(live) >= 0


def time_taken(live):
    """Noted once the whole answer has been sent, which may be a moment after it has arrived here."""
    return wait_until(
        lambda: [one["elapsed_seconds"] for one in asked(live) if one["elapsed_seconds"] is not None],
        what="the end of the request",
        timeout_seconds=10,
    )[0]


def test_pages_are_noted_but_listed_only_where_asked_for(live):
    live.call("GET", "/acme/paint/")
    assert asked(live) == []
    assert [one["path"] for one in asked(live, prefix="/acme")] == ["/acme/paint/"]


def test_control_is_not_noted(live):
    live.control("GET", "/installations")
    assert asked(live, prefix="/") == []


def test_faults_are_marked(live):
    live.control("POST", "/faults", {"match": "user", "status": 503})
    live.call("GET", "/2.0/user")
    (one,) = asked(live)
    assert (one["status"], one["is_fault"]) == (503, True)


@pytest.mark.parametrize(
    ("authorization", "scheme", "client_key"),
    [
        (f"JWT {jwt.encode({'sub': 'connection:1'}, SECRET)}", "JWT", "connection:1"),
        (f"JWT {jwt.encode({'iss': 'x'}, SECRET)}", "JWT", None),
        ("JWT nonsense", "JWT", None),
        ("Bearer abc", "Bearer", None),
        ("Basic YTpi", "Basic", None),
    ],
)
def test_the_scheme_is_kept_and_the_token_is_not(live, authorization, scheme, client_key):
    live.call("GET", "/2.0/user", headers={"Authorization": authorization})
    (one,) = asked(live)
    assert (one["authorization"], one["client_key"]) == (scheme, client_key)
    assert authorization.partition(" ")[2] not in str(one)


def test_clearing_forgets_all(live):
    live.call("GET", "/2.0/user")
    live.control("DELETE", "/requests")
    assert asked(live) == []


def test_ids_rise(live):
    for _ in range(3):
        live.call("GET", "/2.0/user")
    ids = [one["id"] for one in asked(live)]
    assert ids == sorted(set(ids))


def test_a_request_ends_when_its_answer_is_closed():
    closed = []

    class Chunks(list):
        def close(self):
            closed.append(True)

    def application(_environ, start_response):
        start_response("201 CREATED", [])
        return Chunks([b"a", b"b"])

    log = RequestLog()
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/2.0/x"}
    chunks = log.around(application)(environ, lambda *_: None)
    (entry,) = log.requests()
    assert (entry.status, entry.elapsed_seconds) == (201, None)
    assert list(chunks) == [b"a", b"b"]
    chunks.close()
    assert entry.elapsed_seconds is not None
    assert closed == [True]


def test_an_answer_without_a_close_is_fine():
    log = RequestLog()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/2.0/x"}
    log.around(lambda _environ, _start: iter([b"a"]))(environ, lambda *_: None).close()
    assert log.requests()[0].elapsed_seconds is not None
