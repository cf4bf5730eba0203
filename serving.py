"""What stands before a web server serves, whichever server it is: settings that are right, a database that is ours, room for counts.

PORT                where to listen (8080); on all interfaces where it is set, as platforms that set it expect
WEB_CONCURRENCY     worker processes (2); WEB_THREADS threads in each (8)
"""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from settings import Settings, SettingsInvalid, load_settings

if TYPE_CHECKING:
    from flask import Flask

METRICS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
METRICS_FILE_BYTES: Final = 1024 * 1024
"""More than all counts of one kind ever take."""
KINDS_OF_COUNTS: Final = ("counter", "histogram")

GRACEFUL_SECONDS: Final = 12
"""Bitbucket waits ten seconds for an answer; whoever was being answered when the server is told to stop is answered."""

CANNOT_START: Final = 2
"""The exit code of a server that an operator must do something for."""


def settings_or_exit() -> Settings:
    """The settings of this process. Where they are wrong, says all that is to be mended and ends it."""
    try:
        return load_settings()
    except SettingsInvalid as invalid:
        _exit(invalid.problems)


def exit_unless_servable(load: Callable[[], "Flask"]) -> None:
    """Load the application. End, with a sentence, where Bitbucket would refuse its descriptor or its database is not the one we need."""
    # Here, and not above: whoever serves sets where counts are kept before anything imports them.
    from connect.errors import DescriptorInvalid
    from models.errors import ModelsError
    from models.schema import require_current_schema
    from web.services import EXTENSION

    try:
        engine = load().extensions[EXTENSION].engine
        try:
            require_current_schema(engine)
        finally:
            # No connection may be inherited by the workers.
            engine.dispose()
    except DescriptorInvalid as invalid:
        _exit(invalid.problems)
    except ModelsError as error:
        _exit([str(error)])


def keep() -> None:
    """Have the collector leave alone what is there now, which is there for good: classes, routes, templates.

    To look through all of it takes tens of milliseconds, in the middle of somebody's request. And it would write into every page of
    memory, so that processes which began as copies of one another share none of them any more.
    """
    gc.collect()
    gc.freeze()


def accompany(application: "Flask", settings: Settings) -> None:
    """In a process that serves: note from now on that webhooks are taken in; serve the counts where the settings say so."""
    from web.attendant import Attendant
    from web.services import EXTENSION

    keep()
    Attendant(application.extensions[EXTENSION]).start()
    if settings.metrics_port is not None:
        from web.metrics import DEPTH, serve_on_own_port

        serve_on_own_port(settings.metrics_port, application.extensions[DEPTH])


@dataclass(frozen=True)
class Listening:
    """Where to listen, and with how much."""

    host: str
    port: int
    processes: int
    threads: int


def listening(settings: Settings) -> Listening:
    """What the environment says of it."""
    is_public = bool(os.environ.get("PORT")) and not settings.demo
    return Listening(
        host="0.0.0.0" if is_public else "127.0.0.1",  # noqa: S104 - see above
        port=int(os.environ.get("PORT") or 8080),
        processes=int(os.environ.get("WEB_CONCURRENCY") or 2),
        threads=int(os.environ.get("WEB_THREADS") or 8),
    )


class CountsFolder:
    """Where the processes of one server keep their counts. Make it before anything imports the metrics: it decides how they are kept."""

    def __init__(self) -> None:
        named = os.environ.get(METRICS_FOLDER)
        self._is_ours = not named
        self._path = Path(named or tempfile.mkdtemp(prefix="bittern-metrics-"))
        self._path.mkdir(parents=True, exist_ok=True)
        os.environ[METRICS_FOLDER] = str(self._path)

    def empty(self) -> None:
        """Forget what a server before has counted."""
        for left_over in self._path.glob("*.db"):
            left_over.unlink()

    def take_room(self, pid: int) -> None:
        """Take the room for a process's counts now: they are in memory that is a file, and where a disk is full that kills a process."""
        for kind in KINDS_OF_COUNTS:
            counts = self._path / f"{kind}_{pid}.db"
            if not counts.exists():  # or a process before had this number, and its counts stay
                counts.write_bytes(bytes(METRICS_FILE_BYTES))

    def remove(self) -> None:
        """Leave no files behind, where the folder is ours."""
        if self._is_ours:
            shutil.rmtree(self._path, ignore_errors=True)


def _exit(problems: Iterable[str]) -> NoReturn:
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    sys.exit(CANNOT_START)
