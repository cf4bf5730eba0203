"""What is asked of several machines at once: webhooks as tests/faults sends them, and signed pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from tests.web.signing import signed_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.workspaces import Tenant, Told, Webhook
    from tests.scale_out.site import Site

VIEWER = "{{aaaaaaaa-0000-4000-8000-{:012d}}}"


@dataclass(frozen=True)
class View:
    """One opening of a page, ready to be sent; what senders of webhooks send too."""

    uuid: str
    request: bytes


def webhook(site: Site, tenant: Tenant, told: Told) -> Webhook:
    """A delivery to the public address. Its token is of the path below that."""
    one = site.post.webhook(tenant, told)
    return replace(one, request=one.request.replace(b"POST ", f"POST {urlsplit(site.base_url).path}".encode(), 1))


def view(tenant: Tenant, number: int, *, base_url: str) -> View:
    """Pulse of the tenant's repository, as Bitbucket frames it."""
    who = f"repository={quote(tenant.repository, safe='')}&user={quote(VIEWER.format(number % 20), safe='')}"
    address = signed_url(
        f"/panels/repository?{who}", client_key=tenant.client_key, secret=tenant.secret, at=datetime.now(UTC)
    )
    public = urlsplit(base_url)
    return View(f"view-{number}", f"GET {public.path}{address} HTTP/1.1\r\nHost: {public.netloc}\r\n\r\n".encode())


def views(tenants: list[Tenant], *, base_url: str, prepared: int = 60) -> Iterator[View]:
    """Openings without an end. Signing costs as much as answering, so the same addresses come again, as reloads do."""
    made = [view(tenants[number % len(tenants)], number, base_url=base_url) for number in range(prepared)]
    return (View(f"view-{number}", made[number % prepared].request) for number in count())
