"""The processes that the demo starts: each leads its own group, writes to its own log, and is stopped as a group."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from demo.errors import ChildDied, StepFailed
from demo.warden import end_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from demo.warden import Warden

STOP_GRACE_SECONDS = 8.0
WATCH_SECONDS = 0.25


@dataclass(frozen=True)
class Child:
    """A running process and where it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log_path: Path


class Children:
    """Starts processes, notices when one ends, stops all of them with everything that they started."""

    def __init__(
        self, *, root: Path, log_directory: Path, warden: Warden, shield: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._root = root
        self._log_directory = log_directory
        self._warden = warden
        self.shield = shield
        self._running: list[Child] = []
        log_directory.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, command: Sequence[str], *, environment: Mapping[str, str]) -> Child:
        """Start `command` in a session of its own; raises StepFailed where there is no such program."""
        with self.shield():
            child = self._spawn(name, command, environment)
            self._running.append(child)
            self._warden.watch_group(child.process.pid)
            return child

    def run(self, name: str, command: Sequence[str], *, environment: Mapping[str, str], timeout_seconds: float) -> None:
        """Start `command` and wait for its end; raises StepFailed unless it ended well."""
        child = self.start(name, command, environment=environment)
        try:
            exit_code = child.process.wait(timeout=timeout_seconds)
        except subprocess.TimeoutExpired as problem:
            raise StepFailed(f"{name} took over {timeout_seconds:.0f} s", log_path=child.log_path) from problem
        self._running.remove(child)
        self._warden.forget_group(child.process.pid)
        if exit_code:
            raise StepFailed(f"{name} ended with exit code {exit_code}", log_path=child.log_path)

    def check_alive(self) -> None:
        """Raises ChildDied for the first child that has ended."""
        for child in self._running:
            exit_code = child.process.poll()
            if exit_code is not None:
                raise ChildDied(child.name, exit_code=exit_code, log_path=child.log_path)

    def stay(self, *, still_worth_it: Callable[[], object] = lambda: None) -> NoReturn:
        """Stay until a child ends (ChildDied), a signal comes (Interrupted), or `still_worth_it` raises."""
        while True:
            self.check_alive()
            still_worth_it()
            threading.Event().wait(WATCH_SECONDS)

    def stop(self, *names: str) -> None:
        """Stop the named children, without names all, and everything in their groups; returns when they are gone."""
        leaving = [child for child in self._running if not names or child.name in names]
        groups = [child.process.pid for child in leaving]
        # The group is ended even where its leader has died already: what it started may still be there.
        end_groups(groups, grace_seconds=STOP_GRACE_SECONDS, reap=lambda: [child.process.poll() for child in leaving])
        for child in leaving:
            child.process.wait()
            self._running.remove(child)
            self._warden.forget_group(child.process.pid)

    def _spawn(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        log_path = self._log_directory / f"{name}.log"
        with log_path.open("ab") as log:
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=self._root,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as problem:
                raise StepFailed(f"{name} could not be started: {problem}", log_path=log_path) from problem
        return Child(name, process, log_path)


def last_lines(path: Path, *, count: int) -> list[str]:
    """The end of a log, for a person; empty where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - 32_768))
            text = log.read().decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:]
