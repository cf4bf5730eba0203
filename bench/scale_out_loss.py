"""A worker, or a whole machine, is lost in the middle of its work: what bench.scale_out says of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.faults.books import Books, drain
from tests.scale_out.busy import busy, start
from tests.scale_out.loss import lose_in_the_middle
from tests.scale_out.site import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scale_out.site import Machine

SEED: Final = 1


def lose_a_worker() -> dict[str, Any]:
    """Return what becomes of a worker's work when its whole process group is killed."""
    return _lost(lambda machine: machine.lose_worker())


def lose_a_machine() -> dict[str, Any]:
    """Return the same for every process of a machine, those that were answering somebody included."""
    return _lost(lambda machine: machine.lose())


def _lost(lose: Callable[[Machine], None]) -> dict[str, Any]:
    """Return how long the work waited, and what became of requests meanwhile."""
    with site(machines=2) as made:
        start(made)
        with busy(made, seed=SEED) as load:
            loss = lose_in_the_middle(made, lambda: lose(made.machines[0]))
        drained = drain(made.house, within=600)
        books = Books.of(made.house, load.webhooks.sent)
        return {
            "claims_lost_with_it": loss.claims,
            "seconds_until_taken_up": round(loss.seconds, 1),
            "requests": len(load.webhooks.sent) + len(load.views.sent),
            "requests_failed": len(load.failed()),
            "deliveries_acknowledged": books.acknowledged,
            "deliveries_lost": len(books.lost),
            "seconds_until_applied": round(drained, 1),
        }
