"""Listing the repositories of a workspace: which are new, gone, or called otherwise, though no event has told of it.

One call for a hundred repositories. A repository that the list does not show is asked for by itself before it is let go of.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket.errors import BitbucketError, RateLimited
from bitbucket.repositories import page_of_repositories
from bitbucket.resources import Repository as RepositoryResource
from models import censuses, collecting, installations, repositories
from models.errors import LeaseLost
from models.quota import Purpose
from sync.budget import client_for
from sync.errors import BudgetSpent, InstallationInactive
from sync.follow_ups import lease_for
from sync.reconcile.night import next_night
from sync.reconcile.planning import zone_of
from sync.reconcile.repository import MOST_ATTEMPTS
from sync.retry import retry_of_comparison
from sync.whereabouts import facts_of, is_still_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from bitbucket.client import BitbucketClient
    from models.censuses import Claimed
    from models.installations import Installation
    from models.repositories import Repository, RepositoryFacts
    from services import Services

log = structlog.get_logger()

MOST_PAGES: Final = 100
"""Ten thousand repositories. Of a workspace with more, those that changed last are listed."""


def take_census(services: "Services", census_id: int) -> bool:
    """Take a census. False where it is not due, or others are at it. Raises only what the database raises twice."""
    with services.redoable.begin() as session:
        claimed = censuses.claim(session, census_id, now=services.now(), lease=lease_for(services))
    if claimed is None:
        return False
    try:
        _take(services, claimed)
    except LeaseLost:
        log.info("census.overtaken", installation=claimed.installation_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this installation's trouble and must be nobody else's
        _give_back(services, claimed, error)
    return True


def _take(services: "Services", claimed: "Claimed") -> None:
    with services.readers() as session:
        installation = installations.by_id(session, claimed.installation_id)
        is_stopped = collecting.is_stopped(session, claimed.installation_id, None)
    if installation is None or is_stopped:
        _finish(services, claimed, taken_at=services.now(), counted=0, found=0)
        return

    def keep(session: "Session") -> None:
        censuses.keep(session, claimed, until=services.now() + lease_for(services))

    client = client_for(services, installation, purpose=Purpose.RECONCILE, before_each_call=keep)
    taken_at = services.now()
    listed = list(_listed(client, installation))
    found = _record(services, installation, listed, as_of=taken_at)
    found += _look_for_unlisted(services, client, installation, listed)
    _finish(services, claimed, taken_at=taken_at, counted=len(listed), found=found)
    log.info("census.taken", installation=installation.id, repositories=len(listed), found=found)


def _listed(client: "BitbucketClient", installation: "Installation") -> "Iterable[RepositoryFacts]":
    page = page_of_repositories(client, installation.principal_uuid)
    for _ in range(MOST_PAGES):
        for told in page.values:
            if told.uuid is not None:
                yield facts_of(told, workspace_uuid=installation.principal_uuid)
        if page.next is None:
            return
        page = client.page_at(page.next, RepositoryResource)


def _record(
    services: "Services", installation: "Installation", listed: "Sequence[RepositoryFacts]", *, as_of: datetime
) -> int:
    """Make our rows say what the list does, one short transaction each. Returns how many said otherwise."""
    found = 0
    for facts in listed:
        if facts.workspace_uuid != installation.principal_uuid:
            continue
        with services.redoable.begin() as session:
            row = installations.shared(session, installation.id)
            if row is None or not row.is_active:
                raise InstallationInactive(installation.id)
            if collecting.is_stopped(session, installation.id, facts.uuid):
                continue
            held = repositories.find(session, row, facts.uuid)
            found += held is None or _is_contradicted(held, facts)
            repositories.record(session, row, facts, as_of=as_of, now=services.now())
    return found


def _is_contradicted(held: "Repository", facts: "RepositoryFacts") -> bool:
    """Whether a row says something else; what no event tells, such as the main branch, is only completed."""
    return any(getattr(held, name) not in {None, value} for name, value in facts.said().items())


def _look_for_unlisted(
    services: "Services", client: "BitbucketClient", installation: "Installation", listed: "Sequence[RepositoryFacts]"
) -> int:
    """Ask for each repository that we hold and that the list does not show. Returns how many are gone."""
    shown = {facts.uuid for facts in listed}
    with services.readers() as session:
        missing = [row.uuid for row in repositories.held(session, installation) if row.uuid not in shown]
    return sum(not is_still_there(services, client, installation, uuid) for uuid in missing)


def _finish(services: "Services", claimed: "Claimed", *, taken_at: datetime, counted: int, found: int) -> None:
    now = services.now()
    with services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        if installation is None:
            raise LeaseLost("the installation is gone")
        next_at = next_night(now, zone=zone_of(session, installation), key=installation.client_key)
        censuses.finish(session, claimed, taken_at=taken_at, repositories=counted, found=found, next_at=next_at)


def _give_back(services: "Services", claimed: "Claimed", error: Exception) -> None:
    now = services.now()
    try:
        with services.redoable.begin() as session:
            if isinstance(error, BudgetSpent | RateLimited | InstallationInactive):
                censuses.pause(session, claimed, until=error.retry_at or now)
                return
            again_at = retry_of_comparison(now, attempts=claimed.attempts + 1, most_attempts=MOST_ATTEMPTS, error=error)
            censuses.fail(session, claimed, error=str(error), retry_at=again_at)
    except LeaseLost:
        return
    reason = error.reason if isinstance(error, BitbucketError) else type(error).__name__
    is_known = isinstance(error, BitbucketError)
    log.warning(
        "census.failed", installation=claimed.installation_id, reason=reason, exc_info=None if is_known else error
    )
