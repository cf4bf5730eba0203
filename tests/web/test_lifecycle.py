"""Install and uninstall calls: what is stored, what is refused, what a stranger cannot do."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bitbucket.errors import TimedOut
from connect.lifecycle import InstallationState
from models import audit, censuses, installations
from models.audit import LifecycleAudit
from models.errors import LeaseLost
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    CHARLIE_KEY,
    CHARLIE_SECRET,
    CHARLIE_WORKSPACE,
    uninstall,
)
from tests.web.fake_bitbucket import TOKEN_PATH
from tests.web.signing import signed_headers

INSTALLED = "/connect/installed"
UNINSTALLED = "/connect/uninstalled"
NEW_SECRET = "new-secret-9876543210-9876543210-9876543210"
NOBODY_KEY = "connection:5005"
NOBODY_WORKSPACE = "{55555555-0000-4000-8000-000000000001}"


def body(event="installed", *, client_key=ALICE_KEY, workspace=ALICE_WORKSPACE, secret=NEW_SECRET, **members):
    payload = {
        "productType": "bitbucket",
        "eventType": event,
        "key": "bittern",
        "clientKey": client_key,
        "baseUrl": "https://bitbucket.org",
        "baseApiUrl": "https://api.bitbucket.org",
        "principal": {"type": "team", "uuid": workspace, "display_name": "Alice & Co", "username": "alice"},
        "actor": {"type": "user", "uuid": "aaaaaaaa-0000-4000-8000-0000000000e1"},
    }
    if event == "installed":
        payload["sharedSecret"] = secret
    return payload | members


def first_install(**members):
    return body(client_key=NOBODY_KEY, workspace=NOBODY_WORKSPACE, **members)


@pytest.fixture
def post(client):
    def post(target, payload, **signing):
        headers = {"Content-Type": "application/json"}
        if signing.pop("signed", True):
            headers |= signed_headers(target, **signing)
        data = payload if isinstance(payload, str) else json.dumps(payload)
        return client.post(target, data=data, headers=headers)

    return post


@pytest.fixture
def row_of(services):
    def row_of(client_key):
        with services.readers() as session:
            return installations.by_client_key(session, client_key)

    return row_of


@pytest.fixture
def secret_in(services, row_of):
    return lambda client_key: installations.secret_of(row_of(client_key), services.secret_box)


@pytest.fixture
def trail(services):
    def trail():
        with services.readers() as session:
            entries = session.scalars(select(LifecycleAudit).order_by(LifecycleAudit.id)).all()
        return [(entry.client_key, entry.action, entry.reason) for entry in entries]

    return trail


def test_a_first_install_is_proved_and_active_before_it_is_answered(
    post, bitbucket, row_of, secret_in, trail, doorbell
):
    bitbucket.answers(f"/2.0/workspaces/{NOBODY_WORKSPACE}", {"type": "workspace", "uuid": NOBODY_WORKSPACE})

    answer = post(INSTALLED, first_install(), signed=False)

    assert (answer.status_code, answer.data) == (204, b"")
    assert row_of(NOBODY_KEY).state is InstallationState.ACTIVE
    assert secret_in(NOBODY_KEY) == NEW_SECRET
    assert row_of(NOBODY_KEY).descriptor_version
    assert doorbell.rung == [("backfill", row_of(NOBODY_KEY).id)]
    assert [reason for _, _, reason in trail()] == ["lifecycle.unproven", "lifecycle.proved"]


def test_a_first_install_whose_proof_takes_too_long_is_left_to_the_worker(post, bitbucket, row_of, doorbell):
    bitbucket.answers(TOKEN_PATH, TimedOut("slow"))

    answer = post(INSTALLED, first_install(), signed=False)

    row = row_of(NOBODY_KEY)
    assert answer.status_code == 204
    assert row.state is InstallationState.PENDING
    assert row.next_attempt_at is not None
    assert doorbell.rung == [("proof", row.id)]


def test_the_proof_can_be_left_to_the_worker_altogether(make_app, bitbucket, doorbell):
    client = make_app(install_proof_seconds=0).test_client()

    answer = client.post(INSTALLED, json=first_install())

    assert answer.status_code == 204
    assert bitbucket.requests == []
    assert [what for what, _ in doorbell.rung] == ["proof"]


def test_a_workspace_that_bitbucket_calls_otherwise_proves_nothing(post, bitbucket, row_of):
    bitbucket.answers(f"/2.0/workspaces/{NOBODY_WORKSPACE}", {"type": "workspace", "uuid": CHARLIE_WORKSPACE})

    assert post(INSTALLED, first_install(), signed=False).status_code == 204
    assert row_of(NOBODY_KEY).state is InstallationState.PENDING


def test_the_real_install_replaces_one_that_was_never_proved(post, bitbucket, row_of, secret_in, trail):
    bitbucket.answers(TOKEN_PATH, {"error": "invalid_grant"}, status=401)
    post(INSTALLED, first_install(secret="squatters-secret-0123456789-0123456789"), signed=False)
    bitbucket.answers(TOKEN_PATH, {"access_token": "swapped", "expires_in": 7200})
    bitbucket.answers(f"/2.0/workspaces/{NOBODY_WORKSPACE}", {"type": "workspace", "uuid": NOBODY_WORKSPACE})

    answer = post(INSTALLED, first_install(), signed=False)

    assert answer.status_code == 204
    assert row_of(NOBODY_KEY).state is InstallationState.ACTIVE
    assert secret_in(NOBODY_KEY) == NEW_SECRET
    assert "lifecycle.unproven_replaced" in [reason for _, _, reason in trail()]


def test_a_signed_re_install_brings_a_new_secret_and_keeps_the_old_one_beside_it(
    post, alice, row_of, secret_in, services, trail
):
    answer = post(INSTALLED, body())

    assert answer.status_code == 204
    assert secret_in(ALICE_KEY) == NEW_SECRET
    assert installations.known(row_of(ALICE_KEY), services.secret_box).previous_secret == ALICE_SECRET
    assert trail() == [(ALICE_KEY, "installed", "lifecycle.reinstalled")]


def test_the_same_install_sent_again_changes_nothing(post, alice, secret_in, trail, bitbucket):
    first = post(INSTALLED, body())
    again = post(INSTALLED, body())

    assert (first.status_code, again.status_code) == (204, 204)
    assert secret_in(ALICE_KEY) == NEW_SECRET
    assert len(trail()) == 1
    assert bitbucket.requests == []


@pytest.mark.parametrize(
    ("payload", "signing", "status", "reason"),
    [
        (body(), {"signed": False}, 401, "lifecycle.takeover"),
        (body(), {"client_key": CHARLIE_KEY, "secret": CHARLIE_SECRET}, 401, "lifecycle.client_mismatch"),
        (body(), {"secret": "attackers-secret-0123456789-0123456789"}, 401, "auth.signature"),
        (body(), {"qsh": "0" * 64}, 401, "auth.qsh_mismatch"),
        (body(workspace=CHARLIE_WORKSPACE), {}, 409, "lifecycle.principal_changed"),
        (body(key="other-app"), {}, 400, "lifecycle.wrong_app"),
        (body(productType="jira"), {}, 400, "lifecycle.wrong_product"),
        (body(secret="short"), {}, 400, "lifecycle.weak_secret"),
        (body(secret=""), {}, 400, "lifecycle.weak_secret"),
        (body(clientKey="../../x"), {"signed": False}, 400, "lifecycle.bad_client_key"),
        (body(baseApiUrl="http://127.0.0.1:9"), {"signed": False}, 400, "lifecycle.bad_host"),
        ("", {"signed": False}, 400, "input.json"),
        ("[]", {"signed": False}, 400, "input.json"),
    ],
)
def test_it_refuses_and_changes_nothing(
    post, alice, charlie, bitbucket, secret_in, trail, refusals, payload, signing, status, reason
):
    answer = post(INSTALLED, payload, **signing)

    assert answer.status_code == status
    assert secret_in(ALICE_KEY) == ALICE_SECRET
    assert trail() == []
    assert bitbucket.requests == []
    assert refusals() == [reason]


def test_a_header_that_does_not_verify_is_never_taken_for_none(post, bitbucket, row_of, refusals):
    answer = post(INSTALLED, first_install(), client_key=NOBODY_KEY, secret="attackers-secret-0123456789-0123456789")

    assert answer.status_code == 401
    assert row_of(NOBODY_KEY) is None
    assert refusals() == ["auth.unknown_tenant"]


def test_every_refusal_of_a_token_looks_the_same(post, alice):
    answers = [
        post(INSTALLED, body(), signed=False),
        post(INSTALLED, body(), secret="attackers-secret-0123456789-0123456789"),
        post(UNINSTALLED, body("uninstalled"), signed=False),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert "request_id" not in answers[0].json["error"]


def test_a_registered_app_is_installed_by_a_signature_with_its_own_secret(make_app, bitbucket):
    secret = "app-wide-secret-0123456789-0123456789-01"
    app = make_app(app_secret=secret)
    headers = signed_headers(INSTALLED, client_key=NOBODY_KEY, secret=secret)

    unsigned = app.test_client().post(INSTALLED, json=first_install(secret=secret))
    signed = app.test_client().post(INSTALLED, json=first_install(secret=secret), headers=headers)

    assert (unsigned.status_code, signed.status_code) == (401, 204)
    with app.extensions["bittern.services"].readers() as session:
        assert installations.by_client_key(session, NOBODY_KEY).is_active
    assert bitbucket.requests == []


def test_an_uninstall_leaves_a_tombstone_and_forgets_the_bearer_tokens(
    post, alice, row_of, secret_in, services, trail, doorbell
):
    services.bearer_tokens.token(ALICE_KEY, ALICE_SECRET)

    answer = post(UNINSTALLED, body("uninstalled"))

    row = row_of(ALICE_KEY)
    assert answer.status_code == 204
    assert row.state is InstallationState.UNINSTALLED
    assert (row.purge_after - row.uninstalled_at).days == 30
    assert secret_in(ALICE_KEY) == ALICE_SECRET
    assert "0 held" in repr(services.bearer_tokens)
    assert trail() == [(ALICE_KEY, "uninstalled", "lifecycle.uninstalled")]
    assert doorbell.rung == []


def test_an_uninstall_takes_the_work_that_is_under_way_from_whoever_does_it(post, alice, services, clock):
    lease = timedelta(seconds=30)
    with services.sessions.begin() as session:
        censuses.hasten(session, alice, at=clock.time)
        claimed = censuses.claim(session, censuses.of(session, alice).id, now=clock.time, lease=lease)

    post(UNINSTALLED, body("uninstalled"))

    with pytest.raises(LeaseLost), services.sessions.begin() as session:
        censuses.keep(session, claimed, until=clock.time + lease)
    with services.readers() as session:
        assert censuses.due(session, now=clock.time + lease, at_most=9) == []


def test_a_re_install_finds_what_was_planned_due_at_once(post, alice, services, clock):
    with services.sessions.begin() as session:
        censuses.hasten(session, alice, at=clock.time + timedelta(hours=9))

    post(UNINSTALLED, body("uninstalled"))
    post(INSTALLED, body())

    with services.readers() as session:
        assert len(censuses.due(session, now=clock.time, at_most=9)) == 1


def test_without_a_retention_the_data_goes_at_once(make_app, doorbell):
    from tests.tenants import alice_offer, install

    app = make_app(retention_days=0)
    services = app.extensions["bittern.services"]
    with services.sessions.begin() as session:
        row = install(session, alice_offer(), box=services.secret_box)

    app.test_client().post(UNINSTALLED, json=body("uninstalled"), headers=signed_headers(UNINSTALLED))

    assert doorbell.rung == [("purge", row.id)]


def test_a_re_install_after_an_uninstall_is_signed_with_the_old_secret(
    post, alice, services, row_of, secret_in, refusals
):
    with services.sessions.begin() as session:
        uninstall(session, ALICE_KEY, issued_at=1_500)

    unsigned = post(INSTALLED, body(), signed=False)
    signed = post(INSTALLED, body())

    assert (unsigned.status_code, signed.status_code) == (401, 204)
    assert refusals() == ["lifecycle.takeover"]
    assert row_of(ALICE_KEY).is_active
    assert secret_in(ALICE_KEY) == NEW_SECRET


def test_an_uninstall_of_a_workspace_that_was_never_stored_succeeds_and_stores_nothing(post, make_app, row_of):
    # Signed with the app-wide secret, which is all that can prove it.
    secret = "app-wide-secret-0123456789-0123456789-01"
    headers = signed_headers(UNINSTALLED, client_key=NOBODY_KEY, secret=secret)
    payload = body("uninstalled", client_key=NOBODY_KEY, workspace=NOBODY_WORKSPACE)

    answer = make_app(app_secret=secret).test_client().post(UNINSTALLED, json=payload, headers=headers)

    assert answer.status_code == 204
    assert row_of(NOBODY_KEY) is None


@pytest.mark.parametrize(
    ("signing", "reason"),
    [
        ({"signed": False}, "auth.missing"),
        ({"client_key": CHARLIE_KEY, "secret": CHARLIE_SECRET}, "lifecycle.client_mismatch"),
        ({"qsh": None}, "auth.qsh_missing"),
    ],
)
def test_nobody_else_can_uninstall(post, alice, charlie, row_of, trail, refusals, signing, reason):
    assert post(UNINSTALLED, body("uninstalled"), **signing).status_code == 401
    assert row_of(ALICE_KEY).is_active
    assert trail() == []
    assert refusals() == [reason]


def test_an_install_older_than_the_uninstall_that_overtook_it_revives_nothing(post, alice, clock, row_of, refusals):
    earlier = clock()
    clock.advance(seconds=30)
    post(UNINSTALLED, body("uninstalled"), at=clock())

    answer = post(INSTALLED, body(), at=earlier)

    assert answer.status_code == 409
    assert row_of(ALICE_KEY).state is InstallationState.UNINSTALLED
    assert refusals() == ["lifecycle.order"]


def test_what_is_decided_before_the_lock_is_decided_again_under_it(
    post, alice, secret_in, trail, refusals, monkeypatch
):
    # The real install was committed between a stranger's first look and their turn at the lock.
    monkeypatch.setattr("web.lifecycle.installations.by_client_key", lambda *_: None)

    answer = post(INSTALLED, body(), signed=False)

    monkeypatch.undo()
    assert answer.status_code == 401
    assert secret_in(ALICE_KEY) == ALICE_SECRET
    assert trail() == []
    assert refusals() == ["lifecycle.takeover"]


def test_a_refused_call_waits_for_no_lock(client, alice, services):
    # Another connection holds the write lock; a stranger's call is answered all the same.
    with services.sessions.begin() as session:
        session.connection()
        answer = client.post(INSTALLED, json=body())

    assert answer.status_code == 401


def test_a_secret_under_a_lost_key_is_no_ones_fault_but_ours(make_app, alice):
    other_keys = make_app(secret_keys="b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXktb3RoZXIta2V5LW8")

    answer = other_keys.test_client().post(INSTALLED, json=body(), headers=signed_headers(INSTALLED))

    assert answer.status_code == 503


def test_no_secret_reaches_the_log_or_the_answer(post, alice, log_entries):
    answer = post(INSTALLED, body())

    shown = str(log_entries) + answer.get_data(as_text=True) + str(answer.headers)
    assert NEW_SECRET not in shown
    assert ALICE_SECRET not in shown


def test_the_decision_is_logged_with_its_reason(post, alice, log_entries):
    post(INSTALLED, body())

    [entry] = [entry for entry in log_entries if entry["event"] == "lifecycle.decided"]
    assert (entry["action"], entry["decision"], entry["reason"]) == ("installed", "accept", "lifecycle.reinstalled")


def test_the_audit_row_names_the_actor_and_the_request(post, alice, services):
    answer = post(INSTALLED, body())

    with services.readers() as session:
        [entry] = audit.newest(session, ALICE_KEY)
    assert entry.actor_uuid == "{aaaaaaaa-0000-4000-8000-0000000000e1}"
    assert entry.request_id == answer.headers["X-Request-Id"]
