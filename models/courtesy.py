"""Who may go first at SQLite's one write lock: whoever has somebody waiting outside goes before work that can wait.

SQLite gives the lock to whoever happens to ask when it is free, and those who have waited long ask ever more seldom. A worker
that applies a backlog asks again at once, and would keep webhooks waiting until they are refused. So a writer that must not
wait says so while it waits, by a shared hold on a file beside the database, and work that can be redone waits while there is
such a hold: for a while, not for ever, since a backlog must end under any load. The kernel lets go of a killed process's hold.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Final

SUFFIX: Final = "-waiting"
LONGEST_COURTESY_SECONDS: Final = 0.25
"""Then even the less urgent take their turn: some transactions a second, however many webhooks come."""
_PAUSE_SECONDS: Final = 0.005
_PAUSE: Final = Event().wait


class Courtesy:
    """The file beside one database. Where it cannot be made, everybody takes their chance as without it."""

    def __init__(
        self,
        database: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = _PAUSE,
    ) -> None:
        self._path = database + SUFFIX
        self._clock = clock
        self._pause = pause

    @contextlib.contextmanager
    def first(self) -> Iterator[None]:
        """While this is entered, the less urgent wait."""
        with _hold(self._path, fcntl.LOCK_SH):
            yield

    def give_way(self) -> None:
        """Wait until nobody is first, or the courtesy has been long enough."""
        until = self._clock() + LONGEST_COURTESY_SECONDS
        while self._is_anybody_first() and self._clock() < until:
            self._pause(_PAUSE_SECONDS)

    def _is_anybody_first(self) -> bool:
        with _hold(self._path, fcntl.LOCK_EX) as is_alone:
            return not is_alone


@contextlib.contextmanager
def _hold(path: str, kind: int) -> Iterator[bool]:
    """Hold the file in this way, if that can be done at once. Yields whether nobody was in the way."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True
        return
    try:
        yield _is_locked(descriptor, kind)
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
