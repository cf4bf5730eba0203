"""How much waits in the inbox, as gauges: read from the database when somebody asks, at most once in some seconds.

It is the same in every process, so no process counts it. Where the database does not answer the gauges are left out, and the counts are
shown all the same.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from models import inbox

if TYPE_CHECKING:
    from models.inbox import Backlog
    from services import Services

KEPT_SECONDS: Final = 5.0


class InboxDepth(Collector):
    """The gauges of one process."""

    def __init__(self, services: "Services", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: Backlog | None = None
        self._kept_until = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """Yield what waits, what was given up, and for how long the oldest has waited."""
        backlog = self._backlog()
        if backlog is None:
            return
        yield GaugeMetricFamily("bittern_inbox_pending", "Deliveries that wait to be applied.", backlog.pending)
        yield GaugeMetricFamily("bittern_inbox_dead", "Deliveries that were given up.", backlog.dead)
        since = backlog.oldest_received_at
        age = 0.0 if since is None else max(0.0, (self._services.now() - since).total_seconds())
        yield GaugeMetricFamily(
            "bittern_inbox_oldest_seconds", "How long the oldest of those that wait has waited.", age
        )

    def _backlog(self) -> "Backlog | None":
        with self._guard:
            if self._clock() >= self._kept_until:
                self._kept = self._read()
                self._kept_until = self._clock() + KEPT_SECONDS
            return self._kept

    def _read(self) -> "Backlog | None":
        try:
            with self._services.readers() as session:
                return inbox.backlog(session)
        except SQLAlchemyError:
            return None
