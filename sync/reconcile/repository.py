"""Comparing one repository with Bitbucket: its pull requests, then its branches and tags, a page at a time; then what follows.

Open pull requests are listed whole, closed ones as far as they changed since the comparison before this one. What a list does
not show is asked as routine follow-ups; with the last of their answers our rows are what Bitbucket's are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket.errors import BadRequest, BitbucketError, RateLimited
from bitbucket.paths import is_other_uuid
from bitbucket.pull_requests import page_of_pull_requests
from bitbucket.query_language import field
from bitbucket.refs import page_of_refs
from bitbucket.resources import Branch, Page, PullRequest
from models import backfills, collecting, installations, reconciles, repositories
from models.errors import LeaseLost
from models.history import pull_requests, refs
from models.history.refs import RefKind
from models.quota import Purpose
from models.reconciles import Claimed, Drift, Stage
from models.repositories import Repository
from sync.budget import client_for
from sync.errors import BudgetSpent, InstallationInactive
from sync.follow_ups import lease_for
from sync.history.pull_requests import record_pull_requests
from sync.history.refs import record_gone, record_listing, unlisted
from sync.history.writing import writing
from sync.questions import GRACE
from sync.reconcile import wanted
from sync.reconcile.night import next_night
from sync.reconcile.planning import zone_of
from sync.retention import kept_since, trim
from sync.retry import retry_of_comparison
from sync.whereabouts import NOT_THERE, is_held, is_still_there

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bitbucket.client import BitbucketClient
    from models.installations import Installation
    from services import Services
    from sync.history.projection import Projection

log = structlog.get_logger()

PAGES_AT_ONCE: Final = 10
"""After so many, others get their turn."""

MOST_ATTEMPTS: Final = 8
OVERLAP: Final = timedelta(minutes=10)
"""Their clock need not be ours: a little that was compared is compared again."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a comparison is done with."""

    services: "Services"
    installation: "Installation"
    client: "BitbucketClient"

    def where(self, claimed: Claimed) -> tuple[str, str]:
        """The first arguments of every call."""
        return self.installation.principal_uuid, claimed.repository_uuid


Write = Callable[["Session", Repository], Claimed | None]
"""Stores a page and says how it goes on; None at the end."""


