"""Put on the path of the service's processes by the laboratory: writes down whom Python code connects to or looks up.

An audit hook sees every connection, whatever library makes it, before a packet leaves. Loaded by the interpreter itself, so
it must do nothing where the laboratory did not ask for it.
"""

import json
import os
import sys

_PATH = os.environ.get("EGRESS_RECORD")


def _record(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and len(arguments) == 2 and isinstance(arguments[1], tuple):
        _write("connect", arguments[1][:2])
    elif event == "socket.getaddrinfo":
        _write("look up", arguments[:2])


def _write(what: str, place: object) -> None:
    line = json.dumps([what, *map(str, place)]) + "\n"  # type: ignore[call-overload]
    descriptor = os.open(_PATH, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)  # type: ignore[arg-type]
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


if _PATH:
    sys.addaudithook(_record)
