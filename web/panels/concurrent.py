"""Several calls at once under one deadline: the results in the order of the calls, or the first failure."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from functools import cache
from typing import Final, TypeVar

from bitbucket.deadline import Deadline
from bitbucket.errors import TimedOut

T = TypeVar("T")

# Threads of this process that wait for Bitbucket: four calls a look, and a thread holds one connection open.
MOST_CALLS_AT_ONCE: Final = 16


def start(call: Callable[[], T]) -> Future[T]:
    """Begin a call."""
    return _pool().submit(call)


def finish(future: Future[T], deadline: Deadline) -> T:
    """Return what a call gave. Raises what it raised, TimedOut where the deadline is over."""
    # The call keeps the deadline by itself; waiting no longer than it also covers a pool whose threads are all taken.
    try:
        return future.result(timeout=deadline.remaining_seconds())
    except FutureTimeout as error:
        future.cancel()
        raise TimedOut("The calls of this page took too long together.") from error


def all_at_once(calls: Sequence[Callable[[], T]], deadline: Deadline) -> list[T]:
    """Return what each call gave, in order."""
    return [finish(future, deadline) for future in [start(call) for call in calls]]


@cache
def _pool() -> ThreadPoolExecutor:
    # Made at the first look and not at import, so that every worker process that was forked has its own.
    return ThreadPoolExecutor(MOST_CALLS_AT_ONCE, thread_name_prefix="bitbucket")