def compare(services: "Services", reconcile_id: int) -> bool:
    """Begin a comparison, or go on with it. True where there is more to do at once. Raises only what the database raises twice."""
    with services.redoable.begin() as session:
        claimed = reconciles.claim(session, reconcile_id, now=services.now(), lease=lease_for(services))
    if claimed is None:
        return False
    try:
        return _go_on(services, claimed)
    except LeaseLost:
        log.info("reconcile.overtaken", repository=claimed.repository_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this repository's trouble and must be nobody else's
        _give_back(services, claimed, error)
    return False


def _go_on(services: "Services", claimed: Claimed) -> bool:
    work = _work(services, claimed)
    if work is None:
        return False
    at = claimed
    try:
        for _ in range(PAGES_AT_ONCE):
            goes_on = _STEPS[at.stage](work, at)
            if goes_on is None:
                log.info("reconcile.listed", repository=claimed.repository_id, installation=claimed.installation_id)
                trim(services, claimed.repository_id)
                return False
            at = goes_on
    except NOT_THERE:
        if is_still_there(services, work.client, work.installation, claimed.repository_uuid):
            raise
        _pause(services, claimed, until=services.now())
        return False
    _pause(services, claimed, until=services.now())
    services.wake.reconcile(claimed.id)
    return True


def _work(services: "Services", claimed: Claimed) -> Work | None:
    """What it takes; None where nothing is to be done about the repository."""
    with services.readers() as session:
        installation = installations.by_id(session, claimed.installation_id)
        repository = session.get(Repository, claimed.repository_id)
        is_stopped = collecting.is_stopped(session, claimed.installation_id, claimed.repository_uuid)
    if installation is None or not is_held(repository) or is_stopped:
        _pause(services, claimed, until=services.now() + timedelta(days=1))
        return None

    def keep(session: "Session") -> None:
        reconciles.keep(session, claimed, until=services.now() + lease_for(services))

    client = client_for(services, installation, purpose=Purpose.RECONCILE, before_each_call=keep)
    return Work(services, installation, client)


def _pull_requests(work: Work, claimed: Claimed) -> Claimed | None:
    """One page of the pull requests that are open, or have changed since."""
    observed_at = work.services.now()
    page = _page_of_pull_requests(work, claimed)
    told = [one for one in page.values if not _is_foreign(one, claimed.repository_uuid)]

    def write(session: "Session", repository: Repository) -> Claimed:
        now = work.services.now()
        with writing(session, repository, now=now, asks=False) as projection:
            found = _record_pull_requests(projection, told, observed_at=observed_at)
        reconciles.note(session, repository, {Drift.PULL_REQUEST: found})
        asked = [(kind, subject) for kind, subjects in projection.questions.items() for subject in subjects]
        numbers = {one.id for one in told}
        asked += wanted.of_pull_requests(session, repository, numbers, watched_since=claimed.watched_since)
        if page.next is None:
            asked += wanted.of_unlisted_pull_requests(session, repository, since=claimed.stage_started_at)
        wanted.mark(session, repository, asked, now=now)
        return _turn(session, claimed, page.next, then=Stage.REFS, now=now)

    return _store(work, claimed, write)


def _page_of_pull_requests(work: Work, claimed: Claimed) -> Page[PullRequest]:
    if claimed.cursor is not None:
        return work.client.page_at(claimed.cursor, PullRequest)
    since = _beginning(work, claimed) if claimed.is_whole else claimed.compared_until - OVERLAP
    where = None if since is None else field("state").equals("OPEN") | field("updated_on").is_at_least(since)
    return page_of_pull_requests(work.client, *work.where(claimed), where=where)


def _beginning(work: Work, claimed: Claimed) -> datetime | None:
    """How far back everything goes: as far as the backfill has read, or as is kept; None for all the way."""
    with work.services.readers() as session:
        repository = session.get_one(Repository, claimed.repository_id)
        backfill = backfills.of_repository(session, repository)
    limits = [backfill.since if backfill is not None else None, kept_since(work.services)]
    return max((limit for limit in limits if limit is not None), default=None)


def _is_foreign(told: PullRequest, repository_uuid: str) -> bool:
    end = told.destination
    return end is not None and end.repository is not None and is_other_uuid(end.repository.uuid, repository_uuid)


def _record_pull_requests(projection: "Projection", told: list[PullRequest], *, observed_at: datetime) -> int:
    """Record a page. Returns how many of them are not what events had told."""
    numbers = {one.id for one in told}
    before = pull_requests.held(projection.session, projection.repository, numbers)
    record_pull_requests(projection, told, observed_at=observed_at)
    after = pull_requests.held(projection.session, projection.repository, numbers & projection.changed_pull_requests)
    watched_since = projection.repository.first_seen_at
    return sum(
        watched_since <= row.updated_at < observed_at - GRACE and (number in before or row.created_at >= watched_since)
        for number, row in after.items()
    )


def _refs(work: Work, claimed: Claimed) -> Claimed | None:
    """One page of the branches and tags. A list of one page is whole; of a longer one, what it does not show is asked for."""
    observed_at = claimed.stage_started_at
    is_first = claimed.cursor is None
    page = (
        page_of_refs(work.client, *work.where(claimed))
        if claimed.cursor is None
        else work.client.page_at(claimed.cursor, Branch)
    )

    def write(session: "Session", repository: Repository) -> Claimed:
        now = work.services.now()
        with writing(session, repository, now=now) as projection:
            found = _record_refs(projection, page, observed_at=observed_at)
            if page.next is None:
                gone = unlisted(projection, since=observed_at)
                if is_first:
                    found += sum(record_gone(projection, row.kind, {row.name}, observed_at=observed_at) for row in gone)
                else:
                    wanted.mark(session, repository, wanted.of_unlisted_refs(gone), now=now)
        wanted.mark(session, repository, wanted.of_its_name(repository, page.values), now=now)
        reconciles.note(session, repository, {Drift.REF: 0 if claimed.is_first else found})
        return _turn(session, claimed, page.next, then=Stage.QUESTIONS, now=now)

    return _store(work, claimed, write)


def _record_refs(projection: "Projection", page: Page[Branch], *, observed_at: datetime) -> int:
    """Record a page. Returns how many of them did not point where they do, as far as events had told."""
    found = 0
    for kind in RefKind:
        told = [one for one in page.values if (one.type == "tag") is (kind is RefKind.TAG)]
        names = {one.name for one in told}
        before = refs.held(projection.session, projection.repository, kind, names)
        record_listing(projection, kind, told, observed_at=observed_at, is_complete=False)
        after = refs.held(projection.session, projection.repository, kind, names)
        found += sum(name not in before or before[name].tip != row.tip for name, row in after.items())
    return found


def _questions(work: Work, claimed: Claimed) -> Claimed | None:
    """Mark what follows from the lists, and end."""

    def write(session: "Session", repository: Repository) -> None:
        now = work.services.now()
        asked = [
            *wanted.of_history(session, repository),
            *wanted.of_stacked(session, repository),
            *wanted.of_builds(session, repository, now=now, is_whole=claimed.is_whole),
            *wanted.of_deployments(session, repository, since=claimed.compared_until),
        ]
        wanted.mark(session, repository, asked, now=now)
        next_at = next_night(now, zone=zone_of(session, work.installation), key=claimed.repository_uuid)
        reconciles.finish(session, claimed, now=now, next_at=next_at)

    return _store(work, claimed, write)


_STEPS: Final[Mapping[Stage, Callable[[Work, Claimed], Claimed | None]]] = {
    Stage.PULL_REQUESTS: _pull_requests,
    Stage.REFS: _refs,
    Stage.QUESTIONS: _questions,
}


def _turn(session: "Session", claimed: Claimed, next_url: str | None, *, then: Stage, now: datetime) -> Claimed:
    """Note how it goes on: with the next page of this stage, or with the next stage."""
    if next_url is not None:
        reconciles.turn_page(session, claimed, cursor=next_url)
        return replace(claimed, cursor=next_url, attempts=0)
    reconciles.enter(session, claimed, then, now=now)
    return replace(claimed, stage=then, cursor=None, stage_started_at=now, attempts=0)


def _store(work: Work, claimed: Claimed, write: Write) -> Claimed | None:
    """Store a page, on the locked repository, unless the installation has ended meanwhile."""
    with work.services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        if installation is None or not installation.is_active:
            raise InstallationInactive(claimed.installation_id)
        # In this order, as whoever answers a question has the repository when it notes what was found.
        repository = repositories.locked(session, installation, claimed.repository_uuid)
        reconciles.hold(session, claimed)
        if repository is None or not is_held(repository):
            reconciles.pause(session, claimed, until=work.services.now())
            return None
        return write(session, repository)


def _pause(services: "Services", claimed: Claimed, *, until: datetime) -> None:
    with services.redoable.begin() as session:
        reconciles.pause(session, claimed, until=until)


def _give_back(services: "Services", claimed: Claimed, error: Exception) -> None:
    now = services.now()
    try:
        if isinstance(error, BudgetSpent | RateLimited | InstallationInactive):
            _pause(services, claimed, until=error.retry_at or now)
            return
        with services.redoable.begin() as session:
            reconciles.fail(
                session,
                claimed,
                error=str(error) if isinstance(error, BitbucketError) else f"{type(error).__name__}: {error}",
                retry_at=retry_of_comparison(
                    now, attempts=claimed.attempts + 1, most_attempts=MOST_ATTEMPTS, error=error
                ),
                starts_over=isinstance(error, BadRequest),
            )
    except LeaseLost:
        return
    reason = error.reason if isinstance(error, BitbucketError) else type(error).__name__
    is_known = isinstance(error, BitbucketError)
    log.warning(
        "reconcile.failed", repository=claimed.repository_id, reason=reason, exc_info=None if is_known else error
    )
