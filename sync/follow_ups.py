"""Answering what events could not tell: one question at a time, from claim to end.

The question is asked outside of any transaction, under the installation's quota; what was answered, what follows from it, and
the end of the question are then stored together. An uninstall in between stores nothing.
"""

import functools
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bitbucket.errors import BitbucketError, RateLimited, Unauthorized
from models import collecting, installations, reconciles, repositories
from models.errors import LeaseLost, SealBroken
from models.history import follow_ups
from models.quota import Purpose
from models.repositories import Repository
from sync.budget import client_for
from sync.errors import BudgetSpent, InstallationInactive
from sync.history.writing import writing
from sync.questions import Question, ask, held_of
from sync.reconcile import wanted
from sync.retry import retry_at
from sync.whereabouts import NOT_THERE, is_held, is_still_there

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bitbucket.client import BitbucketClient
    from models.history.follow_ups import ClaimedFollowUp
    from models.installations import Installation
    from models.reconciles import Drift
    from services import Services
    from sync.questions import Answer, Found

log = structlog.get_logger()

MOST_ATTEMPTS: Final = 8
"""A question that so often got no usable answer is given up: about two hours. The nightly comparison asks again."""

_LEASE_MARGIN: Final = timedelta(seconds=10)


def lease_for(services: "Services") -> timedelta:
    """How long a call may take, and a little. Renewed before each call: the work of a killed worker waits no longer than this."""
    return timedelta(seconds=services.settings.api_timeout_seconds) + _LEASE_MARGIN


def answer(services: "Services", follow_up_id: int) -> bool:
    """Answer a question. False where it is not due, or others are at it. Raises only what the database raises twice."""
    with services.redoable.begin() as session:
        claimed = follow_ups.claim(session, follow_up_id, now=services.now(), lease=lease_for(services))
    if claimed is None:
        return False
    try:
        _answer(services, claimed)
    except LeaseLost:
        log.info("follow_up.overtaken", follow_up=claimed.id, repository=claimed.repository_id)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is this question's trouble and must be nobody else's
        _give_back(services, claimed, error)
    return True


def _answer(services: "Services", claimed: "ClaimedFollowUp") -> None:
    with services.readers() as session:
        installation = installations.by_id(session, claimed.installation_id)
        repository = session.get(Repository, claimed.repository_id)
        is_stopped = repository is not None and collecting.is_stopped(session, claimed.installation_id, repository.uuid)
        row = held_of(session, repository, claimed.kind, claimed.subject) if repository is not None else None
    if installation is None or repository is None or not is_held(repository) or is_stopped:
        _drop(services, claimed)
        return
    client = _client(services, claimed, installation)
    question = Question(
        client=client,
        workspace=installation.principal_uuid,
        repository=repository.uuid,
        subject=claimed.subject,
        observed_at=services.now(),
        read=functools.partial(_read, services, repository.id),
        held=row,
    )
    try:
        answered = ask(claimed.kind, question)
    except NOT_THERE as error:
        _give_up_on_absent(services, claimed, installation, repository, client=client, error=error)
    else:
        _store(services, claimed, repository.uuid, answered)


def _client(services: "Services", claimed: "ClaimedFollowUp", installation: "Installation") -> "BitbucketClient":
    def keep(session: "Session") -> None:
        if claimed.is_routine:
            reconciles.count_call(session, claimed.repository_id)
        follow_ups.keep(session, claimed, until=services.now() + lease_for(services))

    purpose = Purpose.RECONCILE if claimed.is_routine else Purpose.EVENTS
    return client_for(services, installation, purpose=purpose, before_each_call=keep)


def _read(
    services: "Services", repository_id: int, look_up: Callable[["Session", Repository], Collection[str]]
) -> Collection[str]:
    with services.readers() as session:
        return set(look_up(session, session.get_one(Repository, repository_id)))


