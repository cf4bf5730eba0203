"""A wire between the service and PostgreSQL that can be cut: a proxy on loopback that resets, stalls and limits connections."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE_BYTES = 64 * 1024
ACCEPT_SECONDS = 0.2
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""
COMMITS = (b"COMMIT", struct.pack(">i", len(b"pending")) + b"pending")
"""What commits: a transaction that says so, and the one statement that stores a delivery, known by the state that is bound to it.

Only its first executions name the table: then the server knows it by a number.
"""


class Wire:
    """Forwards connections to a port until it is told otherwise; used as a context."""

    def __init__(self, to_port: int, *, seed: int = 1) -> None:
        self._to_port = to_port
        self._chance = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.settimeout(ACCEPT_SECONDS)
        self._flows = threading.Event()
        self._flows.set()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._most: int | None = None
        self._share_of_commits = 0.0
        self.cut_before = self.cut_after = self.turned_away = 0
        self._thread = threading.Thread(target=self._accept, name="wire", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def open(self) -> int:
        with self._lock:
            return len(self._pairs)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.resume()
        self._thread.join()
        self._listener.close()
        self.reset()

    def reset(self) -> int:
        """Cut every connection, whatever is under way on it. Returns how many there were."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            self._abort(pair)
        return len(pairs)

    def stall(self) -> None:
        """Let nothing through, on connections that stay open."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def limit(self, most: int | None) -> None:
        """Turn further connections away while so many are open; None: no limit."""
        self._most = most

    def cut_commits(self, share: float) -> None:
        """Cut the connection at so many of the commits: before the server hears of it, or after, when nobody hears its answer."""
        self._share_of_commits = share

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                near, _ = self._listener.accept()
            except TimeoutError:
                continue
            if self._most is not None and self.open >= self._most:
                self.turned_away += 1
                self._abort((near,))
                continue
            self._connect(near)

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._to_port))
        except OSError:
            self._abort((near,))
            return
        for end in (near, far):
            end.settimeout(None)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair = (near, far)
        with self._lock:
            self._pairs.add(pair)
        for source, target, pass_on in ((near, far, self._pass_on_request), (far, near, self._pass_on)):
            threading.Thread(target=self._pump, args=(source, target, pair, pass_on), daemon=True).start()

    def _pump(
        self,
        source: socket.socket,
        target: socket.socket,
        pair: tuple[socket.socket, socket.socket],
        pass_on: Callable[[bytes, socket.socket], bool],
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                self._flows.wait()
                if not pass_on(piece, target):
                    break
        with self._lock:
            self._pairs.discard(pair)
        self._abort(pair)

    @staticmethod
    def _pass_on(piece: bytes, target: socket.socket) -> bool:
        target.sendall(piece)
        return True

    def _pass_on_request(self, piece: bytes, target: socket.socket) -> bool:
        if any(commit in piece for commit in COMMITS) and self._chance.random() < self._share_of_commits:
            if self._chance.random() < 0.5:
                self.cut_before += 1
                return False
            self.cut_after += 1
            target.sendall(piece)
            # The server must have it before the connection is gone: what it answers is thrown away.
            with contextlib.suppress(OSError):
                target.settimeout(1.0)
                target.recv(PIECE_BYTES, socket.MSG_PEEK)
            return False
        target.sendall(piece)
        return True

    @staticmethod
    def _abort(ends: tuple[socket.socket, ...]) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
                # A thread that reads from it is woken by this, and not by the close.
                end.shutdown(socket.SHUT_RDWR)
            end.close()
