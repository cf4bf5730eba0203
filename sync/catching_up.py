"""Catching up: after a time in which events were lost, every repository is compared at once, and not only in its night.

Events are lost while nobody takes them in: Bitbucket tells each three times at once, and then no more. The web server therefore
notes every few seconds that it is here, in the database that it takes webhooks into; where that was not so for a while, it says
so, and the sweep has all repositories compared. A Bitbucket that has failed for long may not have told everything either, and
what was asked of it meanwhile was given up in parts: its first good answer has the repositories of that installation compared.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import censuses, presence, reconciles

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

NOTED_EVERY: Final = timedelta(seconds=10)
ABSENCE: Final = timedelta(seconds=30)
"""So long without a note, and events are taken for lost: a restart is quicker, and so is a lock that webhooks can wait for."""

SHARE_AT_ONCE: Final = 4
"""A comparison of a quiet repository costs two calls, so that so many per hour leave half of the quota to other work."""


def note_presence(services: "Services") -> None:
    """Note that webhooks can be taken in now. Writes only where the last note is old enough. Raises what the database does."""
    now = services.now()
    with services.readers() as session:
        seen_at = presence.seen_at(session)
    if seen_at is not None and timedelta(0) <= now - seen_at < NOTED_EVERY:
        return
    with services.redoable.begin() as session:
        absence = presence.note(session, now=now, absence=ABSENCE)
    if absence is not None:
        log.warning("presence.was_away", seconds=round(absence.total_seconds()))


def catch_up(services: "Services") -> int:
    """Make up for an absence, where there was one. Returns how many repositories will be compared."""
    with services.readers() as session:
        since = presence.away_since(session)
    if since is None:
        return 0
    now = services.now()
    with services.redoable.begin() as session:
        if not presence.make_up(session, since):
            return 0
        censuses.hasten_all(session, at=now)
        count = reconciles.catch_up(session, now=now, at_once=at_once(services))
    log.info("catching_up.begun", because="we were away", away_since=since.isoformat(), repositories=count)
    return count


def catch_up_with(services: "Services", installation_id: int) -> int:
    """The same for one installation, for which Bitbucket was away."""
    with services.redoable.begin() as session:
        count = reconciles.catch_up(
            session, now=services.now(), at_once=at_once(services), installation_id=installation_id
        )
    log.info("catching_up.begun", because="Bitbucket was away", installation=installation_id, repositories=count)
    return count


def at_once(services: "Services") -> int:
    """How many repositories of an installation begin to be compared in one hour."""
    return max(1, services.settings.calls_per_hour // SHARE_AT_ONCE)
