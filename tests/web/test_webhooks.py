"""Webhooks: who sends, whose repository it is about, and that nothing is acknowledged before it is stored."""

import json
from io import BytesIO

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TookTooLong

from models import inbox, repositories
from models.inbox import Delivery
from models.quick_reads import QuickReads
from models.repositories import RepositoryFacts
from sync.intake import Intake
from tests.tenants import (
    ALICE_KEY,
    ALICE_REPOSITORY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    CHARLIE_KEY,
    CHARLIE_REPOSITORY,
    CHARLIE_SECRET,
    CHARLIE_WORKSPACE,
    NOON,
    alice_offer,
    quarantine,
    repository_body,
    uninstall,
)
from tests.web.signing import signed_headers
from web.quick_pages import QuickPages

TARGET = "/connect/webhook"


def push(repository=None, *, envelope=True, event="repo:push", **members):
    body = {"actor": {}, "repository": repository or repository_body(), "push": {"changes": []}, **members}
    return json.dumps({"event": event, "data": body} if envelope else body)


def headers(*, event="repo:push", number=1, **signing):
    return {
        **signed_headers(TARGET, **signing),
        "Content-Type": "application/json",
        "X-Event-Key": event,
        "X-Request-UUID": f"dddddddd-0000-4000-8000-{number:012d}",
        "X-Attempt-Number": "1",
    }


@pytest.fixture
def stored(services):
    def stored():
        with services.readers() as session:
            return session.query(Delivery).order_by(Delivery.id).all()

    return stored


def test_it_stores_a_delivery_and_then_acknowledges_it(client, alice, stored, doorbell):
    answer = client.post(TARGET, data=push(), headers=headers())

    [delivery] = stored()
    assert (answer.status_code, answer.data) == (202, b"")
    assert (delivery.event_key, delivery.repository_uuid, delivery.installation_id) == (
        "repo:push",
        ALICE_REPOSITORY,
        alice.id,
    )
    assert doorbell.rung == [("delivery", delivery.id)]


def test_it_takes_the_bare_envelope_too(client, alice, stored):
    answer = client.post(TARGET, data=push(envelope=False), headers=headers())

    assert answer.status_code == 202
    assert len(stored()) == 1


def test_it_acknowledges_a_repeated_delivery_and_stores_it_once(client, alice, stored, doorbell):
    answers = [client.post(TARGET, data=push(), headers=headers()).status_code for _ in range(3)]

    assert answers == [202, 202, 202]
    assert len(stored()) == 1
    assert len(doorbell.rung) == 1


def test_two_events_under_one_token_are_two_deliveries(client, alice, stored):
    same = signed_headers(TARGET)

    for number in (1, 2):
        client.post(TARGET, data=push(), headers=headers(number=number) | same)

    assert len(stored()) == 2


def test_nothing_is_acknowledged_that_could_not_be_stored(client, alice, services, monkeypatch, doorbell):
    def locked(*_, **__):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(inbox, "add_all", locked)

    answer = client.post(TARGET, data=push(), headers=headers())

    assert answer.status_code == 503
    assert answer.json["error"]["code"] == "unavailable"
    assert answer.headers["Retry-After"]
    assert doorbell.rung == []


def test_the_database_error_goes_to_the_log_without_its_statement(client, alice, monkeypatch, log_entries):
    def locked(*_, **__):
        raise OperationalError("INSERT secret-statement", {"payload": "secret-parameter"}, Exception("locked"))

    monkeypatch.setattr(inbox, "add_all", locked)
    client.post(TARGET, data=push(), headers=headers())

    assert any(entry["event"] == "database.unavailable" for entry in log_entries)
    assert "secret" not in str(log_entries)


def test_a_body_about_another_tenants_repository_is_refused(client, alice, charlie, stored, refusals):
    foreign = repository_body(CHARLIE_REPOSITORY, CHARLIE_WORKSPACE)

    answer = client.post(TARGET, data=push(foreign), headers=headers())

    assert answer.status_code == 403
    assert answer.json["error"]["code"] == "forbidden"
    assert stored() == []
    assert refusals() == ["webhook.foreign_repo"]


def test_a_body_about_no_repository_is_refused_for_an_event_that_has_one(client, alice, stored, refusals):
    body = json.dumps({"event": "repo:push", "data": {"push": {"changes": []}}})

    assert client.post(TARGET, data=body, headers=headers()).status_code == 403
    assert refusals() == ["webhook.foreign_repo"]


def test_an_event_that_nobody_has_heard_of_is_acknowledged(client, alice, stored):
    body = json.dumps({"event": "moon:landed", "data": {"moon": {}}})

    assert client.post(TARGET, data=body, headers=headers(event="moon:landed")).status_code == 202
    assert len(stored()) == 1


