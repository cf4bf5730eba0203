"""The sweep, every few seconds, on a thread of its own: it must go on when the queue is full, or gone."""

import threading
from typing import TYPE_CHECKING, Final

import structlog

from sync.clock_steps import ClockWatch, make_up_for_steps
from sync.sweep import sweep

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

INTERVAL_SECONDS: Final = 3.0
"""With the lease of a delivery, less than ten seconds until the work of a killed worker is taken up again."""


class Sweeper:
    """Sweeps at once, and then at every interval until it is stopped. Several workers may each have one."""

    def __init__(self, services: "Services", *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._services = services
        self._interval_seconds = interval_seconds
        self._watch = ClockWatch(services.now)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep that is under way."""
        self._stopping.set()
        self._thread.join(self._interval_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._sweep()
            self._stopping.wait(self._interval_seconds)

    def _sweep(self) -> None:
        try:
            make_up_for_steps(self._services, self._watch)
            swept = sweep(self._services)
        except Exception:
            # The database may be away for a while. The next sweep comes anyway, and must.
            log.exception("sweep.failed")
        else:
            log.debug("sweep.done", **{name: getattr(swept, name) for name in swept.__slots__})
