"""The web server with granian in gunicorn's place: `python granian_server.py`, from requirements/granian.txt.

The same application, checks, counts and limits as with gunicorn (serving.py, gunicorn.conf.py). What granian does not have is
patience: a client that sends its body slowly holds one of its threads. So it serves only behind a proxy that hands on whole
requests, as nginx does unless it is told otherwise, and does not start without one.

Not by granian's own command, which is a click command as Flask's is: within one, `create_app` takes itself to be asked for commands.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import re
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

import logs
import serving

try:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.net import SocketSpec  # type: ignore[attr-defined]  # granian passes it on without saying so
    from granian.server.mp import MPServer
except ModuleNotFoundError:
    sys.stderr.write(
        "granian is not installed. Install requirements/granian.txt, or start gunicorn as the Procfile does.\n"
    )
    sys.exit(serving.CANNOT_START)

from web.closing_door import let_nobody_in, wait_until_all_are_in

if TYPE_CHECKING:
    from flask import Flask

    from settings import Settings

KEPT_MILLISECONDS: Final = 15_000
"""So long a head may take to arrive, and so long a connection is kept for the next one. nginx hangs up before."""

# What a request says comes under these names; a variable of the same name would pass for something that the client has sent.
_NAMES_OF_REQUESTS: Final = re.compile(
    r"HTTP_.*|HTTPS|REMOTE_.*|REQUEST_.*|SERVER_.*|CONTENT_.*|AUTH_TYPE|PATH_INFO|QUERY_STRING|SCRIPT_NAME|RAW_URI"
)
# granian's own messages go through the processors that everything goes through.
_LOGGERS: Final = {"handlers": {}, "formatters": {}, "loggers": {"_granian": {"handlers": [], "propagate": True}}}


class Server(MPServer):
    """granian with one door for all of its processes, held by the main process.

    By itself it gives each process a socket of its own, and what waits in that is cut off when the process ends.
    """

    _shd: Any
    _sso: Any

    def _init_shared_socket(self) -> None:
        self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)

    def _drop_shared_socket(self) -> None:
        """Called once, before the processes are told to stop."""
        with contextlib.suppress(OSError):  # not on Linux: who waits is cut off, and sends again
            let_nobody_in(self._sso)
            wait_until_all_are_in(self._sso)
        super()._drop_shared_socket()  # type: ignore[no-untyped-call]


def main() -> None:
    """Serve until told to stop."""
    settings = serving.settings_or_exit()
    _exit_unless_behind_a_proxy(settings)
    for name in [name for name in os.environ if _NAMES_OF_REQUESTS.fullmatch(name)]:
        del os.environ[name]
    counts = serving.CountsFolder()
    try:
        counts.empty()
        logs.configure(level=settings.log_level, log_format=settings.log_format)
        serving.exit_unless_servable(functools.partial(made_of, settings))
        server_of(settings).serve(target_loader=functools.partial(load, settings, counts), wrap_loader=False)
    finally:
        counts.remove()


def made_of(settings: Settings) -> Flask:
    """The application."""
    from app import create_app

    return create_app(settings)


def load(settings: Settings, counts: serving.CountsFolder) -> Flask:
    """The application, in a process that is to serve it."""
    # Until granian has set its own: the main process's, which this one has inherited, would take the signal and not end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    counts.take_room(os.getpid())
    application = made_of(settings)
    serving.accompany(application, settings)
    threading.Thread(target=_stop_with_the_main_process, name="orphan", daemon=True).start()
    return application


def server_of(settings: Settings) -> Server:
    from web.arrivals import MAX_HEAD_BYTES

    listening = serving.listening(settings)
    return Server(
        "app:create_app",
        address=listening.host,
        port=listening.port,
        interface=Interfaces.WSGI,
        workers=listening.processes,
        blocking_threads=listening.threads,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=KEPT_MILLISECONDS, max_buffer_size=MAX_HEAD_BYTES),
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGERS,
        respawn_failed_workers=True,
        workers_kill_timeout=serving.GRACEFUL_SECONDS,
    )


def _exit_unless_behind_a_proxy(settings: Settings) -> None:
    if not settings.proxy_hops and not settings.demo:
        sys.stderr.write(
            "granian serves only behind a proxy that hands on whole requests: set BITTERN_PROXY_HOPS, or start gunicorn as the "
            "Procfile does.\n"
        )
        sys.exit(serving.CANNOT_START)


def _stop_with_the_main_process() -> None:
    """Nobody would tell a process to stop whose main process was killed, and nobody could listen in its place."""
    main_process = multiprocessing.parent_process()
    if main_process is not None:
        main_process.join()
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(serving.GRACEFUL_SECONDS)
        os._exit(1)


if __name__ == "__main__":
    main()