def test_a_repository_that_moves_away_may_still_say_so(client, alice, services, stored):
    with services.sessions.begin() as session:
        facts = RepositoryFacts(uuid=ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, is_private=True)
        repositories.record(session, alice, facts, as_of=NOON, now=NOON)
    moved = repository_body(ALICE_REPOSITORY, CHARLIE_WORKSPACE)

    answer = client.post(TARGET, data=push(moved, event="repo:transfer"), headers=headers(event="repo:transfer"))

    assert answer.status_code == 202
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("signing", "reason"),
    [
        ({"secret": CHARLIE_SECRET}, "auth.signature"),
        ({"client_key": "connection:999999"}, "auth.unknown_tenant"),
        ({"qsh": None}, "auth.qsh_missing"),
        ({"qsh": "0" * 64}, "auth.qsh_mismatch"),
        ({"method": "GET"}, "auth.qsh_mismatch"),
        ({"aud": CHARLIE_KEY}, "auth.audience"),
        ({"client_key": "bittern", "secret": ALICE_SECRET, "sub": ALICE_KEY}, "auth.token_kind"),
    ],
)
def test_it_refuses_a_token_that_does_not_verify(client, alice, charlie, stored, refusals, signing, reason):
    answer = client.post(TARGET, data=push(), headers=headers(**signing))

    assert answer.status_code == 401
    assert stored() == []
    assert refusals() == [reason]


def test_every_refusal_of_a_token_looks_the_same(client, alice):
    without = {name: value for name, value in headers().items() if name != "Authorization"}
    refused = [
        client.post(TARGET, data=push(), headers=without),
        client.post(TARGET, data=push(), headers=headers(secret=CHARLIE_SECRET)),
        client.post(TARGET, data=push(), headers=headers(client_key="connection:999999")),
        client.post(TARGET, data=push(), headers=headers() | {"Authorization": "Bearer x.y.z"}),
    ]

    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.data for answer in refused}) == 1
    differing = {"X-Request-Id", "Date"}
    assert len({str(sorted((n, v) for n, v in answer.headers if n not in differing)) for answer in refused}) == 1


def test_a_signature_of_the_body_is_no_token(client, alice, refusals):
    without = {name: value for name, value in headers().items() if name != "Authorization"}

    answer = client.post(TARGET, data=push(), headers=without | {"X-Hub-Signature": "sha256=00"})

    assert answer.status_code == 401
    assert refusals() == ["auth.missing"]


def test_a_token_in_the_query_is_not_looked_at(client, alice, refusals):
    token = signed_headers(TARGET)["Authorization"].removeprefix("JWT ")
    plain = {"Content-Type": "application/json", "X-Event-Key": "repo:push"}

    assert client.post(f"{TARGET}?jwt={token}", data=push(), headers=plain).status_code == 401
    assert client.post(f"{TARGET}?jwt={token}", data=push(), headers=headers()).status_code == 401
    assert refusals() == ["auth.missing", "auth.ambiguous"]


def test_two_tokens_in_one_header_are_refused(client, alice, refusals):
    doubled = headers()
    doubled["Authorization"] = f"{doubled['Authorization']}, {doubled['Authorization']}"

    assert client.post(TARGET, data=push(), headers=doubled).status_code == 401
    assert refusals() == ["auth.ambiguous"]


def test_an_uninstalled_installation_is_not_heard(client, alice, services, stored, refusals):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY)

    assert client.post(TARGET, data=push(), headers=headers()).status_code == 401
    assert stored() == []
    assert refusals() == ["auth.uninstalled"]


def test_an_installation_in_quarantine_is_asked_to_send_again(client, services, stored):
    with services.sessions.begin() as session:
        quarantine(session, alice_offer(), box=services.secret_box)

    answer = client.post(TARGET, data=push(), headers=headers())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert stored() == []


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        ({"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
    ],
)
def test_it_reads_plain_json_only(client, alice, stored, changes, status, code):
    answer = client.post(TARGET, data=push(), headers=headers() | changes)

    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert stored() == []


def test_it_refuses_a_large_body_by_its_length_before_it_asks_who_sends_it(client, stored):
    answer = client.post(TARGET, data=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json["error"]["code"]) == (413, "payload_too_large")


def test_it_refuses_a_large_body_that_hides_its_length(client, alice, stored):
    body = BytesIO(b"x" * (2 * 1024 * 1024))
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    answer = client.post(TARGET, headers=headers(), input_stream=body, environ_overrides=chunked)

    assert answer.status_code == 413
    assert stored() == []


