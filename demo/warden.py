"""A tiny process that outlives a killed supervisor and cleans up after it. Standard library only.

The supervisor holds the write end of the warden's standard input and says, line by line, what would have to go:
`group 123` (a process group), `directory /path`, `forget 123`, at last `farewell`. When the pipe closes without a
farewell, the supervisor is gone (SIGKILL, a crash): the warden ends the groups and removes the directories.
Nothing else ends every child in that case: a death signal from the kernel is Linux only and stops at grandchildren.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

GRACE_SECONDS = 5.0


def end_groups(groups: Iterable[int], *, grace_seconds: float, reap: Callable[[], object] = lambda: None) -> None:
    """SIGTERM to every group at once, SIGKILL to what is left after the grace.

    `reap` is called while waiting: a child that nobody waits for stays in its group as a zombie.
    """
    remaining = [group for group in groups if _signal_group(group, signal.SIGTERM)]
    for number in (0, signal.SIGKILL):
        deadline = time.monotonic() + grace_seconds
        while remaining and time.monotonic() < deadline:
            reap()
            remaining = [group for group in remaining if _signal_group(group, number)]
            if remaining:
                threading.Event().wait(0.02)


def _signal_group(group: int, number: int) -> bool:
    """Whether somebody was there to receive it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


class Warden:
    """The supervisor's side: starts the process and tells it what there is."""

    def __init__(self, *, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo.warden"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._say("farewell")
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self._process.wait()

    def watch_group(self, group: int) -> None:
        self._say(f"group {group}")

    def forget_group(self, group: int) -> None:
        self._say(f"forget {group}")

    def watch_directory(self, path: Path) -> None:
        self._say(f"directory {path}")

    def _say(self, line: str) -> None:
        # A warden that somebody killed is no reason to fail: it only matters where we die as well.
        with contextlib.suppress(BrokenPipeError):
            self._input.write(f"{line}\n")
            self._input.flush()

    @property
    def _input(self) -> IO[str]:
        if self._process.stdin is None:  # pragma: no cover - a pipe was asked for
            raise RuntimeError("the warden has no input")
        return self._process.stdin


def keep_watch(lines: Iterable[str]) -> tuple[set[int], list[str]]:
    """What has to go once the lines end: groups and directories; both empty after a farewell."""
    groups: set[int] = set()
    directories: list[str] = []
    for line in lines:
        word, _, value = line.rstrip("\n").partition(" ")
        if word == "group":
            groups.add(int(value))
        elif word == "forget":
            groups.discard(int(value))
        elif word == "directory":
            directories.append(value)
        elif word == "farewell":
            return set(), []
    return groups, directories


def main() -> None:
    """Wait for the end of standard input, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups, directories = keep_watch(sys.stdin)
    end_groups(groups, grace_seconds=GRACE_SECONDS)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