def _store(services: "Services", claimed: "ClaimedFollowUp", repository_uuid: str, answered: "Answer") -> None:
    now = services.now()
    with services.redoable.begin() as session:
        installation = installations.shared(session, claimed.installation_id)
        if installation is None or not installation.is_active:
            raise InstallationInactive(claimed.installation_id)
        # In this order, as whoever applies an event has the repository when it marks the question.
        repository = repositories.locked(session, installation, repository_uuid)
        follow_ups.keep(session, claimed, until=now + lease_for(services))
        if repository is None or not is_held(repository):
            follow_ups.drop(session, claimed)
            return
        with writing(session, repository, now=now) as projection:
            found = answered(projection)
        if claimed.is_routine:
            reconciles.note(session, repository, found)
            more = wanted.after(session, repository, claimed.kind, claimed.subject, now=now)
            wanted.mark(session, repository, more, now=now)
        follow_ups.finish(session, claimed, now=now)
    log.debug("follow_up.answered", follow_up=claimed.id, repository=claimed.repository_id, kind=claimed.kind)
    _say_drift(claimed, found)


def _say_drift(claimed: "ClaimedFollowUp", found: "Found") -> None:
    some: dict[Drift, int] = {kind: count for kind, count in found.items() if count}
    if claimed.is_routine and some:
        log.info("reconcile.drift", repository=claimed.repository_id, found=some, subject=claimed.subject)


def _give_up_on_absent(  # noqa: PLR0913 - what was asked, by whom, and what was said
    services: "Services",
    claimed: "ClaimedFollowUp",
    installation: "Installation",
    repository: Repository,
    *,
    client: "BitbucketClient",
    error: BitbucketError,
) -> None:
    """Bitbucket does not show what was asked for: whether that is all of the repository is asked, and the question ends."""
    if is_still_there(services, client, installation, repository.uuid):
        log.info("follow_up.absent", follow_up=claimed.id, kind=claimed.kind, reason=error.reason)
    _drop(services, claimed)


def _drop(services: "Services", claimed: "ClaimedFollowUp") -> None:
    with services.redoable.begin() as session:
        follow_ups.drop(session, claimed)


def _give_back(services: "Services", claimed: "ClaimedFollowUp", error: Exception) -> None:
    """Decide when a question is asked again, if at all."""
    now = services.now()
    try:
        with services.redoable.begin() as session:
            if isinstance(error, InstallationInactive):
                # It waits for the app to be installed again; until then nobody asks.
                follow_ups.postpone(session, claimed, until=now)
                return
            if isinstance(error, BudgetSpent | RateLimited):
                follow_ups.postpone(session, claimed, until=error.retry_at or retry_at(now, attempts=claimed.attempts))
                return
            if isinstance(error, Unauthorized):
                installation = session.get_one(installations.Installation, claimed.installation_id)
                installations.mark_credentials_refused(session, installation, now=now)
            if claimed.attempts >= MOST_ATTEMPTS:
                follow_ups.drop(session, claimed)
            else:
                follow_ups.fail(session, claimed, retry_at=_again_at(now, claimed.attempts, error))
    except LeaseLost:
        return
    _say_failure(claimed, error)


def _again_at(now: "datetime", attempts: int, error: Exception) -> "datetime":
    backed_off = retry_at(now, attempts=attempts)
    told = error.retry_at if isinstance(error, BitbucketError) else None
    return backed_off if told is None else max(told, backed_off)


def _say_failure(claimed: "ClaimedFollowUp", error: Exception) -> None:
    about = {"follow_up": claimed.id, "repository": claimed.repository_id, "kind": claimed.kind}
    is_last = claimed.attempts >= MOST_ATTEMPTS
    if isinstance(error, BitbucketError | SealBroken):
        reason = error.reason if isinstance(error, BitbucketError) else "secret.sealed_with_unknown_key"
        log.warning("follow_up.given_up" if is_last else "follow_up.failed", reason=reason, **about)
    else:
        log.error("follow_up.given_up" if is_last else "follow_up.failed", exc_info=error, **about)
