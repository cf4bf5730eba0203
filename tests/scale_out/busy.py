"""Two machines in the middle of everything: a history that is read slowly, webhooks, and pages that are looked at."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models import backfills, installations, repositories
from models.backfill_stages import Stage
from models.repositories import RepositoryFacts
from tests.faults.books import Books
from tests.faults.senders import Senders, without_end
from tests.faults.workspaces import Tenant, install, story
from tests.scale_out.load import views, webhook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scale_out.site import Site

TENANTS = [Tenant(number) for number in range(1, 4)]
LATENCY_MILLISECONDS = "300"
PAUSE_SECONDS = 0.02


@dataclass
class Busy:
    """Who sends what. Everything that was sent is to be answered, whatever happens to a machine."""

    webhooks: Senders
    views: Senders

    def failed(self) -> list[object]:
        return [one for one in [*self.webhooks.sent, *self.views.sent] if not one.is_acknowledged]


def start(site: Site, *, history: bool = True) -> None:
    """Everything runs, and Bitbucket takes its time for each call, so that a worker is mostly in the middle of a page."""
    settle(site, TENANTS)
    if history:
        site.house.start_bitbucket("--latency-ms", LATENCY_MILLISECONDS)
    site.start()
    if history:
        page = site.house.bitbucket.main_page()
        descriptor = f"{site.base_url}/atlassian-connect.json"
        site.house.bitbucket.install(descriptor_url=descriptor, workspace=page.workspace)


def settle(site: Site, tenants: list[Tenant]) -> None:
    """Installed, with a repository whose history is read: the simulator does not know it, and nobody asks it."""
    install(site.house, tenants)
    now = datetime.now(UTC)
    with site.house.sessions.begin() as session:
        for tenant in tenants:
            installation = installations.by_client_key(session, tenant.client_key)
            facts = RepositoryFacts(
                uuid=tenant.repository,
                workspace_uuid=tenant.workspace,
                slug="heron",
                name="Heron",
                full_name=f"workspace-{tenant.number}/heron",
                is_private=True,
                main_branch="main",
            )
            row, _ = repositories.record(session, installation, facts, as_of=now, now=now)
            backfills.begin(session, installation, now=now)
            backfills.ensure(session, row, since=now, now=now)
            listing, read = backfills.listing_of(session, installation), backfills.of_repository(session, row)
            listing.finished_at = read.finished_at = now
            listing.next_attempt_at = read.next_attempt_at = None
            read.stage = Stage.DONE


@contextlib.contextmanager
def busy(site: Site, *, seed: int, pause_seconds: float = PAUSE_SECONDS) -> Iterator[Busy]:
    """Webhooks and views without an end, at a pace."""
    told, pause = story(seed=seed, events=100), threading.Event()

    def one_more(number: int):
        pause.wait(pause_seconds)
        return webhook(site, TENANTS[number % len(TENANTS)], told[number % len(told)])

    def paced(asked):
        for one in asked:
            pause.wait(pause_seconds)
            yield one

    looked_at = paced(views(TENANTS, base_url=site.base_url))
    with (
        Senders(site.house.port, without_end(one_more), threads=3) as webhooks,
        Senders(site.house.port, looked_at, threads=3) as seen,
    ):
        yield Busy(webhooks, seen)


def check_books(site: Site, load: Busy) -> Books:
    """Everything was answered, and what was acknowledged is there, once."""
    assert load.failed() == [], "\n".join([*map(str, load.failed()), *site.refusals()])
    books = Books.of(site.house, load.webhooks.sent)
    # The simulator has sent some of its own.
    assert books.lost == frozenset(), books
    assert books.stored_twice == frozenset(), books
    assert books.acknowledged > 0
    return books
