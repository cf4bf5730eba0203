"""One page of a backfill, from claim to end: asked for under the quota, stored together with the cursor behind it.

Whatever goes wrong leaves the page where it was, for later; a worker that is killed leaves it for whoever comes when its lease
has ended. What takes a power failure back is simply read again.
"""

import dataclasses
import functools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket.client import BitbucketClient
from bitbucket.errors import BitbucketError, RateLimited, Unauthorized
from models import backfills, collecting, installations, quota, repositories
from models.backfill_stages import Stage
from models.backfills import Backfill
from models.errors import LeaseLost
from models.quota import Purpose
from models.repositories import Repository, RepositoryState
from sync.backfill import listing
from sync.backfill.cursor import Cursor
from sync.backfill.stages import STEPS
from sync.backfill.work import Read, Work
from sync.budget import client_for
from sync.errors import BudgetSpent, InstallationInactive, RepositoryGone
from sync.history.writing import writing
from sync.retry import retry_at
from sync.whereabouts import is_still_there

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.backfills import Claim
    from models.installations import Installation
    from services import Services

log = structlog.get_logger()

CALL_SECONDS: Final = 4.5
"""How long one call may take at first. What takes longer is given twice the time at each further try."""

MARGIN: Final = timedelta(seconds=1.5)
"""For storing what a call has brought. With it, the page of a killed worker is free again after six seconds."""


_ABOUT_ALL: Final = (BudgetSpent, RateLimited, Unauthorized)
"""What keeps every page of the installation back, and not this one alone."""


