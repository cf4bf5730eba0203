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
from tests.tenants import ALICE_REPOSITORY, ALICE_WORKSPACE, BOB
from tests.web.signing import signed_headers, token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.running import Running

WEBHOOK = "/connect/webhook"
INSTALLED = "/connect/installed"


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


def installed_call(
    tenant: Tenant, *, new_secret: str, signed_with: str, at: datetime, **members: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a signed `installed` call, as Bitbucket makes it for an installation that it knows."""
    body = {
        "productType": "bitbucket",
        "eventType": "installed",
        "key": "bittern",
        "clientKey": tenant.client_key,
        "sharedSecret": new_secret,
        "principal": {"type": "workspace", "uuid": tenant.workspace, "display_name": f"Workspace {tenant.number}"},
        "user": {"type": "workspace", "uuid": tenant.workspace, "display_name": f"Workspace {tenant.number}"},
        "actor": {"type": "user", "uuid": BOB},
    }
    signed = signed_headers(INSTALLED, client_key=tenant.client_key, secret=signed_with, at=at)
    return {"Content-Type": "application/json"} | signed, json.dumps(body | members).encode()


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

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._tokens: dict[Tenant, str] = {}
        self._number = 0

    def webhooks(self, tenant: Tenant, told: list[Told]) -> Iterator[Webhook]:
        return (self.webhook(tenant, one) for one in told)

    def webhook(self, tenant: Tenant, told: Told) -> Webhook:
        uuid, headers, body = self.delivery(tenant, told)
        lines = [f"POST {WEBHOOK} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return Webhook(tenant, uuid, "\r\n".join((*lines, "", "")).encode() + body)

    def delivery(self, tenant: Tenant, told: Told) -> tuple[str, dict[str, str], bytes]:
        """The id, the headers and the body of another delivery."""
        self._number += 1
        uuid = str(UUID(int=self._number))
        body = told.body.replace(ALICE_WORKSPACE, tenant.workspace).replace(ALICE_REPOSITORY, tenant.repository)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"JWT {self._token(tenant)}",
            "X-Event-Key": told.key,
            "X-Request-UUID": uuid,
            "X-Event-Time": f"{told.at:%a, %d %b %Y %H:%M:%S GMT}",
            "X-Attempt-Number": "1",
        }
        return uuid, headers, body.encode()

    def _token(self, tenant: Tenant) -> str:
        if tenant not in self._tokens:
            about = {"client_key": tenant.client_key, "secret": tenant.secret, "at": datetime.now(UTC)}
            self._tokens[tenant] = token("POST", WEBHOOK, **about)
        return self._tokens[tenant]
