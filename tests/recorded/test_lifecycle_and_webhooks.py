"""Recorded lifecycle calls and webhooks: their signatures and hashes verify, and every body is read."""

from __future__ import annotations

import dataclasses

import pytest

from connect.errors import TokenRefused
from connect.lifecycle import (
    Accept,
    InstallationState,
    Installed,
    KnownInstallation,
    PrincipalKind,
    Quarantine,
    Refuse,
    SignedCall,
    Uninstalled,
    decide_installed,
    decide_uninstalled,
)
from connect.tokens import InboundToken, read_token, verify_inbound
from connect.webhooks import KNOWN_EVENTS, WebhookDelivery

pytestmark = pytest.mark.shared

# The recorder's app was a registered one, and this is what it kept in place of its app-wide secret.
SECRET = "You can\u2019t spare three squares?"
HOSTS = {"api_url": "https://api.bitbucket.org", "site_url": "https://bitbucket.org"}
PATHS = {Installed: "/bitbucket/install", Uninstalled: "/bitbucket/uninstall"}
WEBHOOK_PATH = "/bitbucket/webhook/"


def verify(recording, path) -> InboundToken:
    """Verifies a recorded token at the second it was made, under the issuer that it names."""
    token = read_token(recording.token, app_key=recording.payload.get("key"))
    request = {"method": "POST", "target": path, "base_path": ""}
    return verify_inbound(token, client_key=token.issuer, secret=SECRET, now=token.claims["iat"], **request)


def event_of(kind, recording):
    return kind.from_payload(recording.payload, app_key=recording.payload["key"], **HOSTS)


def needs_token(recording) -> None:
    if recording.token is None:
        pytest.skip("this recording came without its token")


def decide(decide_event, kind, recording, **changes):
    token = read_token(recording.token)
    call = SignedCall(recording.headers["Authorization"], "POST", PATHS[kind], "")
    arguments = {"call": call, "known": None, "app_secret": SECRET, "now": token.claims["iat"]}
    return decide_event(event_of(kind, recording), **(arguments | changes))


def active(event, **changes) -> KnownInstallation:
    stored = KnownInstallation(
        client_key=event.client_key,
        state=InstallationState.ACTIVE,
        secret=SECRET,
        previous_secret=None,
        principal_uuid=event.principal.uuid,
        lifecycle_at=None,
    )
    return dataclasses.replace(stored, **changes)


def test_an_install_verifies(installed_call):
    needs_token(installed_call)
    assert verify(installed_call, PATHS[Installed]).client_key == installed_call.payload["clientKey"]


def test_an_uninstall_verifies(uninstalled_call):
    needs_token(uninstalled_call)
    assert verify(uninstalled_call, PATHS[Uninstalled]).client_key == uninstalled_call.payload["clientKey"]


def test_an_install_verifies_at_no_other_address(installed_call):
    needs_token(installed_call)
    with pytest.raises(TokenRefused, match=r"auth\.qsh_mismatch"):
        verify(installed_call, PATHS[Uninstalled])


def test_a_recorded_token_lives_an_hour(signed_webhook):
    verified = verify(signed_webhook, WEBHOOK_PATH)
    assert verified.expires_at - verified.issued_at == 3600


def test_an_install_is_read(installed_call):
    event, principal = event_of(Installed, installed_call), installed_call.payload["principal"]
    assert event.client_key == installed_call.payload["clientKey"]
    assert event.principal.uuid == principal["uuid"]
    assert event.principal.display_name == principal["display_name"]
    assert event.principal.kind is (PrincipalKind.USER if principal["type"] == "user" else PrincipalKind.WORKSPACE)
    assert event.principal.slug == principal.get("username")
    assert event.principal.account_id == principal.get("account_id")
    assert event.actor_uuid == "{" + installed_call.payload["actor"]["uuid"] + "}"
    assert event.shared_secret == installed_call.payload.get("sharedSecret")


def test_an_uninstall_is_read(uninstalled_call):
    event = event_of(Uninstalled, uninstalled_call)
    assert event.principal.uuid == uninstalled_call.payload["principal"]["uuid"]


