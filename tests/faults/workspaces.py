"""Workspaces that have the app installed, and what Bitbucket tells them: a story, each in its own repository."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from connect.lifecycle import Installed, Principal, PrincipalKind
from models import installations
from models.installations import Offer
from tests.sync.history.stories import Story
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE
from tests.web.signing import token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.running import Running

WEBHOOK = "/connect/webhook"


@dataclass(frozen=True)
class Tenant:
    """A workspace with one repository."""

    number: int

    @property
    def client_key(self) -> str:
        return f"connection:{self.number}"

    @property
    def secret(self) -> str:
        return f"{self.number:04d}" * 12

    @property
    def workspace(self) -> str:
        return f"{{bbbbbbbb-0000-4000-8000-{self.number:012d}}}"

    @property
    def repository(self) -> str:
        return f"{{bbbbbbbb-0000-4000-9000-{self.number:012d}}}"

    def offer(self) -> Offer:
        principal = Principal(self.workspace, PrincipalKind.WORKSPACE, display_name=f"Workspace {self.number}")
        return Offer(Installed(self.client_key, "bittern", principal, shared_secret=self.secret), self.secret, 1_000)


def install(house: Running, tenants: list[Tenant]) -> None:
    """Installed and proved, without a handshake: this is not what is tested here."""
    for tenant in tenants:
        with house.sessions.begin() as session:
            installations.accept(session, tenant.offer(), installation=None, box=house.box, now=datetime.now(UTC))


@dataclass(frozen=True)
class Told:
    """An event of a story, as it is told to anybody."""

    key: str
    at: datetime
    body: str


def story(*, seed: int, events: int) -> list[Told]:
    """What happens in a repository, told in so many events."""
    story = Story(seed=seed, began=datetime.now(UTC) - timedelta(days=300))
    try:
        while len(story.events) < events:
            story.tell(10)
    finally:
        story.close()
    return [
        Told(one.key, one.occurred_at, json.dumps({"event": one.key, "data": one.body}))
        for one in story.events[:events]
    ]


@dataclass(frozen=True)
class Webhook:
    """One delivery, ready to be sent."""

    tenant: Tenant
    uuid: str
    request: bytes


class Post:
    """Writes deliveries as requests. One token for each tenant: it signs the address, and the body is not covered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tokens: dict[Tenant, str] = {}
        self._number = 0

    def webhooks(self, tenant: Tenant, told: list[Told]) -> Iterator[Webhook]:
        return (self.webhook(tenant, one) for one in told)

    def webhook(self, tenant: Tenant, told: Told) -> Webhook:
        self._number += 1
        uuid = str(UUID(int=self._number))
        body = (
            told.body.replace(ALICE_WORKSPACE, tenant.workspace).replace(ALICE_REPOSITORY, tenant.repository).encode()
        )
        head = (
            f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Authorization: JWT {self._token(tenant)}\r\nX-Event-Key: {told.key}\r\nX-Request-UUID: {uuid}\r\n"
            f"X-Event-Time: {told.at:%a, %d %b %Y %H:%M:%S GMT}\r\nX-Attempt-Number: 1\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Webhook(tenant, uuid, head.encode() + body)

    def _token(self, tenant: Tenant) -> str:
        if tenant not in self._tokens:
            about = {"client_key": tenant.client_key, "secret": tenant.secret, "at": datetime.now(UTC)}
            self._tokens[tenant] = token("POST", WEBHOOK, **about)
        return self._tokens[tenant]
