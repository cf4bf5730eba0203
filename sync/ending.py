"""Ending work at once: of an installation that was removed, or of a repository that is gone. What is under way stores nothing more.

Nothing is deleted here. Should the app be installed again, or the repository come back, the old history is there, and what has
happened in between is the first thing that is compared.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from models import censuses, reconciles
from models.history import follow_ups

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.installations import Installation
    from models.repositories import Repository


def end_work_of(session: "Session", installation: "Installation", *, now: datetime) -> None:
    """Take all work of an installation from whoever does it, in the transaction that ends the installation."""
    reconciles.end_all(session, installation, now=now)
    follow_ups.release_all(session, installation)
    censuses.end(session, installation, now=now)


def end_work_on(session: "Session", repository: "Repository", *, now: datetime) -> None:
    """The same for one repository, in the transaction that lets it go."""
    reconciles.end(session, repository, now=now)
    follow_ups.release_of(session, repository)
