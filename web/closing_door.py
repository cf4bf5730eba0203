"""Closes a listening socket without cutting anybody off: first nobody new gets in, then whoever waits is taken in.

A socket that is closed while connections wait in its queue resets them, though their senders have been told that they are in and
may have sent a request. So the kernel is told to overlook newcomers; those already in are left to the processes that
accept. A newcomer's kernel knocks again within a second, and is refused then.
"""

import ctypes
import socket
import struct
import threading
import time
from typing import Final

PATIENCE_SECONDS: Final = 2.0
"""So long those who wait may take to be accepted."""

ARRIVING_SECONDS: Final = 0.1
"""So long a connection may be under way whose sender was greeted before the door was closed."""

_LOOK_SECONDS: Final = 0.01
_SO_ATTACH_FILTER: Final = 26
# A classic filter on TCP segments: byte 13 holds the flags, 2 is SYN; 0 overlooks a segment, all ones take it.
_NO_NEWCOMERS: Final = b"".join(
    struct.pack("HBBI", *instruction)
    for instruction in ((0x30, 0, 0, 13), (0x45, 0, 1, 2), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
)
_INSTRUCTION_BYTES: Final = 8
# Where struct tcp_info holds the number of those who wait, of a socket that listens.
_WAITING: Final = struct.Struct("@24xI")


def let_nobody_in(listener: socket.socket) -> None:
    """Overlook newcomers from now on, in all processes that share this socket. Linux only: elsewhere raises OSError."""
    program = ctypes.create_string_buffer(_NO_NEWCOMERS, len(_NO_NEWCOMERS))
    count = len(_NO_NEWCOMERS) // _INSTRUCTION_BYTES
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", count, ctypes.addressof(program)))


def wait_until_all_are_in(listener: socket.socket) -> None:
    """Return when nobody waits to be accepted, or patience has ended."""
    now = time.monotonic()
    seen_until, patient_until = now + ARRIVING_SECONDS, now + PATIENCE_SECONDS
    pause = threading.Event()
    while now < seen_until or (_waiting(listener) and now < patient_until):
        pause.wait(_LOOK_SECONDS)
        now = time.monotonic()


def _waiting(listener: socket.socket) -> int:
    told = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _WAITING.size)
    count: int = _WAITING.unpack(told)[0]
    return count
