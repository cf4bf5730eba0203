"""Waiting on a condition, never on a guess of how long something takes."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

from demo.errors import WaitedTooLong

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Found = TypeVar("Found")

PAUSE_SECONDS = 0.05


def wait_until(
    condition: Callable[[], Found | None],
    *,
    what: str,
    timeout_seconds: float,
    still_worth_it: Callable[[], object] = lambda: None,
    log_path: Path | None = None,
) -> Found:
    """The first truthy value of `condition`.

    `still_worth_it` is called before each try and raises where waiting makes no sense any more (a dead child, for one).
    Raises WaitedTooLong.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        still_worth_it()
        if found := condition():
            return found
        if time.monotonic() >= deadline:
            raise WaitedTooLong(what, timeout_seconds=timeout_seconds, log_path=log_path)
        threading.Event().wait(PAUSE_SECONDS)
