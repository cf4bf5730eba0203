"""Deliveries that Bitbucket once sent, as other projects have recorded them: none of them is more than we can take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connect.lifecycle import Installed, Principal, PrincipalKind
from connect.webhooks import WebhookDelivery
from models import repositories
from models.inbox import Delivery, DeliveryState
from models.installations import Offer
from sync import events
from sync.deliveries import apply_next
from tests.tenants import ALICE_SECRET, NOON, install, receive

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
WEBHOOKS = sorted((SHARED / "bitbucket" / "webhooks").glob("*-*.json"))
# Some projects have cut their recordings down to what they test, and some write documents' placeholders for ids.
CUT_DOWN = {events.NO_REPOSITORY, events.FOREIGN, "webhook.ignored_event"}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not WEBHOOKS, reason="the recorded data in ../shared is not there"),
]


# Recorded without the name that Bitbucket gives every delivery.
UNNAMED = {"X-Request-UUID": "dddddddd-0000-4000-8000-000000000001"}


def recorded(path):
    """Headers and body as they came; a bare recording gets the headers that its name tells."""
    told = json.loads(path.read_text())
    if "headers" in told and "payload" in told:
        return UNNAMED | told["headers"], json.dumps(told["payload"]).encode()
    event, _, rest = path.name.partition("-")
    return UNNAMED | {"X-Event-Key": f"{event}:{rest.partition('.')[0].replace('-', '_')}"}, json.dumps(told).encode()


def install_in(services, workspace_uuid):
    principal = Principal(workspace_uuid, PrincipalKind.WORKSPACE, "Recorded")
    offer = Offer(Installed("connection:1", "bittern", principal, ALICE_SECRET), ALICE_SECRET, 1)
    with services.sessions.begin() as session:
        return install(session, offer, box=services.secret_box)


@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_recorded_delivery_is_applied(services, path):
    delivery = WebhookDelivery.from_http(*recorded(path))
    installation = install_in(services, delivery.workspace_uuid or "{aaaaaaaa-0000-4000-8000-000000000001}")
    with services.sessions.begin() as session:
        delivery_id = receive(session, installation, delivery)
    assert apply_next(services, delivery_id)
    with services.readers() as session:
        row = session.get(Delivery, delivery_id)
        repository = repositories.find(session, installation, delivery.repository_uuid or "")
    if row.state is DeliveryState.IGNORED:
        assert row.error in CUT_DOWN
        return
    assert row.state is DeliveryState.DONE
    assert repository.version == 1
    assert repository.name
    assert repository.full_name.endswith(f"/{repository.slug}")


def test_the_deliveries_to_a_connect_app_are_one_story(services):
    """All that one workspace's app was sent, newest first: the rows end where the newest delivery says."""
    deliveries = [WebhookDelivery.from_http(*recorded(path)) for path in WEBHOOKS if ".toolchain" in path.name]
    installation = install_in(services, deliveries[0].workspace_uuid)
    for delivery in sorted(deliveries, key=lambda one: one.event_time, reverse=True):
        with services.sessions.begin() as session:
            receive(session, installation, delivery, now=NOON)
        apply_next(services, 0)
    newest = max(deliveries, key=lambda one: one.event_time)
    with services.readers() as session:
        rows = repositories.held(session, installation)
    assert {row.uuid for row in rows} == {one.repository_uuid for one in deliveries}
    assert sum(row.version for row in rows) == len(deliveries)
    (last,) = [row for row in rows if row.uuid == newest.repository_uuid]
    assert last.full_name == newest.payload["repository"]["full_name"]
