"""Waiting until the history of everything is read: a picture of a full page wants a full history."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from demo.waiting import wait_until

if TYPE_CHECKING:
    from demo.system import LocalSystem

LONGEST_READING_SECONDS = 900.0
LOOK_SECONDS = 4.0


def wait_until_read(system: LocalSystem) -> None:
    """Return when every history is whole."""
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", "status", "--json"]

    # Never set: each look starts a program, and the worker needs the processor.
    pause = threading.Event()

    def is_read() -> bool:
        ran = subprocess.run(command, env=system.bittern_environment, capture_output=True, check=True)
        told = json.loads(ran.stdout)
        stages = [one["stage"] for row in told for one in row["repositories"]]
        is_done = bool(stages) and all(row["is_listed"] for row in told) and set(stages) == {"done"}
        return is_done or pause.wait(LOOK_SECONDS)

    wait_until(is_read, what="the end of the first reading", timeout_seconds=LONGEST_READING_SECONDS)
