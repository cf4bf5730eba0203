"""What a platform does for a process: starts it again whenever it has ended."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.children import Child
    from tests.faults.running import Running

LOOK_SECONDS = 0.1


@contextlib.contextmanager
def kept_running(house: Running, name: str, *command: str) -> Iterator[list[Child]]:
    """A child that is started again whenever it has ended. Yields the list of its starts."""
    starts, leaving = [house.start(name, *command)], threading.Event()

    def watch() -> None:
        while not leaving.wait(LOOK_SECONDS):
            if starts[-1].process.poll() is not None:
                house.stop(name)
                starts.append(house.start(name, *command))

    thread = threading.Thread(target=watch, name=f"keeps {name} running")
    thread.start()
    try:
        yield starts
    finally:
        leaving.set()
        thread.join()
