"""A fixed cast for tests of storage and work: Alice's workspace, Bob who works there, Charlie's workspace that must see nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from connect.lifecycle import Installed, Principal, PrincipalKind
from connect.webhooks import WebhookDelivery
from models import inbox, installations
from models.encryption import SecretBox
from models.installations import Offer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

ALICE_WORKSPACE = "{aaaaaaaa-0000-4000-8000-000000000001}"
ALICE_REPOSITORY = "{aaaaaaaa-0000-4000-8000-0000000000a1}"
ALICE_OTHER_REPOSITORY = "{aaaaaaaa-0000-4000-8000-0000000000a2}"
ALICE_KEY = f"ari:cloud:bitbucket::app/{ALICE_WORKSPACE}/bittern"
ALICE_SECRET = "alice-secret-0123456789-0123456789-0123456789"
BOB = "{aaaaaaaa-0000-4000-8000-0000000000e1}"

CHARLIE_WORKSPACE = "{cccccccc-0000-4000-8000-000000000001}"
CHARLIE_REPOSITORY = "{cccccccc-0000-4000-8000-0000000000c1}"
CHARLIE_KEY = "connection:3003"
CHARLIE_SECRET = "charlie-secret-0123456789-0123456789-01234567"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self, now=NOON):
        self.time = now

    def __call__(self):
        return self.time

    def advance(self, **span):
        self.time += timedelta(**span)
        return self.time


class Doorbell:
    """Remembers who was rung for."""

    def __init__(self):
        self.rung = []

    def delivery(self, delivery_id):
        self.rung.append(("delivery", delivery_id))

    def proof(self, installation_id):
        self.rung.append(("proof", installation_id))

    def purge(self, installation_id):
        self.rung.append(("purge", installation_id))

    def deletion(self, deletion_id):
        self.rung.append(("deletion", deletion_id))

    def follow_up(self, follow_up_id):
        self.rung.append(("follow_up", follow_up_id))

    def reconcile(self, reconcile_id):
        self.rung.append(("reconcile", reconcile_id))

    def census(self, census_id):
        self.rung.append(("census", census_id))

    def measuring(self, repository_id):
        self.rung.append(("measuring", repository_id))

    def backfill(self, installation_id):
        self.rung.append(("backfill", installation_id))


def new_box(*keys):
    return SecretBox(keys or (b"k" * 32,))


def alice_offer(secret=ALICE_SECRET, *, issued_at=1_000):
    principal = Principal(ALICE_WORKSPACE, PrincipalKind.WORKSPACE, display_name="Alice & Co", slug="alice")
    event = Installed(ALICE_KEY, "bittern", principal, shared_secret=secret, actor_uuid=BOB)
    return Offer(event, secret, issued_at, descriptor_version="d1")


def charlie_offer(secret=CHARLIE_SECRET, *, issued_at=1_000):
    principal = Principal(CHARLIE_WORKSPACE, PrincipalKind.WORKSPACE, display_name="Charlie", slug="charlie")
    return Offer(Installed(CHARLIE_KEY, "bittern", principal, shared_secret=secret), secret, issued_at)


def install(session, offer, *, box, now=NOON):
    """Accept an offer, as a verified `installed` call does."""
    row = installations.lock(session, offer.event.client_key)
    return installations.accept(session, offer, installation=row, box=box, now=now)


def quarantine(session, offer, *, box, now=NOON):
    """Put an offer into quarantine, as an unsigned first `installed` call does."""
    row = installations.lock(session, offer.event.client_key)
    return installations.quarantine(session, offer, installation=row, box=box, now=now)


def uninstall(session, client_key, *, now=NOON, retention_days=30, issued_at=2_000):
    row = installations.lock(session, client_key)
    installations.mark_uninstalled(row, issued_at=issued_at, now=now, retention=timedelta(days=retention_days))
    return row


def repository_body(uuid=ALICE_REPOSITORY, workspace_uuid=ALICE_WORKSPACE, **members):
    """What a webhook says of a repository."""
    body = {"type": "repository", "uuid": uuid, "name": "Heron", "full_name": "alice/heron", "is_private": True}
    workspace = {} if workspace_uuid is None else {"workspace": {"type": "workspace", "uuid": workspace_uuid}}
    return {**body, **workspace, **members}


def delivery_of(event_key="repo:push", *, number=1, at=NOON, repository=None, **payload):
    """A delivery as the web server reads it from a request. `number` makes it another one."""
    data = {"repository": repository or repository_body(), **payload}
    headers = {
        "X-Event-Key": event_key,
        "X-Request-UUID": f"dddddddd-0000-4000-8000-{number:012d}",
        "X-Attempt-Number": "1",
    }
    if at is not None:
        headers["X-Event-Time"] = at.strftime("%a, %d %b %Y %H:%M:%S GMT")
    return WebhookDelivery.from_http(headers, json.dumps({"event": event_key, "data": data}).encode())


def receive(session, installation, delivery=None, *, now=NOON, **about):
    """Put a delivery into the inbox. Returns its row id, None for a duplicate."""
    return inbox.add(session, installation, delivery or delivery_of(at=now, **about), now=now)
