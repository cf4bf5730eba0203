"""The descriptor: filled from the routes when the application is made, checked as Bitbucket would, then served as it is."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app

from bitbucket.installation_calls import scopes_used
from connect.descriptor import check, descriptor_version, fill
from connect.errors import DescriptorInvalid
from connect.webhooks import KNOWN_EVENTS
from settings import Settings
from sync.events import ROUTER

TEMPLATE: Final = Path(__file__).resolve().parent.parent / "atlassian-connect.json"
EXTENSION: Final = "bittern.descriptor"
ACCESS_SCOPE: Final = "repository:admin"

# Which route stands behind each hole of the template.
ENDPOINTS: Final[Mapping[str, str]] = {
    "installed": "lifecycle.installed",
    "uninstalled": "lifecycle.uninstalled",
    "webhook": "webhooks.webhook",
    "pulse": "panels.pulse",
    "turn": "panels.turn",
    "repository": "panels.repository_page",
    "pull-request-files": "panels.repository_page",
    "branch-compared": "panels.repository_page",
    "commit-passport": "panels.repository_page",
    "file-facts": "panels.file_page",
    "setup": "panels.configure",
    "setup-repository": "panels.configure_repository",
    "welcome": "panels.welcome",
}

blueprint = Blueprint("descriptor", __name__)


@dataclass(frozen=True, slots=True)
class Served:
    """The descriptor as it is sent, and the short name of its content."""

    body: bytes
    version: str


def install(app: Flask, settings: Settings) -> None:
    """Make the descriptor of this application and keep it. Raises DescriptorInvalid, which stops the start."""
    descriptor = build(app, settings)
    body = json.dumps(descriptor, indent=2, ensure_ascii=False).encode()
    app.extensions[EXTENSION] = Served(body, descriptor_version(descriptor))


def build(app: Flask, settings: Settings, *, template: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the descriptor of this application. Raises DescriptorInvalid with every problem that Bitbucket would have."""
    adapter = app.url_map.bind("", url_scheme="https")
    descriptor = fill(
        template if template is not None else read_template(settings),
        base_url=settings.base_url,
        app_key=settings.app_key,
        name=settings.app_name,
        paths={hole: adapter.build(endpoint) for hole, endpoint in ENDPOINTS.items()},
    )
    used = scopes_used(has_access_page=settings.access_page)
    check(descriptor, scopes_used=used, allow_http=settings.demo)
    if problems := tuple(_check_subscriptions(descriptor)):
        raise DescriptorInvalid(problems)
    return descriptor


def read_template(settings: Settings) -> dict[str, Any]:
    """Return the template, without the scope that only the Access tab needs where that is not offered."""
    template: dict[str, Any] = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    if not settings.access_page:
        template["scopes"].remove(ACCESS_SCOPE)
    return template


def current_version() -> str:
    """Return the short name of the descriptor that is served now."""
    return served().version


def served() -> Served:
    """Return the descriptor of the application at hand."""
    descriptor: Served = current_app.extensions[EXTENSION]
    return descriptor


@blueprint.get("/atlassian-connect.json")
def descriptor_document() -> Response:
    """Show the descriptor to Bitbucket."""
    return Response(served().body, mimetype="application/json")


def _check_subscriptions(descriptor: Mapping[str, Any]) -> Iterator[str]:
    """Say which events are subscribed to and dropped, and which are waited for and never sent."""
    subscribed = {webhook["event"] for webhook in descriptor["modules"].get("webhooks", ())}
    handled = {event for event in KNOWN_EVENTS if ROUTER.route(event).handler is not None}
    for event in sorted(subscribed - handled):
        yield f"Remove the webhook {event}: nothing here handles it."
    for event in sorted(handled - subscribed):
        yield f"Add a webhook for {event}: it is handled, and would never come."
