"""What surrounds every request: an id, an entry in the log, a place in the counts."""

import pytest


def finished(log_entries):
    return [entry for entry in log_entries if entry["event"] == "request.finished"]


def test_every_request_has_an_id_that_its_answer_and_its_log_entry_carry(client, log_entries):
    answers = [client.get("/"), client.get("/")]

    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 2
    assert [entry["request_id"] for entry in finished(log_entries)] == ids


def test_a_sane_id_of_a_proxy_is_taken_over(client):
    assert (
        client.get("/", headers={"X-Request-Id": "Root=1-67891233-abcdef"}).headers["X-Request-Id"]
        != "Root=1-67891233-abcdef"
    )
    assert client.get("/", headers={"X-Request-Id": "1-67891233-abcdef"}).headers["X-Request-Id"] == "1-67891233-abcdef"


@pytest.mark.parametrize(
    "offered", ["", "short", "x" * 65, "a b c d e f g", "<script>alert(1)</script>", "é" * 12, "../../etc/passwd"]
)
def test_anything_else_is_not(client, offered):
    answered = client.get("/", headers={"X-Request-Id": offered}).headers["X-Request-Id"]

    assert answered != offered
    assert len(answered) == 24


def test_the_entry_says_what_was_asked_and_never_the_query(client, log_entries):
    client.get("/?jwt=eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl&user=somebody")

    [entry] = finished(log_entries)
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/", 200)
    assert "eyJ" not in str(log_entries)
    assert "somebody" not in str(log_entries)


def test_one_requests_context_does_not_leak_into_the_next(client, alice, log_entries):
    from tests.web.signing import signed_url

    client.get(signed_url("/connect/welcome"))
    client.get("/")

    first, second = finished(log_entries)
    assert first["installation"] == alice.id
    assert "installation" not in second


def test_machines_that_ask_every_few_seconds_leave_no_line_each(client, log_entries):
    for path in ("/healthz", "/readyz", "/static/bittern.css"):
        client.get(path)

    assert finished(log_entries) == []
