"""The sweep, every few seconds, on a thread of its own: it must go on when the queue is full, or gone."""

import threading
from typing import TYPE_CHECKING, Final

import structlog

from sync.clock_steps import ClockWatch, make_up_for_steps
from sync.sweep import TURN_LASTS, sweep_in_turn

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
"""How often it looks whether a sweep is due."""

INTERVAL_SECONDS: Final = LOOK_SECONDS + TURN_LASTS.total_seconds()
"""The longest from one sweep of any worker to the next of any. With the lease of a delivery, less than ten seconds until the
work of a killed worker is taken up again."""


class Sweeper:
    """Looks at once, and then again and again until it is stopped. However many workers have one, one of them sweeps at a time."""

    def __init__(self, services: "Services", *, look_seconds: float = LOOK_SECONDS) -> None:
        self._services = services
        self._look_seconds = look_seconds
        self._watch = ClockWatch(services.now)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the sweep that is under way."""
        self._stopping.set()
        self._thread.join(INTERVAL_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._sweep()
            self._stopping.wait(self._look_seconds)

    def _sweep(self) -> None:
        try:
            make_up_for_steps(self._services, self._watch)
            swept = sweep_in_turn(self._services)
        except Exception:
            # The database may be away for a while. The next sweep comes anyway, and must.
            log.exception("sweep.failed")
            return
        if swept is not None:
            log.debug("sweep.done", **{name: getattr(swept, name) for name in swept.__slots__})