def test_it_takes_the_largest_body_that_bitbucket_sends(client, alice, stored):
    body = push(padding="x" * 262_144)

    assert client.post(TARGET, data=body, headers=headers()).status_code == 202


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "1", '"x"', "{}", "{", "[" * 100_000, b"\xff\xfe{\x00", '{"a": NaN}']
)
def test_it_refuses_a_body_that_is_no_json_object(client, alice, stored, body):
    answer = client.post(TARGET, data=body, headers=headers())

    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")
    assert stored() == []


def test_it_refuses_a_body_whose_event_is_not_the_headers(client, alice, stored, refusals):
    answer = client.post(TARGET, data=push(), headers=headers(event="pullrequest:fulfilled"))

    assert answer.status_code == 400
    assert stored() == []
    assert refusals() == ["webhook.event_mismatch"]


def test_it_answers_only_post(client):
    answer = client.get(TARGET)

    assert (answer.status_code, answer.json["error"]["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_slash_at_the_end_is_the_same_address_and_no_redirect(client, alice, stored):
    # Bitbucket hashes the path without its last slash.
    answer = client.post(f"{TARGET}/", data=push(), headers=headers())

    assert answer.status_code == 202


def test_the_log_says_what_came_and_not_what_it_said(client, alice, log_entries):
    client.post(TARGET, data=push(repository_body(name="Secret project")), headers=headers())

    [entry] = [entry for entry in log_entries if entry["event"] == "webhook.taken_in"]
    assert (entry["outcome"], entry["event_key"], entry["repository"]) == ("accepted", "repo:push", ALICE_REPOSITORY)
    assert "Secret project" not in str(log_entries)


@pytest.fixture
def to_flask(client, monkeypatch):
    """The requests that have come to Flask."""
    seen = []
    dispatch = client.application.full_dispatch_request
    monkeypatch.setattr(client.application, "full_dispatch_request", lambda *given: seen.append(1) or dispatch(*given))
    return seen


def test_a_plain_one_is_taken_in_without_flask_and_answered_the_same(client, alice, stored, to_flask, monkeypatch):
    quick = client.post(TARGET, data=push(), headers=headers(number=1))
    assert not to_flask
    monkeypatch.setattr(QuickPages, "__call__", lambda self, *given: self._application(*given))
    plain = client.post(TARGET, data=push(), headers=headers(number=2))
    assert len(to_flask) == 1
    assert [answer.status_code for answer in (quick, plain)] == [202, 202]

    def told(answer):
        return {name: value for name, value in answer.headers.items() if name not in {"X-Request-Id", "Vary"}}

    assert told(quick) == told(plain)
    assert len(stored()) == 2


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Authorization": "JWT a.b.c"}, 401),
        ({"X-Request-UUID": "none"}, 400),
    ],
)
def test_what_is_not_plain_is_refused_by_flask_once(client, alice, stored, to_flask, refusals, changed, status):
    answer = client.post(TARGET, data=push(), headers=headers() | changed)
    assert (answer.status_code, len(to_flask), len(refusals())) == (status, 1, 1)
    assert stored() == []


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("INSERT", {}, Exception("locked")), 503), (MemoryError(), 503), (ValueError("odd"), 500)],
)
def test_what_could_not_be_stored_is_not_tried_a_second_time(client, alice, monkeypatch, to_flask, error, status):
    """Whoever sends has waited already: Flask only words what came of it."""
    tried = []

    def add(*_, **__):
        tried.append(1)
        raise error

    monkeypatch.setattr(Intake, "add", add)
    answer = client.post(TARGET, data=push(), headers=headers())
    assert (answer.status_code, len(tried), len(to_flask)) == (status, 1, 1)
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize("error", [OperationalError("SELECT", {}, Exception("away")), TookTooLong("no connection")])
def test_whose_it_is_is_not_asked_a_second_time_of_a_database_that_was_waited_for_in_vain(
    client, alice, monkeypatch, to_flask, error
):
    asked = []

    def installation(*_):
        asked.append(1)
        raise error

    monkeypatch.setattr(QuickReads, "installation", installation)
    answer = client.post(TARGET, data=push(), headers=headers())
    assert (answer.status_code, len(asked), len(to_flask)) == (503, 1, 1)
    assert "Retry-After" in answer.headers


def test_a_body_that_ends_too_soon_is_flasks_to_refuse(client, alice, stored, to_flask):
    """Also where what has come would do: a connection was cut, and who knows what else it would have said."""
    body = push().encode()
    length = {"CONTENT_LENGTH": str(len(body) + 1)}
    answer = client.post(TARGET, input_stream=BytesIO(body), headers=headers(), environ_overrides=length)
    assert (answer.status_code, len(to_flask)) == (400, 1)
    assert stored() == []
