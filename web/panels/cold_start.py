"""A repository, or a pull request, that we hold nothing of yet: asked for once while somebody waits, stored, then read as any other.

One call for a repository, four for a pull request. The backfill brings the rest, and is told that somebody looks.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, TypeVar

import structlog
from flask import current_app
from sqlalchemy.exc import OperationalError

from bitbucket import commits, diffs, pull_request_activity, pull_requests
from bitbucket.errors import BitbucketError, NotFound, TimedOutThere
from insights.pull_requests.stamps import Flag
from models import backfills
from models.backfill_stages import Stage
from sync.history.activity import record_activity
from sync.history.builds import record_build_statuses
from sync.history.contents import record_files
from sync.history.pull_requests import record_pull_requests
from web import services
from web.panels.concurrent import all_at_once
from web.panels.past import Past
from web.panels.places.recording import client_of, recording

log = structlog.get_logger()

T = TypeVar("T")

MEETINGS: Final = "bittern.meetings"

ASKED_FOR: Final = timedelta(seconds=60)
"""So long nobody asks again: the backfill has it by then, or something is wrong that asking does not mend."""


class Meetings:
    """What this process has asked for a moment ago. Safe to share between threads."""

    def __init__(self) -> None:
        self._asked: dict[object, datetime] = {}
        self._lock = Lock()

    def may_ask(self, what: object, *, now: datetime) -> bool:
        """Whether it is time to ask for this; then it is noted that somebody does."""
        with self._lock:
            self._asked = {one: at for one, at in self._asked.items() if now - at < ASKED_FOR}
            if what in self._asked:
                return False
            self._asked[what] = now
            return True

    def forget(self, what: object) -> None:
        """Let it be asked for again at once: it came to nothing."""
        with self._lock:
            self._asked.pop(what, None)


def is_repository_held(past: Past) -> bool:
    """Whether the open pull requests of the repository were all read, and events have kept them true since."""
    read = past.backfill
    return read is not None and read.stage is not Stage.OPEN_PULL_REQUESTS


def meet_repository(past: Past) -> BitbucketError | None:
    """Have something to show of a repository: with one call, where nothing is held. Returns what kept us from it.

    Raises BitbucketError where there is nothing to show instead.
    """
    _say_that_somebody_looks(past)
    if is_repository_held(past):
        return None
    return _once(past, "repository", _read_open, has_anything=lambda: bool(past.recent))


def meet_pull_request(past: Past, number: int) -> BitbucketError | None:
    """Have something to show of one pull request: with four calls, where it is not held. Returns and raises likewise."""
    _say_that_somebody_looks(past)
    known = past.measurement(number)
    if known is not None and not known.has(Flag.ACTIVITY_UNKNOWN):
        return None
    return _once(
        past, ("pull request", number), lambda one: _read_one(one, number), has_anything=lambda: known is not None
    )


def _once(
    past: Past, what: object, read: Callable[[Past], None], *, has_anything: Callable[[], bool]
) -> BitbucketError | None:
    meetings: Meetings = current_app.extensions[MEETINGS]
    name = (past.repository.installation_id, past.repository.uuid, what)
    if not meetings.may_ask(name, now=past.now):
        return None
    try:
        read(past)
    except BitbucketError as error:
        meetings.forget(name)
        if has_anything():
            return error
        raise
    return None


def _read_open(past: Past) -> None:
    """Read the open pull requests that have waited longest, with reviewers and participants: one call."""
    asked_at = past.now
    found = pull_requests.open_pull_requests(client_of(past.visit), *_address(past))
    with recording(past) as projection:
        record_pull_requests(projection, found.pull_requests, observed_at=asked_at)


def _read_one(past: Past, number: int) -> None:
    """Read one pull request, its activity, its files and its builds: four calls at once, or more for a very long log."""
    client, asked_at = client_of(past.visit), past.now
    address = (client, *_address(past), number)
    calls: tuple[Callable[[], Any], ...] = (
        lambda: pull_requests.pull_request(*address),
        lambda: tuple(pull_request_activity.activity(*address)),
        lambda: _if_there(lambda: tuple(diffs.files_of_pull_request(*address))),
        lambda: tuple(commits.statuses_of_pull_request(*address)),
    )
    row, log, files, builds = all_at_once(calls, past.visit.deadline)
    with recording(past) as projection:
        record_pull_requests(projection, [row], observed_at=asked_at)
        record_activity(projection, number, log, observed_at=asked_at)
        head = row.source.commit.hash if row.source and row.source.commit else None
        if head is not None and files is not None:
            record_files(projection, number, files, head=head, observed_at=asked_at)
        record_build_statuses(projection, builds, as_of=asked_at)


def _if_there(read: Callable[[], T]) -> T | None:
    """Return what a call brings; None for a diff that Bitbucket no longer has, or takes too long to make."""
    try:
        return read()
    except (NotFound, TimedOutThere):
        return None


def _address(past: Past) -> tuple[str, str]:
    return past.visit.caller.installation.principal_uuid, past.visit.repository.uuid


def _say_that_somebody_looks(past: Past) -> None:
    """Have the rest of the history read before that of repositories that nobody looks at."""
    read = past.backfill
    if read is None or read.stage is Stage.DONE:
        return
    meetings: Meetings = current_app.extensions[MEETINGS]
    if meetings.may_ask((past.repository.installation_id, past.repository.uuid, "turn"), now=past.now):
        past.session.rollback()  # as in ``recording``: a reader that stays open keeps the past
        try:
            with services.current().hurried.begin() as session:
                backfills.prefer(session, past.visit.repository, now=past.now)
        except OperationalError as error:
            # A wish, and no reason to show no page: the next view says it again.
            log.warning("database.unavailable", error=type(error).__name__)
