"""Proving an installation in quarantine: what Bitbucket says, and what becomes of the row."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from bitbucket.errors import ConnectionFailed, TimedOut
from bitbucket.messages import Headers, Response
from connect.lifecycle import InstallationState, Installed, Principal, PrincipalKind
from connect.tokens import read_token
from models import audit, installations
from models.installations import Offer
from sync import proof
from sync.proof import prove_installation
from tests.tenants import (
    ALICE_KEY,
    ALICE_SECRET,
    ALICE_WORKSPACE,
    BOB,
    CHARLIE_WORKSPACE,
    NOON,
    alice_offer,
    install,
    quarantine,
)
from tests.web.fake_bitbucket import TOKEN_PATH, answer

WORKSPACE_PATH = f"/2.0/workspaces/{ALICE_WORKSPACE}"
NO_TOKEN = answer({"error": "invalid_grant", "error_description": "no"}, status=400)
REFUSED = answer({"type": "error", "error": {"message": "Access token expired."}}, status=401)


@pytest.fixture
def workspace(bitbucket):
    """Bitbucket knows Alice's workspace."""
    bitbucket.answers(WORKSPACE_PATH, {"type": "workspace", "uuid": ALICE_WORKSPACE, "slug": "alice"})


def row_of(services, installation):
    with services.readers() as session:
        return installations.by_id(session, installation.id)


def trail(services):
    with services.readers() as session:
        return [(entry.action, entry.reason) for entry in audit.newest(session, ALICE_KEY)]


def test_a_secret_that_bitbucket_takes_and_a_principal_that_answers_make_it_active(services, pending, workspace):
    assert prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert row.is_active
    assert (row.proven_at, row.proof_error, row.purge_after) == (NOON, None, None)
    assert trail(services) == [("proved", "lifecycle.proved")]


def test_the_proof_is_made_with_the_secret_that_was_offered(services, pending, workspace, bitbucket):
    prove_installation(services, pending.id)
    swap, read = bitbucket.requests
    assert parse_qs(swap.body.decode())["grant_type"] == ["urn:bitbucket:oauth2:jwt"]
    scheme, _, jwt = swap.headers["Authorization"].partition(" ")
    assert scheme == "JWT"
    assert read_token(jwt, app_key="another-app").issuer == "bittern"
    assert read.headers["Authorization"] == "Bearer swapped-token"
    assert {request.url.split("/")[2] for request in bitbucket.requests} == {"bitbucket.org", "api.bitbucket.org"}


def test_a_personal_account_is_read_as_a_user(services, bitbucket):
    event = Installed("connection:7", "bittern", Principal(BOB, PrincipalKind.USER, "Bob"), ALICE_SECRET)
    with services.sessions.begin() as session:
        row = quarantine(session, Offer(event, ALICE_SECRET), box=services.secret_box)
    bitbucket.answers(f"/2.0/users/{BOB}", {"type": "user", "uuid": BOB, "display_name": "Bob"})
    assert prove_installation(services, row.id)
    assert bitbucket.read_paths == [f"/2.0/users/{BOB}"]


@pytest.mark.parametrize("body", [{"uuid": CHARLIE_WORKSPACE}, {"uuid": None}, {}, {"uuid": "gibberish"}])
def test_an_answer_about_somebody_else_proves_nothing(services, pending, bitbucket, body):
    bitbucket.answers(WORKSPACE_PATH, body)
    assert not prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert (row.state, row.next_attempt_at) == (InstallationState.PENDING, None)
    assert trail(services) == [("proof_refused", "lifecycle.principal_mismatch")]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_principal_that_the_secret_cannot_read_is_not_tried_again(services, pending, bitbucket, status):
    bitbucket.answers(WORKSPACE_PATH, {"type": "error", "error": {"message": "no"}}, status=status)
    assert not prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert (row.state, row.next_attempt_at, row.proof_attempts) == (InstallationState.PENDING, None, 1)
    assert row.proof_error.startswith(str(status))
    assert [action for action, _ in trail(services)] == ["proof_refused"]


@pytest.mark.parametrize("path", [TOKEN_PATH, WORKSPACE_PATH])
def test_a_secret_that_is_refused_gets_three_tries(services, pending, bitbucket, clock, path):
    """While the install is still on its way over there, a good secret may be refused too."""
    bitbucket.answers(path, NO_TOKEN if path == TOKEN_PATH else REFUSED)
    for attempt in (1, 2):
        assert not prove_installation(services, pending.id)
        row = row_of(services, pending)
        assert (row.proof_attempts, row.state) == (attempt, InstallationState.PENDING)
        assert clock.time < row.next_attempt_at <= clock.time + timedelta(seconds=30)
        assert trail(services) == []
        clock.time = row.next_attempt_at
    assert not prove_installation(services, pending.id)
    assert row_of(services, pending).next_attempt_at is None
    assert [action for action, _ in trail(services)] == ["proof_refused"]


