"""Webhooks: verify who sends, bind the body to them, store it, answer. What it means is a worker's business."""

from typing import Final

import structlog
from flask import Blueprint, Response, current_app, request

from connect.webhooks import KNOWN_EVENTS, WEBHOOK_HEADERS, WebhookDelivery
from models.courtesy import Courtesy
from models.installations import Installation
from services import Services
from sync.intake import Intake
from web import metrics, patience, services
from web.authentication import caller_of_webhook
from web.errors import RequestRefused
from web.json_bodies import check_body, read_checked_body

log = structlog.get_logger()
blueprint = Blueprint("webhooks", __name__)

FOREIGN_REPOSITORY: Final = "webhook.foreign_repo"
INTAKE: Final = "bittern.intake"
_HEADERS: Final = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in WEBHOOK_HEADERS}


@blueprint.post("/connect/webhook", strict_slashes=False)
def webhook() -> tuple[Response, int]:
    """Take in one delivery. It is acknowledged after its row is committed, and only then."""
    check_body()
    caller = caller_of_webhook()
    delivery = WebhookDelivery.from_http(_headers(), read_checked_body())
    current = services.current()
    _bind(current, caller.installation, delivery)
    delivery_id = _intake(current).add(caller.installation, delivery, left_seconds=patience.of_this_request())
    outcome = "duplicate" if delivery_id is None else "accepted"
    event = delivery.event_key if delivery.event_key in KNOWN_EVENTS else "unknown"
    metrics.of_delivery(event, outcome).inc()
    log.info(
        "webhook.taken_in",
        outcome=outcome,
        event_key=delivery.event_key,
        delivery=delivery.delivery_uuid,
        attempt=delivery.attempt_number,
        repository=delivery.repository_uuid,
    )
    if delivery_id is not None:
        current.wake.delivery(delivery_id)
    return Response(), 202


def _headers() -> dict[str, str]:
    """The headers of a delivery, and no others: a proxy adds many."""
    environ = request.environ
    return {header: environ[name] for header, name in _HEADERS.items() if name in environ}


def _intake(current: Services) -> Intake:
    """The way into the inbox that all threads of this process share."""
    found: Intake | None = current_app.extensions.get(INTAKE)
    if found is not None:
        return found
    # Of two threads that come first together, both get the one that was put there first.
    if current.engine.dialect.name == "sqlite":
        first = Courtesy(current.engine.url.database or "").first
        made = Intake(current.sessions, now=current.now, is_shared=True, first=first)
    else:
        made = Intake(current.sessions, now=current.now, is_shared=False)
    intake: Intake = current_app.extensions.setdefault(INTAKE, made)
    return intake


def _bind(current: Services, installation: Installation, delivery: WebhookDelivery) -> None:
    """Refuse a body about somebody else's repository: the token proves who sent it, and not what it says.

    A transfer away names another workspace, so a repository that the installation holds is its own all the same. An
    event that nobody has heard of may be about no repository at all; it is kept as such, and ignored.
    """
    if delivery.workspace_uuid == installation.principal_uuid:
        return
    if delivery.repository_uuid is None:
        if delivery.workspace_uuid is None and delivery.event_key not in KNOWN_EVENTS:
            return
    elif current.quick.repository(installation, delivery.repository_uuid) is not None:
        return
    raise RequestRefused(403, FOREIGN_REPOSITORY)
