"""The attendant, on a thread of each web process: notes every few seconds that webhooks can be taken in here.

What it notes goes the way of a webhook, into the same database. So while that is away or locked nothing is noted, as nothing is
taken in; and whoever notes again afterwards sees for how long that was.
"""

import threading
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from sync.catching_up import NOTED_EVERY, note_presence

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()


class Attendant:
    """Notes at once, and then at every interval, until it is stopped or the process ends."""

    def __init__(self, services: "Services", *, interval_seconds: float = NOTED_EVERY.total_seconds()) -> None:
        self._services = services
        self._interval_seconds = interval_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attendant", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the note that is being made."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._note()
            self._stopping.wait(self._interval_seconds)

    def _note(self) -> None:
        try:
            note_presence(self._services)
        except SQLAlchemyError as error:
            # The database may be away for a while: that is what the next note will tell.
            log.warning("presence.not_noted", error=type(error).__name__)
