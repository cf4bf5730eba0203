"""Having histories read that nobody has asked for yet: what an event or an installation has begun, and what was missed."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from models import backfills, installations, quota
from models.repositories import Repository
from sync.backfill.listing import READS_BACK

if TYPE_CHECKING:
    from services import Services

MOST_ROWS: Final = 200


def begin_missing(services: "Services") -> int:
    """Have every active installation's repositories listed, and every history of them read. Returns how many were not yet."""
    now = services.now()
    with services.readers() as session:
        unlisted = backfills.unlisted(session, at_most=MOST_ROWS)
        unread = backfills.unread(session, at_most=MOST_ROWS)
    for installation_id in unlisted:
        _list(services, installation_id, now)
    for repository_id in unread:
        _read(services, repository_id, now)
    return len(unlisted) + len(unread)


def forget_counts(services: "Services") -> int:
    """Delete counts of calls that no hour holds any more."""
    with services.readers() as session:
        old = quota.obsolete(session, now=services.now(), at_most=MOST_ROWS)
    if not old:
        return 0
    with services.redoable.begin() as session:
        return quota.forget(session, old)


def _list(services: "Services", installation_id: int, now: datetime) -> None:
    with services.sessions.begin() as session:
        installation = installations.shared(session, installation_id)
        if installation is not None and installation.is_active:
            backfills.begin(session, installation, now=now)


def _read(services: "Services", repository_id: int, now: datetime) -> None:
    with services.sessions.begin() as session:
        repository = session.get(Repository, repository_id)
        if repository is not None:
            backfills.ensure(session, repository, since=now - READS_BACK, now=now)