def test_a_first_install_is_accepted_by_the_registered_app(installed_call):
    needs_token(installed_call)
    decision = decide(decide_installed, Installed, installed_call)
    assert decision == Accept("lifecycle.installed", secret=SECRET, issued_at=decision.issued_at)


def test_the_same_install_proves_nothing_to_an_unregistered_one(installed_call):
    needs_token(installed_call)
    decision = decide(decide_installed, Installed, installed_call, app_secret=None)
    assert decision == Quarantine("lifecycle.unproven")


def test_a_reinstall_is_accepted_under_the_stored_secret(installed_call):
    needs_token(installed_call)
    stored = active(event_of(Installed, installed_call))
    decision = decide(decide_installed, Installed, installed_call, known=stored, app_secret=None)
    assert (type(decision), decision.reason) == (Accept, "lifecycle.reinstalled")


def test_an_uninstall_is_accepted_though_it_follows_within_a_second(installed_call, uninstalled_call):
    if installed_call.payload["clientKey"] != uninstalled_call.payload["clientKey"]:
        pytest.skip("of two different installations")
    needs_token(uninstalled_call)
    needs_token(installed_call)
    accepted = decide(decide_installed, Installed, installed_call)
    stored = active(event_of(Installed, installed_call), lifecycle_at=accepted.issued_at)
    decision = decide(decide_uninstalled, Uninstalled, uninstalled_call, known=stored)
    assert decision.reason == "lifecycle.uninstalled"
    assert decision.issued_at >= accepted.issued_at


def test_an_install_that_arrives_after_its_uninstall_is_out_of_order(installed_call, uninstalled_call):
    if installed_call.payload["clientKey"] != uninstalled_call.payload["clientKey"] or not installed_call.token:
        pytest.skip("of two different installations")
    ended_at = verify(uninstalled_call, PATHS[Uninstalled]).issued_at
    stored = active(event_of(Installed, installed_call), state=InstallationState.UNINSTALLED, lifecycle_at=ended_at)
    decision = decide(decide_installed, Installed, installed_call, known=stored, now=ended_at)
    assert decision == Refuse(409, "lifecycle.order")


def test_a_webhook_verifies(signed_webhook):
    assert verify(signed_webhook, WEBHOOK_PATH).client_key == read_token(signed_webhook.token).issuer


def test_a_webhook_is_read_with_its_headers(signed_webhook):
    delivery = WebhookDelivery.from_http(signed_webhook.headers, signed_webhook.body)
    headers, repository = signed_webhook.headers, signed_webhook.payload["data"]["repository"]
    assert delivery.event_key == signed_webhook.payload["event"] == headers["X-Event-Key"]
    assert delivery.event_key in KNOWN_EVENTS
    assert delivery.delivery_uuid == headers["X-Request-Uuid"]
    assert delivery.hook_uuid == headers["X-Hook-Uuid"]
    assert str(delivery.attempt_number) == headers["X-Attempt-Number"]
    assert delivery.event_time.strftime("%a, %d %b %Y %H:%M:%S GMT") == headers["X-Event-Time"]
    assert delivery.payload == signed_webhook.payload["data"]
    assert delivery.repository_uuid == repository["uuid"]
    assert delivery.workspace_uuid == repository.get("workspace", repository["owner"])["uuid"]


def test_a_webhook_belongs_to_the_installation_that_its_token_names(signed_webhook):
    delivery = WebhookDelivery.from_http(signed_webhook.headers, signed_webhook.body)
    assert delivery.workspace_uuid in read_token(signed_webhook.token).issuer


def test_every_recorded_body_is_read(webhook_body):
    headers = webhook_body.headers_of_delivery("repo:push")
    delivery = WebhookDelivery.from_http(headers, webhook_body.body)
    assert delivery.payload == (
        webhook_body.payload["data"] if "event" in webhook_body.payload else webhook_body.payload
    )
    assert delivery.repository_uuid == delivery.payload["repository"].get("uuid")
