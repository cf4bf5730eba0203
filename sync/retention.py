"""Letting go of what is too old: histories of repositories that are gone, and pull requests that were closed long ago.

A batch at a time, so that others get their turn at the database.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import installations, repositories
from models.history import deletion, retention
from models.repositories import Repository, RepositoryState

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

BATCH_ROWS: Final = 500
BATCH_PULL_REQUESTS: Final = 20


def kept_since(services: "Services") -> datetime | None:
    """The moment before which nothing closed is kept; None where everything is."""
    days = services.settings.history_days
    return None if days is None else services.now() - timedelta(days=days)


def forget_gone(services: "Services") -> int:
    """Delete a batch of the history of a repository that has been gone for as long as an uninstalled workspace's data is kept.

    Returns how many rows; 0 where there is nothing to do.
    """
    kept_until = services.now() - timedelta(days=services.settings.retention_days)
    with services.readers() as session:
        gone = retention.gone_before(session, kept_until)
    if gone is None:
        return 0
    with services.redoable.begin() as session:
        installation = installations.shared(session, gone.installation_id)
        row = repositories.locked(session, installation, gone.uuid) if installation is not None else None
        if row is None or row.state is not RepositoryState.GONE:
            return 0
        deleted = deletion.delete_batch(session, deletion.of_repository(row), at_most=BATCH_ROWS)
        if not deleted:
            retention.forget_name(row)
    if not deleted:
        log.info("repository.forgotten", installation=gone.installation_id, repository=gone.id)
    return deleted


def trim(services: "Services", repository_id: int) -> int:
    """Delete what was closed in a repository before the time that is kept. Returns how many rows."""
    moment = kept_since(services)
    if moment is None:
        return 0
    rows = 0
    while deleted := _trim_batch(services, repository_id, moment):
        rows += deleted
    if rows:
        log.info("repository.trimmed", repository=repository_id, rows=rows)
    return rows


def _trim_batch(services: "Services", repository_id: int, moment: datetime) -> int:
    with services.redoable.begin() as session:
        repository = session.get(Repository, repository_id)
        installation = installations.shared(session, repository.installation_id) if repository is not None else None
        if repository is None or installation is None:
            return 0
        row = repositories.locked(session, installation, repository.uuid)
        if row is None:
            return 0
        numbers = retention.closed_before(session, row, moment, at_most=BATCH_PULL_REQUESTS)
        if not numbers:
            return retention.delete_told_before(session, row, moment, at_most=BATCH_ROWS)
        repositories.touch(row, now=services.now())
        return retention.delete_pull_requests(session, row, numbers)