def advance_next(services: "Services") -> bool:
    """Do the page whose turn it is. False where none is due. Raises only what the database raises twice."""
    with services.readers() as session:
        if not backfills.due(session, now=services.now(), at_most=1):
            return False
    with services.redoable.begin() as session:
        claimed = backfills.claim_next(session, now=services.now(), lease=_call_time(services, attempts=1) + MARGIN)
    if claimed is None:
        return False
    try:
        advance = _advance if claimed.table is Backfill else listing.advance
        advance(services, claimed, functools.partial(_client, services, claimed))
    except LeaseLost:
        log.warning("backfill.lease_lost", page=claimed.row_id, installation=claimed.installation_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this page's trouble and must be nobody else's
        _give_back(services, claimed, error)
    return True


def advance_for(services: "Services", rung_for: int) -> bool:
    """Do the page whose turn it is, for a ring at the doorbell: the first one of an installation need not wait to be looked for.

    `rung_for` is the installation that the ring was about. It may have to wait: turns go around the installations.
    """
    log.debug("backfill.rung", installation=rung_for)
    return advance_next(services)


def _advance(services: "Services", claimed: "Claim", client: listing.ClientFor) -> None:
    with services.readers() as session:
        row = session.get_one(Backfill, claimed.row_id)
        installation = installations.by_id(session, claimed.installation_id)
        repository = session.get_one(Repository, row.repository_id)
    if installation is None or not installation.is_active:
        return  # its rows wait for a purge, or for the workspace to come back
    bitbucket = client(installation)
    work = Work(
        client=bitbucket,
        readers=services.readers,
        repository=repository,
        stage=row.stage,
        cursor=Cursor.from_text(row.cursor),
        since=row.since,
        now=services.now(),
        is_still_there=functools.partial(is_still_there, services, bitbucket, installation, repository.uuid),
        attempts=claimed.attempts,
    )
    stage, read = _read(work)
    _store(services, claimed, stage, read)


def _read(work: Work) -> tuple[Stage, Read]:
    """What the next step brings, and its stage: stages with nothing to ask for are passed by."""
    while work.stage is not Stage.DONE:
        read = STEPS[work.stage](work)
        if not read.asked_nothing:
            return work.stage, read
        work = dataclasses.replace(work, stage=work.stage.following, cursor=read.hands_on)
    return Stage.DONE, Read()


def _store(services: "Services", claimed: "Claim", stage: Stage, read: Read) -> None:
    now = services.now()
    with services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        row = backfills.leased(session, claimed)
        repository = _to_be_written(session, installation, row)
        if repository is not None and read.record is not None:
            with writing(session, repository, now=now, asks=False) as projection:
                read.record(projection)
        if repository is not None:
            _turn_page(row, stage, read, now=now)
        row.lease_owner = row.lease_until = None
    _say(claimed, row)


def _to_be_written(session: "Session", installation: "Installation | None", row: Backfill) -> Repository | None:
    """The repository, locked; None where nothing may be stored of it any more."""
    if installation is None or not installation.is_active:
        return None
    repository = repositories.locked_by_id(session, row.repository_id)
    if repository is None or repository.state is not RepositoryState.HELD:
        return None
    return None if collecting.is_stopped(session, installation.id, repository.uuid) else repository


def _turn_page(row: Backfill, stage: Stage, read: Read, *, now: datetime) -> None:
    row.stage, row.cursor = stage, (read.cursor or Cursor()).as_text()
    if read.cursor is None and stage is not Stage.DONE:
        row.stage, row.cursor = stage.following, read.hands_on.as_text()
    row.pages += read.record is not None
    row.skipped += read.is_skipped
    row.open_total = row.open_total if read.open_total is None else read.open_total
    row.closed_total = row.closed_total if read.closed_total is None else read.closed_total
    row.attempts, row.error = 0, None
    row.started_at = row.started_at or now
    is_done = row.stage is Stage.DONE
    row.next_attempt_at = None if is_done else now
    row.finished_at = now if is_done else None


def _give_back(services: "Services", claimed: "Claim", error: Exception) -> None:
    now = services.now()
    waits = isinstance(error, BudgetSpent | RateLimited | RepositoryGone | InstallationInactive)
    again_at = _again_at(now, claimed.attempts, error)
    try:
        with services.redoable.begin() as session:
            if isinstance(error, _ABOUT_ALL):
                quota.postpone_backfill(session, claimed.installation_id, until=again_at, now=now)
            sentence = f"{type(error).__name__}: {error}"
            backfills.give_back(session, claimed, retry_at=again_at, error=sentence, counts=not waits)
    except LeaseLost:
        return
    if waits:
        log.info("backfill.waits", installation=claimed.installation_id, page=claimed.row_id, because=str(error))
    else:
        log.warning("backfill.failed", installation=claimed.installation_id, page=claimed.row_id, exc_info=error)


def _again_at(now: datetime, attempts: int, error: Exception) -> datetime:
    told = error.retry_at if isinstance(error, BitbucketError) else None
    if isinstance(error, BudgetSpent) and told is not None:
        return told
    backed_off = retry_at(now, attempts=attempts)
    return backed_off if told is None else max(told, backed_off)


def _client(services: "Services", claimed: "Claim", installation: "Installation") -> BitbucketClient:
    """A client of the installation whose every call keeps the claim for as long as it may take."""
    call_time = _call_time(services, attempts=claimed.attempts)

    def keep(session: "Session") -> None:
        backfills.renew(session, claimed, until=services.now() + call_time + MARGIN)

    return client_for(
        services,
        installation,
        purpose=Purpose.BACKFILL,
        deadline=call_time.total_seconds(),
        before_each_call=keep,
    )


def _call_time(services: "Services", *, attempts: int) -> timedelta:
    seconds = min(services.settings.api_timeout_seconds, CALL_SECONDS * 2 ** min(attempts - 1, 8))
    return timedelta(seconds=seconds)


def _say(claimed: "Claim", row: Backfill) -> None:
    if row.stage is Stage.DONE:
        log.info(
            "backfill.done",
            installation=claimed.installation_id,
            repository=row.repository_id,
            pages=row.pages,
            skipped=row.skipped,
        )
    else:
        log.debug("backfill.page", installation=claimed.installation_id, repository=row.repository_id, stage=row.stage)
