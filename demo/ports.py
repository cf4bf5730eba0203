"""Free ports on the loopback interface, and holding them against other demos on this machine."""

from __future__ import annotations

import contextlib
import errno
import socket
from typing import TYPE_CHECKING, Self

from demo.errors import OptionRefused

if TYPE_CHECKING:
    from types import TracebackType

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether something could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still being forgotten counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """A port that the system just gave and took back."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class HeldPorts:
    """Ports that no other demo takes while this is entered.

    Between looking for a free port and listening on it lie seconds in which another demo could choose the same one. The
    hold is a name in the kernel's own space: it leaves no file, and goes with us however we end. Where there is no such
    space (it is Linux's), ports are only looked at.
    """

    def __init__(self) -> None:
        self._holds = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holds.close()

    def choose(self, wanted: int | None, *, default: int) -> int:
        """`wanted` or OptionRefused; without a wish `default`, and where that is taken any other."""
        if wanted is None:
            return default if self._take(default) else self._take_any()
        if not self._take(wanted):
            raise OptionRefused(f"port {wanted} is in use; name another, or none and a free one is found")
        return wanted

    def _take_any(self) -> int:
        while not self._take(port := any_free_port()):
            continue
        return port

    def _take(self, port: int) -> bool:
        """Whether the port is free and from now on held."""
        if not is_free(port):
            return False
        hold = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            hold.bind(f"\0bittern-demo-port-{port}")
        except OSError as problem:
            hold.close()
            return problem.errno != errno.EADDRINUSE
        self._holds.enter_context(hold)
        return True
