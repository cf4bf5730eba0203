"""The watchdog: ends the worker where a piece of work comes to no end, so that whoever keeps it running starts it anew.

A thread cannot be ended from outside, and one that hangs within a transaction holds up others: on SQLite, all that write. A
delivery was counted when it was claimed, so one that hangs five times is a dead letter, as one that fails.

Work that lets other threads run is seen by the watchdog's own. Work that does not, such as a regular expression that explodes,
stops that thread too: then a timer that needs no Python finds that nobody has wound it up.
"""

import contextlib
import faulthandler
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import structlog

log = structlog.get_logger()

LIMITS_SECONDS: Final[Mapping[str, float]] = {"apply_delivery": 12.0}
"""How long a task may take. Only for what asks nobody outside.

Shorter than Bitbucket tries: where a transaction that hangs keeps SQLite's lock, each of its three attempts is refused after five
seconds, and what the third one finds locked is lost until the next comparison.
"""

FROZEN_SECONDS: Final = 12.0
"""After so long without a turn of its own thread, the process is taken for frozen. As short, for the same reason."""

LOOK_SECONDS: Final = 1.0
EXIT_CODE: Final = 70
"""EX_SOFTWARE: an error of the program itself."""


class Watchdog:
    """Looks again and again until it is stopped."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, end_process: Callable[[int], object] = os._exit
    ) -> None:
        self._clock = clock
        self._end_process = end_process
        self._under_way: dict[int, tuple[str, float]] = {}
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End: from now on nothing is too slow."""
        self._stopping.set()
        self._thread.join(LOOK_SECONDS)
        faulthandler.cancel_dump_traceback_later()

    @contextlib.contextmanager
    def over(self, task: str) -> Iterator[None]:
        """Watch over a task while this is entered."""
        number = next(self._numbers)
        self._under_way[number] = (task, self._clock())
        try:
            yield
        finally:
            del self._under_way[number]

    def look(self) -> None:
        """End the process where something takes too long."""
        now = self._clock()
        for task, began in list(self._under_way.values()):
            limit = LIMITS_SECONDS.get(task)
            if limit is not None and now - began > limit:
                log.critical("worker.hangs", task=task, seconds=round(now - began, 1))
                # Its stack says where; it goes where uncaught exceptions go.
                faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr)
                self._end_process(EXIT_CODE)

    def _run(self) -> None:
        while not self._stopping.is_set():
            faulthandler.dump_traceback_later(FROZEN_SECONDS, exit=True, file=sys.__stderr__ or sys.stderr)
            self.look()
            self._stopping.wait(LOOK_SECONDS)
