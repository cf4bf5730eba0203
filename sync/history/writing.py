"""Opening a repository's history for writing, and bringing up to date at the end what follows from what was recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from models import repositories
from models.history import pull_requests
from models.repositories import Repository
from sync.history import follow_up_marks, measuring, timelines
from sync.history.projection import Projection


@contextmanager
def writing(
    session: Session, repository: Repository, *, now: datetime, has_moved: bool = False, asks: bool = True
) -> Iterator[Projection]:
    """Open the history of a repository whose row is locked (`repositories.locked`) for the rest of the transaction.

    At the end the repository's version has moved on by one if anything has changed; `has_moved` says that this transaction
    has moved it already. What the tellings leave open is marked as follow-ups, unless `asks` is False: whoever goes through
    a whole history asks for everything in an order of their own.
    """
    projection = Projection(session, repository, now)
    yield projection
    timelines.refresh(projection)
    if asks:
        follow_up_marks.mark(projection)
    if not projection.has_changed:
        return
    if not has_moved:
        repositories.touch(repository, now=now)
    pull_requests.set_version(session, repository, projection.changed_pull_requests, version=repository.version)
    measuring.measure_changed(projection)
