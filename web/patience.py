"""How long what Bitbucket sends may wait in all: for its turn at a thread, and then for the database.

The worker says when a request had arrived whole. Whoever then waits for something else asks how long that may still take, so
that the two waits together end before Bitbucket gives up, at 10 s. A refusal makes it send again; silence does too, but it
cannot be told from a lost delivery.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

PATIENCE_SECONDS: Final = 6.0
"""From the arrival. Whoever has no turn at a thread by then is refused."""

SHORTEST_WAIT_SECONDS: Final = 1.0
"""So long a request may wait for the database, however long it has waited for a thread: a lock is kept for less, if all is well."""

RETRY_AFTER_SECONDS: Final = 5
"""When to come back after a refusal."""

_arrived_at: ContextVar[float | None] = ContextVar("arrived_at", default=None)


def note_arrival(moment: float) -> None:
    """Say in the thread of a request when it had arrived, by the monotonic clock."""
    _arrived_at.set(moment)


def of_this_request(*, clock: Callable[[], float] = time.monotonic) -> Callable[[], float]:
    """Return what tells, in any thread, how many seconds this request may still wait.

    Under a server that does not say when it arrived it is as if that were now.
    """
    arrived, now = _arrived_at.get(), clock()
    until = max((now if arrived is None else arrived) + PATIENCE_SECONDS, now + SHORTEST_WAIT_SECONDS)
    return lambda: max(0.0, until - clock())
