"""Waiting until the history of everything is read: a picture of a full page wants a full history."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from demo.waiting import wait_until

if TYPE_CHECKING:
    from demo.system import LocalSystem

LONGEST_READING_SECONDS = 900.0


def wait_until_read(system: LocalSystem) -> None:
    """Return when every history is whole."""
    command = [sys.executable, "-m", "flask", "--app", "app", "bittern", "status", "--json"]

    def is_read() -> bool:
        ran = subprocess.run(command, env=system.bittern_environment, capture_output=True, check=True)
        told = json.loads(ran.stdout)
        stages = [one["stage"] for row in told for one in row["repositories"]]
        return bool(stages) and all(row["is_listed"] for row in told) and set(stages) == {"done"}

    wait_until(is_read, what="the end of the first reading", timeout_seconds=LONGEST_READING_SECONDS)
