"""Measuring anew: after the settings of a workspace, or the main branch of a repository, or the way of measuring has changed.

The row in `measurings` is the work. The newest pull requests come first, since they are the ones that figures show; each page
is a transaction of its own and moves the repository's version, so that open pages follow.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import repositories
from models.history import measurements, measurings
from models.installations import Installation
from models.repositories import Repository
from sync.history.measuring import AT_ONCE, measure_some, yardstick_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from services import Services

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=30)
"""For one page; each one renews it. A worker that is killed holds the rest up for as long."""

MOST_RINGS: Final = 500

NO_NUMBER: Final = 2_147_483_647
"""Larger than that of any pull request."""


def measure_anew(services: "Services", repository_id: int) -> bool:
    """Measure a repository's pull requests as the settings want it now. False where they are, or others are at it."""
    with services.redoable.begin() as session:
        owner = measurings.claim(session, repository_id, now=services.now(), lease=LEASE)
    if owner is None:
        return False
    measured = 0
    # Again from the newest until nothing is left: the settings may have been changed once more meanwhile.
    while some := _pass(services, repository_id, owner):
        measured += some
    log.info("repository.measured_anew", repository=repository_id, pull_requests=measured)
    return True


def wake_for(services: "Services", installation: Installation) -> None:
    """Wake a worker for each repository of an installation whose settings were just changed; the sweep would find them too."""
    with services.readers() as session:
        due = set(measurings.due(session, now=services.now(), at_most=MOST_RINGS))
        held = [row.id for row in repositories.held(session, installation) if row.id in due]
    for repository_id in held:
        services.wake.measuring(repository_id)


def _pass(services: "Services", repository_id: int, owner: str) -> int:
    """Go through all of them once. Returns how many had to be measured; where none had, all of them are noted as measured."""
    measured, below = 0, NO_NUMBER
    while numbers := _page(services, repository_id, owner, below=below):
        measured, below = measured + len(numbers), numbers[-1]
    return measured


def _page(services: "Services", repository_id: int, owner: str, *, below: int) -> Sequence[int]:
    """Measure the next ones with smaller numbers. Returns none where nothing is left, or the claim is lost."""
    now = services.now()
    with services.redoable.begin() as session:
        row = _locked(session, repository_id)
        if row is None or not measurings.keep(session, row, owner, until=now + LEASE):
            return ()
        yardstick = yardstick_of(session, row)
        numbers = measurements.outdated(session, row, basis=yardstick.basis, below=below, at_most=AT_ONCE)
        if numbers:
            repositories.touch(row, now=now)
            measure_some(session, row, numbers, yardstick)
        elif below == NO_NUMBER:
            measurings.finish(session, row, owner, basis=yardstick.basis, settings_version=yardstick.settings_version)
        return numbers


def _locked(session: "Session", repository_id: int) -> Repository | None:
    row = session.get(Repository, repository_id)
    if row is None:
        return None
    return repositories.locked(session, session.get_one(Installation, row.installation_id), row.uuid)
