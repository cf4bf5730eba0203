"""Which repositories an installation has: the list that every backfill begins with, a page at a time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket import repositories as calls
from bitbucket.client import BitbucketClient
from bitbucket.paths import is_other_uuid
from bitbucket.resources import Page
from bitbucket.resources import Repository as Told
from models import backfills, collecting, installations, repositories
from models.backfills import RepositoryListing
from models.repositories import RepositoryFacts
from sync.whereabouts import facts_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.backfills import Claim
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

ClientFor = Callable[["Installation"], BitbucketClient]

READS_BACK: Final = timedelta(weeks=53)
"""The widest window of any figure is 52 weeks."""


def advance(services: "Services", claimed: "Claim", client: ClientFor) -> None:
    """Read the next page of the list, and have the history of every repository read that is on it."""
    with services.readers() as session:
        row = session.get_one(RepositoryListing, claimed.row_id)
        installation = installations.by_id(session, claimed.installation_id)
    if installation is None or not installation.is_active:
        return
    observed_at = services.now()
    page = _page(client(installation), installation, row.cursor)
    _store(services, claimed, page, observed_at=observed_at)


def _page(client: BitbucketClient, installation: "Installation", next_url: str | None) -> Page[Told]:
    if next_url is not None:
        return client.page_at(next_url, Told)
    return calls.page_of_repositories(client, installation.principal_uuid)


def _store(services: "Services", claimed: "Claim", page: Page[Told], *, observed_at: datetime) -> None:
    now = services.now()
    with services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        row = backfills.leased_listing(session, claimed)
        if installation is not None and installation.is_active:
            row.repositories += _take(session, installation, page, observed_at=observed_at, now=now)
            row.cursor, row.attempts, row.error = page.next, 0, None
            row.next_attempt_at = now if page.next else None
            row.finished_at = None if page.next else now
        row.lease_owner = row.lease_until = None
    log.info("backfill.listed", installation=claimed.installation_id, repositories=row.repositories)


def _take(
    session: "Session", installation: "Installation", page: Page[Told], *, observed_at: datetime, now: datetime
) -> int:
    """Note the repositories of a page. Returns how many are the installation's."""
    ours = {
        facts.uuid: facts
        for told in page.values
        if told.uuid is not None
        and not is_other_uuid((facts := _facts(told, installation)).workspace_uuid, installation.principal_uuid)
        # Where an administrator wants nothing collected, not even a name is noted.
        and not collecting.is_stopped(session, installation.id, facts.uuid)
    }
    # Locked in the order of their ids, as everybody locks them who needs several; read in the order of the list.
    rows = {
        uuid: repositories.record(session, installation, ours[uuid], as_of=observed_at, now=now)[0]
        for uuid in sorted(ours)
    }
    for uuid in ours:
        backfills.ensure(session, rows[uuid], since=now - READS_BACK, now=now)
    return len(ours)


def _facts(told: Told, installation: "Installation") -> RepositoryFacts:
    return facts_of(told, workspace_uuid=installation.principal_uuid)
