"""The sweep: wakes whatever is due, clears what is over. No other recovery exists, and none is needed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from models import censuses, deletions, inbox, proofs, purges, reconciles, turns
from models.history import follow_ups, measurings
from sync.backfill.beginning import begin_missing, forget_counts
from sync.catching_up import catch_up
from sync.reconcile.planning import plan_missing
from sync.retention import forget_gone

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

MOST_RINGS: Final = 100
"""Of each kind and sweep: a backlog needs no ring for each of its deliveries, since a worker's ring may serve any of them."""

MOST_ROWS: Final = 500
PROCESSED_KEPT: Final = timedelta(days=7)
"""A delivery is known as a duplicate for so long. Bitbucket sends again within minutes."""
DEAD_KEPT: Final = timedelta(days=30)


TURN: Final = "sweep"
TURN_LASTS: Final = timedelta(seconds=2)
"""So long after a sweep nobody begins another, however many workers there are."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: rings by kind, dead letters made, and old deliveries deleted."""

    deliveries: int
    proofs: int
    purges: int
    buried: int
    forgotten: int
    deletions: int = 0
    begun: int = 0
    follow_ups: int = 0
    reconciles: int = 0
    censuses: int = 0
    planned: int = 0
    outdated: int = 0


def sweep_in_turn(services: "Services") -> Swept | None:
    """Sweep, unless another worker has just done so. None where it has."""
    now = services.now()
    with services.readers() as session:
        if turns.is_taken(session, TURN, now=now, lasts=TURN_LASTS):
            return None
    with services.redoable.begin() as session:
        if not turns.take(session, TURN, now=now, lasts=TURN_LASTS):
            return None
    return sweep(services)


def sweep(services: "Services") -> Swept:
    """Look once for everything that is due. Writes, and takes the write lock, only where there is something to write."""
    now = services.now()
    buried, forgotten = _bury(services, now), _forget(services, now)
    begun = begin_missing(services)
    forget_counts(services)
    planned = plan_missing(services)
    catch_up(services)
    forget_gone(services)
    with services.readers() as session:
        deliveries = inbox.due(session, now=now, at_most=MOST_RINGS)
        unproved = proofs.due(session, now=now, at_most=MOST_RINGS)
        ended = purges.due(session, now=now, at_most=MOST_RINGS, at_most_a_day=services.settings.purges_per_day)
        asked = deletions.due(session, now=now, at_most=MOST_RINGS)
        questions = follow_ups.due(session, now=now, at_most=MOST_RINGS)
        comparisons = reconciles.due(session, now=now, at_most=MOST_RINGS)
        listings = censuses.due(session, now=now, at_most=MOST_RINGS)
        outdated = measurings.due(session, now=now, at_most=MOST_RINGS)
    for ring, row_ids in (
        (services.wake.delivery, deliveries),
        (services.wake.proof, unproved),
        (services.wake.purge, ended),
        (services.wake.deletion, asked),
        (services.wake.follow_up, questions),
        (services.wake.census, listings),
        (services.wake.reconcile, comparisons),
        (services.wake.measuring, outdated),
    ):
        for row_id in row_ids:
            ring(row_id)
    return Swept(
        len(deliveries),
        len(unproved),
        len(ended),
        buried,
        forgotten,
        deletions=len(asked),
        begun=begun,
        follow_ups=len(questions),
        reconciles=len(comparisons),
        censuses=len(listings),
        planned=planned,
        outdated=len(outdated),
    )


def _bury(services: "Services", now: datetime) -> int:
    with services.readers() as session:
        exhausted = inbox.exhausted(session, now=now, at_most=MOST_ROWS)
    if not exhausted:
        return 0
    with services.sessions.begin() as session:
        buried = inbox.bury(session, exhausted, now=now)
    log.error("delivery.workers_lost", deliveries=list(exhausted))
    return buried


def _forget(services: "Services", now: datetime) -> int:
    with services.readers() as session:
        obsolete = inbox.obsolete(
            session, processed_before=now - PROCESSED_KEPT, dead_before=now - DEAD_KEPT, at_most=MOST_ROWS
        )
    if not obsolete:
        return 0
    with services.sessions.begin() as session:
        return inbox.forget(session, obsolete)
