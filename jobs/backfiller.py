"""The backfill, on threads of its own: it must never keep an event waiting, and goes on when the queue is full, or gone."""

import threading
from typing import TYPE_CHECKING, Final

import structlog

from sync.backfill.advancing import advance_next

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
"""How often an idle thread looks for a page that is due. With the lease of a page, less than ten seconds until the page of a
killed worker is taken up again."""


class Backfiller:
    """Does page after page while any is due, and then looks again at every interval."""

    def __init__(self, services: "Services", *, threads: int, look_seconds: float = LOOK_SECONDS) -> None:
        self._services = services
        self._look_seconds = look_seconds
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"backfiller-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, within_seconds: float) -> None:
        """End, after the pages that are under way. What takes longer is taken up again when its lease has ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(within_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._advance():
                self._stopping.wait(self._look_seconds)

    def _advance(self) -> bool:
        try:
            return advance_next(self._services)
        except Exception:
            # The database may be away for a while. The next look comes anyway, and must.
            log.exception("backfill.broken_off")
            return False
