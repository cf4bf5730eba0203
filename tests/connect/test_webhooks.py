"""Webhook deliveries: both envelopes, headers in any case and condition, and a router that forgets no event."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect.errors import HandlersIncomplete, PayloadInvalid
from connect.webhooks import KNOWN_EVENTS, EventRouter, Route, WebhookDelivery
from tests.connect.cast import ALICE_WORKSPACE, CHARLIE_WORKSPACE

REPOSITORY = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
DELIVERY = "157c6eec-0000-4000-8000-000000000001"
HOOK = "1b08c6c1-0000-4000-8000-000000000002"
HEADERS = {
    "X-Event-Key": "repo:push",
    "X-Event-Time": "Wed, 28 Jul 2021 21:47:48 GMT",
    "X-Hook-UUID": HOOK,
    "X-Request-UUID": DELIVERY,
    "X-Attempt-Number": "3",
}
BARE = {
    "actor": {"type": "user"},
    "repository": {"uuid": REPOSITORY, "workspace": {"uuid": ALICE_WORKSPACE}, "owner": {"uuid": CHARLIE_WORKSPACE}},
    "push": {"changes": []},
}
WRAPPED = {"event": "repo:push", "data": BARE}


def deliver(body=WRAPPED, **headers) -> WebhookDelivery:
    """A header that is changed to `...` is left out; its name is written with underscores."""
    changes = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in (HEADERS | changes).items() if value is not ...}
    return WebhookDelivery.from_http(sent, body if isinstance(body, bytes) else json.dumps(body).encode())


def reason(body=WRAPPED, **headers) -> str:
    with pytest.raises(PayloadInvalid) as caught:
        deliver(body, **headers)
    return caught.value.reason


def about(repository: object) -> WebhookDelivery:
    return deliver(BARE | {"repository": repository})


def test_it_reads_a_delivery_of_connect():
    assert deliver() == WebhookDelivery(
        event_key="repo:push",
        delivery_uuid=DELIVERY,
        hook_uuid=HOOK,
        attempt_number=3,
        event_time=datetime(2021, 7, 28, 21, 47, 48, tzinfo=UTC),
        payload=BARE,
        repository_uuid=REPOSITORY,
        workspace_uuid=ALICE_WORKSPACE,
        body_sha256=hashlib.sha256(json.dumps(WRAPPED).encode()).hexdigest(),
    )


def test_a_bare_body_says_the_same():
    bare, wrapped = deliver(BARE), deliver(WRAPPED)
    assert bare.payload == wrapped.payload == BARE
    assert bare.event_key == wrapped.event_key
    assert bare.body_sha256 != wrapped.body_sha256


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_header_names_are_read_in_any_case(change):
    headers = {change(name): value for name, value in HEADERS.items()}
    assert WebhookDelivery.from_http(headers, json.dumps(WRAPPED).encode()) == deliver()


def test_a_bare_body_with_members_called_event_and_data_is_not_unwrapped_by_half():
    body = BARE | {"event": "repo:push", "data": "x"}
    assert deliver(body).payload == body
    body = BARE | {"data": {"x": 1}}
    assert deliver(body).payload == body


def test_the_event_of_the_envelope_does_without_the_header():
    assert deliver(**{"X-Event-Key": ...}).event_key == "repo:push"


def test_a_bare_body_needs_the_header():
    assert reason(BARE, **{"X-Event-Key": ...}) == "webhook.malformed"


def test_header_and_envelope_agree_on_the_event():
    assert reason(WRAPPED, **{"X-Event-Key": "pullrequest:fulfilled"}) == "webhook.event_mismatch"


@pytest.mark.parametrize(
    "key", ["", " ", "repo push", "repo:push\n", "x" * 65, "x" * 10_240, "r\u00e9po:push", "<script>", "a'b"]
)
def test_an_event_key_is_a_short_plain_name(key):
    assert reason(BARE, **{"X-Event-Key": key}) == "webhook.malformed"
    assert reason({"event": key, "data": BARE}, **{"X-Event-Key": ...}) == "webhook.malformed"


@pytest.mark.parametrize("event", [None, 1, ["repo:push"], {}])
def test_the_event_of_an_envelope_is_text(event):
    assert reason({"event": event, "data": BARE}) == "webhook.malformed"


def test_an_unknown_event_is_read_all_the_same():
    assert deliver(BARE, **{"X-Event-Key": "repo:nuked"}).event_key == "repo:nuked"
    assert deliver(BARE, **{"X-Event-Key": "x" * 64}).event_key == "x" * 64


@pytest.mark.parametrize("value", [..., "", "x", "1", DELIVERY + "0", "x" * 10_000, "{" + DELIVERY])
def test_a_delivery_that_is_not_named_is_refused(value):
    assert reason(BARE, **{"X-Request-UUID": value}) == "webhook.no_uuid"


@pytest.mark.parametrize("value", [DELIVERY.upper(), "{" + DELIVERY + "}"])
def test_a_delivery_uuid_has_one_spelling(value):
    assert deliver(X_Request_UUID=value).delivery_uuid == DELIVERY


@pytest.mark.parametrize("value", [..., "", "x", "x" * 10_000])
def test_a_hook_uuid_may_be_absent(value):
    assert deliver(X_Hook_UUID=value).hook_uuid is None


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1", 1),
        ("3", 3),
        ("9999", 9999),
        (..., 1),
        ("", 1),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("1.5", 1),
        ("1" * 99, 1),
        ("\u0663", 1),
        (" 2", 1),
    ],
)
def test_an_attempt_number_counts_from_one(value, number):
    assert deliver(X_Attempt_Number=value).attempt_number == number


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("Wed, 28 Jul 2021 23:47:48 +0200", datetime(2021, 7, 28, 21, 47, 48, tzinfo=UTC)),
        ("Wed, 28 Jul 2021 21:47:48 -0000", datetime(2021, 7, 28, 21, 47, 48, tzinfo=UTC)),
        (..., None),
        ("", None),
        ("yesterday", None),
        ("Wed, 99 Jul 2021 21:47:48 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("x" * 10_000, None),
    ],
)
def test_an_event_time_is_in_utc_or_unknown(value, moment):
    assert deliver(X_Event_Time=value).event_time == moment


def test_the_owner_stands_in_for_a_workspace():
    assert about({"uuid": REPOSITORY, "owner": {"uuid": ALICE_WORKSPACE}}).workspace_uuid == ALICE_WORKSPACE
    delivery = about({"uuid": REPOSITORY, "workspace": {}, "owner": {"uuid": ALICE_WORKSPACE}})
    assert delivery.workspace_uuid == ALICE_WORKSPACE


@pytest.mark.parametrize("repository", [None, {}, {"full_name": "alice/repo"}, {"uuid": None, "workspace": None}])
def test_a_body_may_be_about_no_repository_that_can_be_named(repository):
    assert (about(repository).repository_uuid, about(repository).workspace_uuid) == (None, None)


def test_a_project_names_its_workspace():
    body = {"project": {"uuid": REPOSITORY, "workspace": {"uuid": ALICE_WORKSPACE}}}
    delivery = deliver(body, **{"X-Event-Key": "project:updated"})
    assert (delivery.repository_uuid, delivery.workspace_uuid) == (None, ALICE_WORKSPACE)


def test_uuids_are_canonical():
    delivery = about({"uuid": REPOSITORY.strip("{}").upper(), "workspace": {"uuid": ALICE_WORKSPACE.upper()}})
    assert (delivery.repository_uuid, delivery.workspace_uuid) == (REPOSITORY, ALICE_WORKSPACE)


@pytest.mark.parametrize(
    "repository",
    [
        "x",
        [],
        1,
        {"uuid": "x"},
        {"uuid": 1},
        {"uuid": []},
        {"uuid": ""},
        {"workspace": "x"},
        {"owner": {"uuid": "x"}},
        {"workspace": {"uuid": REPOSITORY + "'"}},
    ],
)
def test_a_repository_that_could_not_be_bound_is_refused(repository):
    with pytest.raises(PayloadInvalid, match=r"webhook\.malformed"):
        about(repository)


@pytest.mark.parametrize("body", [b"{}", b'{"event":"repo:push","data":{}}'])
def test_a_body_that_says_nothing_is_refused(body):
    assert reason(body) == "input.json"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", "input.json"),
        (b"[]", "input.json"),
        (b"\xff\xfe{\x00", "input.json"),
        (b'{"push":{"changes":[{"x":NaN}]}}', "input.number"),
        (b'{"repository":{"name":"a\\u0000b"}}', "input.nul"),
        (b'{"data":' * 100_000, "input.json"),
    ],
)
def test_a_body_is_read_strictly(body, expected):
    assert reason(body) == expected


def test_a_payload_does_not_show_in_logs():
    assert "changes" not in repr(deliver())


header_values = st.text(max_size=200)


@given(
    st.dictionaries(st.sampled_from(list(HEADERS)), header_values),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda children: st.dictionaries(
            st.sampled_from(["event", "data", "repository", "project", "workspace", "owner", "uuid"]), children
        ),
    ),
)
def test_no_request_raises_anything_but_its_refusal(headers, body):
    try:
        delivery = WebhookDelivery.from_http(headers, json.dumps(body).encode())
    except PayloadInvalid as refused:
        assert refused.reason.partition(".")[0] in {"input", "webhook"}  # noqa: PT017 - either outcome is right
    else:
        assert len(delivery.delivery_uuid) == 36
        assert delivery.attempt_number >= 1


class TestEventRouter:
    def complete(self, **changes):
        return dict.fromkeys(KNOWN_EVENTS) | {key.replace("_", ":", 1): value for key, value in changes.items()}

    def test_it_finds_the_declared_handler(self):
        assert EventRouter(self.complete(repo_push="apply_push")).route("repo:push") == Route("apply_push", None)

    def test_it_says_that_an_event_is_ignored_on_purpose(self):
        assert EventRouter(self.complete()).route("repo:push") == Route(None, "webhook.ignored_event")

    @pytest.mark.parametrize("key", ["repo:nuked", "", "*", "Repo:Push"])
    def test_it_says_that_an_event_is_unknown(self, key):
        assert EventRouter(self.complete()).route(key) == Route(None, "webhook.unknown_event")

    @pytest.mark.parametrize("key", sorted(KNOWN_EVENTS))
    def test_it_is_not_built_while_an_event_is_forgotten(self, key):
        handlers = self.complete()
        del handlers[key]
        with pytest.raises(HandlersIncomplete) as caught:
            EventRouter(handlers)
        assert (caught.value.undeclared, caught.value.unheard_of) == ((key,), ())

    def test_it_is_not_built_with_a_spelling_mistake(self):
        with pytest.raises(HandlersIncomplete) as caught:
            EventRouter(self.complete(repo_psuh="apply_push"))
        assert caught.value.unheard_of == ("repo:psuh",)

    def test_it_keeps_its_own_copy_of_the_table(self):
        handlers = self.complete(repo_push="apply_push")
        router = EventRouter(handlers)
        handlers["repo:push"] = None
        assert router.route("repo:push").handler == "apply_push"


def test_the_known_events_have_documented_subjects_and_lengths():
    assert {key.partition(":")[0] for key in KNOWN_EVENTS} == {"issue", "pipeline", "project", "pullrequest", "repo"}
    assert max(map(len, KNOWN_EVENTS)) <= 64
    assert len(KNOWN_EVENTS) == 32
