"""Which webhooks an event becomes: the wrapped ones of Connect apps, and the bare ones of ordinary hooks.

Connect-protocol.md 7.1 (who gets what), 7.3 (headers), 7.4 (envelope). As captured, bodies are one line without spaces,
in UTF-8; X-Hook-UUID differs by event and stays the same for an installation.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from simulator.connect import signing
from simulator.connect.deliveries import Deliveries, Delivery
from simulator.connect.events import EVENTS, EVERY_EVENT, scope_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from simulator.connect.installations import Installation, Installations
    from simulator.connect.settings import ConnectSettings
    from simulator.world import Event
    from simulator.world.model import Hook

_NAMESPACE = uuid.UUID("9f4f2f6a-6f0d-4c1d-8a3a-0b6f7b1c9e11")


@dataclass(frozen=True, kw_only=True)
class _Receiver:
    """Where one copy of an event goes, and who answers for it."""

    lane: str
    url: str
    hook_uuid: str
    body: bytes
    authorization: Callable[[], Mapping[str, str]]
    is_wanted: Callable[[], bool]


class Webhooks:
    """Listens to a world and hands deliveries to the queue. `notice` is the listener; it only takes notes."""

    def __init__(
        self,
        installations: Installations,
        deliveries: Deliveries,
        *,
        settings: ConnectSettings,
        clock: Callable[[], int],
    ) -> None:
        self._installations = installations
        self._deliveries = deliveries
        self._settings = settings
        self._clock = clock

    def notice(self, event: Event) -> None:
        """Queue what follows from one event."""
        for receiver in (*self._apps(event), *self._hooks(event)):
            delivery = self._delivery(event, receiver)
            if len(delivery.body) > self._settings.max_webhook_bytes:
                delivery.state = "too_large"
                self._deliveries.note(delivery)
            else:
                self._deliveries.submit(delivery)

    def _apps(self, event: Event) -> Iterator[_Receiver]:
        for installation in self._installations.active():
            if installation.principal_uuid == event.workspace.uuid:
                for url in _subscribed_urls(installation, event.key):
                    yield self._app(installation, event, url)

    def _app(self, installation: Installation, event: Event, url: str) -> _Receiver:
        def authorization() -> dict[str, str]:
            now_installed = self._installations.find(installation.client_key) or installation
            return {"Authorization": f"JWT {self._token(now_installed, url)}"} if _is_signed(installation) else {}

        def is_wanted() -> bool:
            found = self._installations.find(installation.client_key)
            return found is not None and found.is_active

        return _Receiver(
            lane=installation.client_key,
            url=url,
            hook_uuid=str(uuid.uuid5(_NAMESPACE, f"{installation.client_key}\n{event.key}\n{url}")),
            body=_as_bytes({"event": event.key, "data": event.body}),
            authorization=authorization,
            is_wanted=is_wanted,
        )

    def _token(self, installation: Installation, url: str) -> str:
        return signing.sign(
            method="POST",
            url=url,
            base_url=installation.descriptor.base_url if installation.descriptor else "",
            client_key=installation.client_key,
            secret=installation.secret,
            now=self._clock(),
        )

    def _hooks(self, event: Event) -> Iterator[_Receiver]:
        hooks = list(event.repository.hooks.values()) if event.repository else []
        body = _as_bytes(event.body)
        return (_hook(hook, body) for hook in hooks if hook.active and event.key in hook.events)

    def _delivery(self, event: Event, receiver: _Receiver) -> Delivery:
        tokens: dict[str, Mapping[str, str]] = {}

        def headers(delivery: Delivery, attempt: int) -> Mapping[str, str]:
            if "first" not in tokens or not self._settings.retries_keep_token:
                tokens["first"] = receiver.authorization()
            keeps_uuid = attempt == 1 or self._settings.retries_keep_request_uuid
            trace = uuid.uuid4().hex[:16]
            return {
                "User-Agent": "Bitbucket-Webhooks/2.0",
                "Accept": "*/*",
                "Accept-Encoding": "gzip",
                "Content-Type": "application/json",
                "X-Attempt-Number": str(attempt),
                "X-B3-Sampled": "1",
                "X-B3-SpanId": trace,
                "X-B3-TraceId": trace,
                "X-Event-Key": event.key,
                "X-Event-Time": format_datetime(event.occurred_at.astimezone(UTC), usegmt=True),
                "X-Hook-UUID": receiver.hook_uuid,
                "X-Request-UUID": delivery.request_uuid if keeps_uuid else str(uuid.uuid4()),
                **tokens["first"],
            }

        return Delivery(
            id=self._deliveries.next_id(),
            lane=receiver.lane,
            event_key=event.key,
            request_uuid=str(uuid.uuid4()),
            url=receiver.url,
            body=receiver.body,
            headers=headers,
            is_wanted=receiver.is_wanted,
        )


def _hook(hook: Hook, body: bytes) -> _Receiver:
    return _Receiver(
        lane=hook.uuid,
        url=hook.url,
        hook_uuid=hook.uuid.strip("{}"),
        body=body,
        authorization=lambda: _hub_signature(hook, body),
        is_wanted=lambda: hook.active,
    )


def _subscribed_urls(installation: Installation, event_key: str) -> list[str]:
    """Where an app wants this event, each address once; nothing where its scopes do not allow it."""
    descriptor = installation.descriptor
    if descriptor is None or event_key not in EVENTS or scope_for(event_key) not in descriptor.scopes:
        return []
    wanted = [one.url for one in descriptor.webhooks if one.event in {event_key, EVERY_EVENT}]
    return [descriptor.absolute(url) for url in dict.fromkeys(wanted)]


def _is_signed(installation: Installation) -> bool:
    return installation.descriptor is not None and installation.descriptor.is_signed


def _hub_signature(hook: Hook, body: bytes) -> dict[str, str]:
    """The signature that ordinary hooks with a secret carry; Connect ones have a token instead (7.3)."""
    if not hook.secret:
        return {}
    digest = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature": f"sha256={digest}"}


def _as_bytes(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
