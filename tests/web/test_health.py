"""Health: alive whatever happens, ready when requests can be served, and an answer in time from both."""

import threading

import pytest
from sqlalchemy.exc import OperationalError

from models.errors import DatabaseUnsupported
from web import health


def test_the_process_is_alive_without_asking_anybody(client, services, monkeypatch):
    monkeypatch.setattr(health, "_problem", lambda _: pytest.fail("asked the database"))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_it_is_ready_when_the_database_has_this_codes_schema(client):
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (200, {"status": "ready"})


def test_it_is_not_ready_with_another_schema(client, monkeypatch):
    monkeypatch.setattr(health, "schema_version", lambda _: "0000")

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["problem"]) == (503, "schema_differs")


@pytest.mark.parametrize("error", [OperationalError("SELECT", {}, Exception("gone")), DatabaseUnsupported("odd")])
def test_it_is_not_ready_without_a_database(client, monkeypatch, error):
    def fail(_):
        raise error

    monkeypatch.setattr(health, "schema_version", fail)
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["problem"]) == (503, "database_unreachable")


def test_a_database_that_does_not_answer_in_time_is_not_waited_for(client, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(health, "schema_version", lambda _: held.wait(10))
    try:
        answer = client.get("/readyz")
    finally:
        held.set()

    assert (answer.status_code, answer.json["problem"]) == (503, "database_slow")


def test_a_locked_database_holds_up_neither(client, services):
    with services.sessions.begin() as session:
        session.connection()  # the write lock

        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200


def test_the_problem_is_a_word_and_no_address(client, monkeypatch):
    def fail(_):
        raise OperationalError("SELECT", {}, Exception("password authentication failed for bittern@10.0.0.7"))

    monkeypatch.setattr(health, "schema_version", fail)

    assert "10.0.0.7" not in client.get("/readyz").get_data(as_text=True)
