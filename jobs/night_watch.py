"""The night watch, on a thread of its own: what is worked out once a day may take a while, and nothing waits for it."""

import threading
from typing import TYPE_CHECKING, Final

import structlog

from sync.nightly import work_out_due

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

LOOK_SECONDS: Final = 60.0
"""How often it looks for repositories whose night has come: one that is new has its figures soon."""


class NightWatch:
    """Works out what is due, and then looks again at every interval until it is stopped."""

    def __init__(self, services: "Services", *, look_seconds: float = LOOK_SECONDS) -> None:
        self._services = services
        self._look_seconds = look_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="night-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, *, within_seconds: float) -> None:
        """End, after the repository that is under way. What is cut short is done again."""
        self._stopping.set()
        self._thread.join(within_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._work():
                self._stopping.wait(self._look_seconds)

    def _work(self) -> int:
        try:
            return work_out_due(self._services, is_stopping=self._stopping.is_set)
        except Exception:
            # The database may be away for a while. The next look comes anyway, and must.
            log.exception("nightly.broken_off")
            return 0
