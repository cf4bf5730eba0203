"""The tasks: what a worker runs when it is woken. Each calls one function of sync/ with a row id and knows no more than that."""

import threading
import time
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Final

import structlog
from huey import Huey
from huey.api import TaskWrapper

from jobs import metrics
from jobs.errors import QueueUnreachable
from jobs.queue import create_queue
from jobs.watchdog import Watchdog
from sync.backfill.advancing import advance_for
from sync.deletion import delete_asked
from sync.deliveries import apply_next
from sync.follow_ups import answer
from sync.measuring import measure_anew
from sync.proof import prove_installation
from sync.purge import purge_installation
from sync.reconcile.census import take_census
from sync.reconcile.repository import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from services import Services
    from settings import Settings

log = structlog.get_logger()

TASKS: Final["Mapping[str, Callable[[Services, int], object]]"] = {
    "advance_backfill": advance_for,
    "answer_follow_up": answer,
    "apply_delivery": apply_next,
    "compare_repository": compare,
    "delete_asked": delete_asked,
    "measure_anew": measure_anew,
    "prove_installation": prove_installation,
    "purge_installation": purge_installation,
    "take_census": take_census,
}


DELIVERY: Final = "apply_delivery"
RING_SECONDS: Final = 0.05
"""So long after a ring for a delivery comes no other: whoever hears one goes on until nothing is due."""

MOST_OF_A_RING: Final = 50
"""Deliveries that a ring is good for. Then it is rung once more, so that other work has its turn."""


class Jobs:
    """The queue with its tasks. Every process can ring for work; the worker, which has called `serve`, does it."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._services: Services | None = None
        self.watchdog = Watchdog()
        """Watches over the tasks that run here; the worker starts it."""
        self._alone = threading.Lock()
        self._bell = threading.Lock()
        self._rung_at = -RING_SECONDS
        self._is_about_to_ring = False

    def delivery(self, delivery_id: int) -> None:
        """Wake a worker for a delivery: at once, or with those that come in this moment.

        A ring is a transaction of the queue's own, and dearer than to take the delivery in. The last of many comes after the last of
        their commits, whoever's it was.
        """
        with self._bell:
            if self._is_about_to_ring:
                return
            wait_seconds = self._rung_at + RING_SECONDS - time.monotonic()
            if wait_seconds > 0:
                self._is_about_to_ring = True
                threading.Timer(wait_seconds, self._ring_late, (delivery_id,)).start()
                return
            self._rung_at = time.monotonic()
        self._ring(DELIVERY, delivery_id)

    def _ring_late(self, delivery_id: int) -> None:
        with self._bell:
            self._is_about_to_ring = False
            self._rung_at = time.monotonic()
        self._ring(DELIVERY, delivery_id)

    def proof(self, installation_id: int) -> None:
        """Wake a worker for an installation in quarantine."""
        self._ring("prove_installation", installation_id)

    def purge(self, installation_id: int) -> None:
        """Wake a worker for an installation whose data is to go."""
        self._ring("purge_installation", installation_id)

    def deletion(self, deletion_id: int) -> None:
        """Wake a worker for what an administrator has asked to delete."""
        self._ring("delete_asked", deletion_id)

    def follow_up(self, follow_up_id: int) -> None:
        """Wake a worker for a question that events left open."""
        self._ring("answer_follow_up", follow_up_id)

    def reconcile(self, reconcile_id: int) -> None:
        """Wake a worker for the comparison of a repository."""
        self._ring("compare_repository", reconcile_id)

    def census(self, census_id: int) -> None:
        """Wake a worker for the list of a workspace's repositories."""
        self._ring("take_census", census_id)

    def backfill(self, installation_id: int) -> None:
        """Wake a worker for an installation whose history is to be read."""
        self._ring("advance_backfill", installation_id)

    def measuring(self, repository_id: int) -> None:
        """Wake a worker for a repository whose pull requests have to be measured anew."""
        self._ring("measure_anew", repository_id)

    def serve(self, services: "Services") -> Huey:
        """Run tasks with these services from now on. Returns the queue with its tasks. Raises QueueUnreachable."""
        self._services = services
        try:
            self._register()
        except Exception as error:
            # Each backend has exceptions of its own, and all of them mean this.
            raise QueueUnreachable(f"The queue cannot be opened: {error}") from error
        return self._queue

    def _register(self) -> None:
        _ = self._tasks  # made on the first access

    @cached_property
    def _queue(self) -> Huey:
        # Opened when first needed: a queue that is down must not keep a web server from starting.
        return create_queue(queue_url=self._settings.queue_url, database_url=self._settings.database_url)

    @cached_property
    def _tasks(self) -> dict[str, TaskWrapper]:
        return {name: self._queue.task(name=name)(self._bound(name)) for name in TASKS}

    def _bound(self, name: str) -> "Callable[[int], None]":
        def run(row_id: int) -> None:
            if self._services is None:
                raise RuntimeError("only the worker runs tasks, after `serve`")
            if name != DELIVERY:
                with self.watchdog.over(name), metrics.counted(name):
                    TASKS[name](self._services, row_id)
            elif self._apply_next(self._services, row_id):
                self._go_on(self._services, row_id)

        return run

    def _apply_next(self, services: "Services", rung_for: int) -> object:
        """Apply one delivery. On SQLite one at a time, which has one writer anyway.

        Whoever claims there has the lock next: a delivery that hangs holds up none that was claimed before it, and those of others
        have their turn between two of one tenant.
        """
        alone = self._alone if services.engine.dialect.name == "sqlite" else nullcontext()
        with alone, self.watchdog.over(DELIVERY), metrics.counted(DELIVERY):
            return TASKS[DELIVERY](services, rung_for)

    def _go_on(self, services: "Services", rung_for: int) -> None:
        """Apply what else is due. Where that is more than one, others shall hear of it."""
        for number in range(1, MOST_OF_A_RING):
            if not self._apply_next(services, rung_for):
                return
            if number == 1:
                self._ring(DELIVERY, rung_for)
        self._ring(DELIVERY, rung_for)

    def _ring(self, name: str, row_id: int) -> None:
        try:
            self._tasks[name](row_id)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with the queue: the row is there, and the sweep finds it
            log.warning("wake.failed", task=name, row_id=row_id, error=type(error).__name__)
