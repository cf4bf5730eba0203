"""Webhooks: verify who sends, bind the body to them, store it, answer. What it means is a worker's business."""

from io import BytesIO
from typing import Final

import structlog
from flask import Blueprint, Flask, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connect.webhooks import KNOWN_EVENTS, WEBHOOK_HEADERS, WebhookDelivery
from models.courtesy import Courtesy
from models.installations import Installation
from services import Services
from sync.intake import Intake
from web import at_hand, metrics, patience, quick_pages, services
from web.authentication import Caller, caller_of_webhook
from web.errors import RequestRefused
from web.json_bodies import check_body, plain_length, read_checked_body
from web.quick_pages import HTML, QuickPage

log = structlog.get_logger()
blueprint = Blueprint("webhooks", __name__)

FOREIGN_REPOSITORY: Final = "webhook.foreign_repo"
INTAKE: Final = "bittern.intake"
_ACKNOWLEDGED: Final = QuickPage(b"", (HTML, ("Content-Length", "0")), "202 ACCEPTED")
_HEADERS: Final = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in WEBHOOK_HEADERS}


@blueprint.post("/connect/webhook", strict_slashes=False)
def webhook() -> tuple[Response, int]:
    """Take in one delivery. It is acknowledged after its row is committed, and only then."""
    failure = at_hand.current().failure
    if failure is not None:
        raise failure
    check_body()
    caller = caller_of_webhook()
    _take_in(caller, _bound(caller, read_checked_body()))
    return Response(), 202


def taken_in() -> QuickPage | None:
    """Take in one delivery without Flask; None where it is for Flask to say what is wrong.

    Where the database was waited for in vain, Flask must not wait again: whoever sends has waited already.
    """
    length = plain_length()
    if length is None:
        return None
    one = at_hand.current()
    try:
        caller = caller_of_webhook()
    except (OperationalError, PoolTimeout) as error:
        one.failure = error
        return None
    body = one.environ["wsgi.input"].read(length)
    one.environ["wsgi.input"] = BytesIO(body)  # Flask may have to read it once more
    if len(body) < length:
        return None
    delivery = _bound(caller, body)
    try:
        _take_in(caller, delivery)
    except Exception as error:  # noqa: BLE001 -- raised by Flask's view, and worded by Flask's handlers
        one.failure = error
        return None
    return _ACKNOWLEDGED


def install(app: Flask) -> None:
    """Have them taken in without Flask where that can be done. The routes are there already."""
    quick_pages.add(app, "webhooks.webhook", taken_in, method="POST")


def _bound(caller: Caller, body: bytes) -> WebhookDelivery:
    """Return the delivery in a request, which is about something of the caller's."""
    delivery = WebhookDelivery.from_http(_headers(), body)
    _bind(services.current(), caller.installation, delivery)
    return delivery


def _take_in(caller: Caller, delivery: WebhookDelivery) -> None:
    current = services.current()
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


def _headers() -> dict[str, str]:
    """The headers of a delivery, and no others: a proxy adds many."""
    environ = at_hand.current().environ
    return {header: environ[name] for header, name in _HEADERS.items() if name in environ}


def _intake(current: Services) -> Intake:
    """The way into the inbox that all threads of this process share."""
    extensions = at_hand.extensions()
    found: Intake | None = extensions.get(INTAKE)
    if found is not None:
        return found
    # Of two threads that come first together, both get the one that was put there first.
    if current.engine.dialect.name == "sqlite":
        first = Courtesy(current.engine.url.database or "").first
        made = Intake(current.engine, now=current.now, is_shared=True, first=first)
    else:
        made = Intake(current.engine, now=current.now, is_shared=False, connections=current.quick.connections)
    intake: Intake = extensions.setdefault(INTAKE, made)
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
