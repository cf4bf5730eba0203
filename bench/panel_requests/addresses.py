"""An installation, and addresses that are signed for it as Bitbucket signs the address of a panel."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import atlassian_jwt

from bench.history import Shape, fill
from connect.lifecycle import Installed, Principal, PrincipalKind
from models import installations, repositories
from models.installations import Offer
from models.repositories import RepositoryFacts
from models.schema import upgrade
from services import create_services

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from settings import Settings

CLIENT_KEY: Final = "ari:cloud:bitbucket::app/{be4c0000-0000-4000-8000-000000000001}/bittern"
SHARED_SECRET: Final = "bench-secret-0123456789-0123456789-0123456789"  # noqa: S105 -- of a database that lives for minutes
WORKSPACE: Final = "{be4c0000-0000-4000-8000-000000000001}"
REPOSITORY: Final = "{be4c0000-0000-4000-8000-0000000000a1}"
LIFETIME_SECONDS: Final = 3600
SHAPE: Final = Shape(pull_requests=1_000, open=25, span=timedelta(days=2 * 365), people=15)
"""What Pulse and Turn show: a repository of a team."""


def install(settings: Settings) -> None:
    """Make the database, with one installation that was proved and one repository with a history."""
    services = create_services(settings)
    upgrade(services.engine)
    principal = Principal(WORKSPACE, PrincipalKind.WORKSPACE, display_name="Bench", slug="bench")
    event = Installed(CLIENT_KEY, "bittern", principal, shared_secret=SHARED_SECRET)
    now = datetime.now(UTC)
    with services.sessions.begin() as session:
        row = installations.lock(session, CLIENT_KEY)
        offer = Offer(event, SHARED_SECRET, int(now.timestamp()))
        installation = installations.accept(session, offer, installation=row, box=services.secret_box, now=now)
        facts = RepositoryFacts(
            REPOSITORY, WORKSPACE, "heron", "Heron", "bench/heron", is_private=True, main_branch="main"
        )
        repository, _ = repositories.record(session, installation, facts, as_of=now, now=now)
        fill(session, repository, SHAPE, now=now)
    services.engine.dispose()


def bench_pages(count: int) -> Iterable[str]:
    """So many addresses of the page that is compared, each for another repository and viewer."""
    for number in range(count):
        repository = _escaped(f"{{be4c0000-0000-4000-8000-{number:012x}}}")
        yield f"/bench/panel?repository={repository}&user={repository}"


def pulses() -> Iterable[str]:
    """The address of Pulse for each of the team."""
    return (f"/panels/repository?{_visit(viewer)}" for viewer in range(SHAPE.people))


def turns() -> Iterable[str]:
    """The address of Turn for each of the team, at a few of the open pull requests each."""
    for viewer in range(SHAPE.people):
        for back in range(viewer, SHAPE.open, 5):
            yield f"/panels/pull-request?{_visit(viewer)}&pull_request={SHAPE.pull_requests - back}"


def write_signed(path: Path, targets: Iterable[str]) -> None:
    """Write these addresses signed, one a line."""
    path.write_text("".join(f"{signed(target)}\n" for target in targets))


def _visit(viewer: int) -> str:
    user = _escaped(f"{{a0000000-0000-4000-8000-{viewer:012x}}}")
    return f"repository={_escaped(REPOSITORY)}&user={user}"


def _escaped(uuid: str) -> str:
    return quote(uuid, safe="")


def signed(target: str) -> str:
    token = atlassian_jwt.encode_token("GET", target, CLIENT_KEY, SHARED_SECRET, timeout_secs=LIFETIME_SECONDS)
    return f"{target}&jwt={token}"
