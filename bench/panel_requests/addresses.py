"""An installation, and addresses that are signed for it as Bitbucket signs the address of a panel."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import atlassian_jwt

from connect.lifecycle import Installed, Principal, PrincipalKind
from models import installations
from models.installations import Offer
from models.schema import upgrade
from services import create_services

if TYPE_CHECKING:
    from pathlib import Path

    from settings import Settings

CLIENT_KEY: Final = "ari:cloud:bitbucket::app/{be4c0000-0000-4000-8000-000000000001}/bittern"
SHARED_SECRET: Final = "bench-secret-0123456789-0123456789-0123456789"  # noqa: S105 -- of a database that lives for minutes
WORKSPACE: Final = "{be4c0000-0000-4000-8000-000000000001}"
LIFETIME_SECONDS: Final = 3600


def install(settings: Settings) -> None:
    """Make the database, with one installation that was proved."""
    services = create_services(settings)
    upgrade(services.engine)
    principal = Principal(WORKSPACE, PrincipalKind.WORKSPACE, display_name="Bench", slug="bench")
    event = Installed(CLIENT_KEY, "bittern", principal, shared_secret=SHARED_SECRET)
    now = datetime.now(UTC)
    with services.sessions.begin() as session:
        row = installations.lock(session, CLIENT_KEY)
        offer = Offer(event, SHARED_SECRET, int(now.timestamp()))
        installations.accept(session, offer, installation=row, box=services.secret_box, now=now)
    services.engine.dispose()


def write_signed(path: Path, *, page: str, count: int) -> None:
    """Write so many signed addresses of a page, one a line, each for another repository and viewer."""
    path.write_text("".join(f"{_signed(page, number)}\n" for number in range(count)))


def _signed(page: str, number: int) -> str:
    repository = quote(f"{{be4c0000-0000-4000-8000-{number:012x}}}", safe="")
    target = f"{page}?repository={repository}&user={repository}"
    token = atlassian_jwt.encode_token("GET", target, CLIENT_KEY, SHARED_SECRET, timeout_secs=LIFETIME_SECONDS)
    return f"{target}&jwt={token}"
