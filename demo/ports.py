"""Free ports on the loopback interface."""

from __future__ import annotations

import socket

from demo.errors import OptionRefused

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


def choose_port(wanted: int | None, *, default: int) -> int:
    """`wanted` or a refusal; without a wish `default`, and where that is taken any other."""
    if wanted is None:
        return default if is_free(default) else any_free_port()
    if not is_free(wanted):
        raise OptionRefused(f"port {wanted} is in use; name another, or none and a free one is found")
    return wanted
