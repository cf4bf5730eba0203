"""One total time for several calls."""

from collections.abc import Callable

from bitbucket.errors import TimedOut


class Deadline:
    """A span that begins when it is made and is shared by every call that gets it.

    `clock` is a monotonic clock in seconds (`time.monotonic` at the composition root).
    """

    __slots__ = ("_clock", "_ends_at")

    def __init__(self, seconds: float, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends_at = clock() + seconds

    def remaining_seconds(self) -> float:
        """What is left of it; raises TimedOut once nothing is."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise TimedOut("The deadline has passed.")
        return left