def test_a_secret_that_is_taken_at_the_second_try_is_good(services, pending, workspace, bitbucket, clock):
    taken = bitbucket.paths[TOKEN_PATH]
    bitbucket.answers(TOKEN_PATH, NO_TOKEN)
    prove_installation(services, pending.id)
    bitbucket.answers(TOKEN_PATH, taken)
    clock.advance(minutes=1)
    assert prove_installation(services, pending.id)


@pytest.mark.parametrize(
    "failure",
    [
        TimedOut("late"),
        ConnectionFailed("no line"),
        Response(503, Headers(), b"maintenance"),
        Response(429, Headers({"Content-Type": "text/plain"}), b"Rate limit for this resource has been exceeded"),
        Response(200, Headers({"Content-Type": "text/html"}), b"<html>"),
    ],
    ids=["time", "connection", "503", "429", "not json"],
)
def test_what_may_pass_is_tried_again_later(services, pending, workspace, bitbucket, clock, failure):
    known = bitbucket.paths[WORKSPACE_PATH]
    bitbucket.answers(WORKSPACE_PATH, failure)
    assert not prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert row.state is InstallationState.PENDING
    assert row.next_attempt_at > clock.time
    assert row.proof_error
    assert trail(services) == []
    bitbucket.answers(WORKSPACE_PATH, known)
    assert not prove_installation(services, pending.id), "it is not due yet"
    clock.time = row.next_attempt_at
    assert prove_installation(services, pending.id)


def test_all_calls_share_the_deadline_that_was_given(services, pending, workspace, monkeypatch):
    given = []
    original = type(services).deadline
    monkeypatch.setattr(
        type(services), "deadline", lambda self, seconds: given.append(seconds) or original(self, seconds)
    )
    prove_installation(services, pending.id, deadline_seconds=4.0)
    assert given == [4.0]


def test_the_lease_outlasts_the_deadline(services, pending, workspace, monkeypatch):
    seen = []
    monkeypatch.setattr(proof, "_outcome", lambda services, claimed, seconds: seen.append(claimed.lease_until))
    prove_installation(services, pending.id, deadline_seconds=4.0)
    assert seen == [NOON + timedelta(seconds=14)]


def test_a_newer_install_that_comes_in_meanwhile_is_not_judged_by_the_older_secret(
    services, pending, bitbucket, monkeypatch, log_entries
):
    original = proof._outcome

    def install_meanwhile(services, claimed, seconds):
        with services.sessions.begin() as session:
            quarantine(session, alice_offer("real-secret-0123456789-0123456789-0123456789"), box=services.secret_box)
        return original(services, claimed, seconds)

    bitbucket.answers(WORKSPACE_PATH, {"type": "error", "error": {"message": "no"}}, status=404)
    monkeypatch.setattr(proof, "_outcome", install_meanwhile)
    assert not prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert (row.proof_error, row.proof_attempts, row.next_attempt_at) == (None, 0, NOON)
    assert [entry["event"] for entry in log_entries] == ["installation.proof_overtaken"]


def test_what_is_active_already_stays_so_without_a_call(services, alice, bitbucket):
    assert prove_installation(services, alice.id)
    assert bitbucket.requests == []


def test_what_is_not_there_cannot_be_proved(services, bitbucket):
    assert not prove_installation(services, 12_345)
    assert bitbucket.requests == []


def test_a_proof_that_another_worker_is_at_is_left_alone(services, pending, workspace, bitbucket, monkeypatch):
    inner = []

    def meanwhile(services, claimed, seconds):
        inner.append(prove_installation(services, pending.id))

    monkeypatch.setattr(proof, "_outcome", meanwhile)
    assert prove_installation(services, pending.id)
    assert inner == [False]


def test_a_secret_that_cannot_be_opened_is_said_to_be_so(services, pending, bitbucket):
    with services.sessions.begin() as session:
        installations.lock(session, ALICE_KEY).sealed_secret = "gibberish"
    assert not prove_installation(services, pending.id)
    row = row_of(services, pending)
    assert (row.next_attempt_at, bitbucket.requests) == (None, [])
    assert "BITTERN_SECRET_KEYS" in row.proof_error
    assert trail(services) == [("proof_refused", "lifecycle.secret_unreadable")]


def test_nothing_that_is_logged_or_stored_holds_the_secret_or_the_token(services, pending, bitbucket, log_entries):
    bitbucket.answers(WORKSPACE_PATH, REFUSED)
    prove_installation(services, pending.id)
    row = row_of(services, pending)
    for told in (repr(log_entries), row.proof_error):
        assert ALICE_SECRET not in told
        assert "swapped-token" not in told


def test_an_accepted_install_needs_no_proof(services, bitbucket):
    with services.sessions.begin() as session:
        row = install(session, alice_offer(), box=services.secret_box)
    assert prove_installation(services, row.id)
    assert bitbucket.requests == []
