"""Recorded webhooks as deliveries to a workspace that has the app: each is applied, or ignored for a stated reason.

Bodies come in two envelopes: bare, as ordinary hooks get them, and wrapped, as Connect apps do. Each is told in both.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
import structlog

from connect.lifecycle import Installed, Principal, PrincipalKind
from connect.webhooks import WebhookDelivery
from models import repositories
from models.inbox import Delivery, DeliveryState
from models.installations import Offer
from models.repositories import RepositoryFacts
from services import create_services
from settings import Settings
from sync import events
from sync.deliveries import apply_next
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.faults.figures import Figures
from tests.recorded.recordings import DEFAULT, find
from tests.tenants import ALICE_SECRET, ALICE_WORKSPACE, NOON, Clock, Doorbell, install, receive

pytestmark = pytest.mark.shared

LONG_AGO = NOON - timedelta(days=5000)

# Why a delivery may be ignored. Some projects have cut their recordings down to what they test, repository and all.
STATED = {events.NO_REPOSITORY, "webhook.ignored_event"}


@pytest.fixture
def services(database_url):
    settings = Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=database_url)
    with structlog.testing.capture_logs():
        made = create_services(settings, now=Clock(), wake=Doorbell())
        yield made
        made.engine.dispose()


def event_key(recording):
    """From the headers, else from the body, else from the file's name."""
    payload = recording.payload
    if "X-Event-Key" in recording.headers:
        return recording.headers["X-Event-Key"]
    event, _, rest = recording.path.name.partition("-")
    return payload.get("event") or f"{event}:{rest.partition('.')[0].replace('-', '_')}"


def envelopes(recording):
    """The two bodies that tell of the same event."""
    payload = recording.payload
    bare = payload["data"] if payload.keys() == {"event", "data"} else payload
    return {"bare": bare, "wrapped": {"event": event_key(recording), "data": bare}}


def deliver(services, recording, body, *, number):
    """What becomes of it: the delivery's row, at a workspace of its own."""
    headers = recording.headers_of_delivery(event_key(recording))
    delivery = WebhookDelivery.from_http(headers, json.dumps(body).encode())
    workspace = delivery.workspace_uuid or ALICE_WORKSPACE
    principal = Principal(workspace, PrincipalKind.WORKSPACE, "Recorded")
    offer = Offer(Installed(f"connection:{number}", "bittern", principal, ALICE_SECRET), ALICE_SECRET, 1)
    with services.sessions.begin() as session:
        installation = install(session, offer, box=services.secret_box)
        if delivery.repository_uuid and not delivery.workspace_uuid:
            # Cut down to a repository that does not say whose it is: then it must be known already.
            facts = RepositoryFacts(delivery.repository_uuid, workspace_uuid=workspace)
            repositories.record(session, installation, facts, as_of=LONG_AGO, now=NOON)
        delivery_id = receive(session, installation, delivery)
    assert apply_next(services, delivery_id)
    with services.readers() as session:
        return session.get(Delivery, delivery_id)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("envelope", ["bare", "wrapped"])
def test_a_recorded_webhook_is_applied_or_ignored_for_a_stated_reason(services, webhook_body, envelope):
    row = deliver(services, webhook_body, envelopes(webhook_body)[envelope], number=1)
    assert row.attempts == 1
    if row.state is DeliveryState.IGNORED:
        assert row.error in STATED
    else:
        assert (row.state, row.error) == (DeliveryState.DONE, None)


def test_what_became_of_them_all(services, request, record_property):
    """The same once more in one database, counted for people to read."""
    recordings = find(request.config.getoption("--recorded") or DEFAULT, "webhooks/*-*.json")
    if not recordings:
        pytest.skip("no recordings of webhooks")
    outcomes = Counter()
    for number, recording in enumerate(recordings):
        for envelope, body in envelopes(recording).items():
            row = deliver(services, recording, body, number=f"{number}-{envelope}")
            outcomes[row.state, row.error] += 1
    figures = Figures(record_property, title="Recorded webhooks, each in both envelopes")
    for (state, error), count in sorted(outcomes.items(), key=str):
        figures.row(outcome=state, because=error or "", bodies=count)
    assert {state for state, _ in outcomes} <= {DeliveryState.DONE, DeliveryState.IGNORED}
    assert sum(outcomes.values()) == 2 * len(recordings)
