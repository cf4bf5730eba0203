"""Losing a machine in the middle of its work, and how long it takes until another has taken that up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from demo.waiting import wait_until
from models.backfills import Backfill, RepositoryListing
from models.history.follow_ups import FollowUp
from models.inbox import Delivery
from models.reconciles import Reconcile

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scale_out.site import Site

WORK = (Delivery, Backfill, RepositoryListing, FollowUp, Reconcile)
BUSY = 3
"""So many claims at once are more than one worker's threads for histories hold: both are in the middle of something."""
FINISHED_SECONDS = 2.5
"""By then those who live have done what they were at; a lease is longer."""
LIMIT_SECONDS = 120.0

Claim = tuple[str, int, str]


@dataclass(frozen=True)
class Loss:
    """How many claims died with whoever held them, and after how many seconds the last of them was somebody else's, or done."""

    claims: int
    seconds: float


def lose_in_the_middle(site: Site, lose: Callable[[], None]) -> Loss:
    """Lose something that is at work. No row says whose a claim is: those are the lost ones that nobody finishes."""
    wait_until(lambda: len(claims(site)) >= BUSY, what="work on both machines", timeout_seconds=LIMIT_SECONDS)
    lose()
    began = time.monotonic()
    left = claims(site)
    lost: set[Claim] | None = None

    def is_taken_up() -> bool:
        nonlocal lost
        left.intersection_update(claims(site))
        if lost is None and time.monotonic() - began > FINISHED_SECONDS:
            lost = set(left)
        return lost is not None and not left

    wait_until(is_taken_up, what="others to take the work up", timeout_seconds=LIMIT_SECONDS)
    return Loss(len(lost or ()), time.monotonic() - began)


def claims(site: Site) -> set[Claim]:
    """Every claim that somebody holds: the table, the row, and the name of the claim."""
    with site.house.readers() as session:
        return {
            (table.__tablename__, row_id, owner)
            for table in WORK
            for row_id, owner in session.execute(
                select(table.id, table.lease_owner).where(table.lease_owner.is_not(None))
            )
        }
