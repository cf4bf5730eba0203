"""A server on the loopback that sends exactly the bytes that a test wants, however wrong they are."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Received:
    """One request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Exchange:
    """A request and the means to answer it."""

    request: Received
    connection: socket.socket
    stopped: threading.Event
    sent_bytes: int = 0

    def send(self, data: bytes) -> bool:
        """False once the client is gone or the test is over."""
        if self.stopped.is_set():
            return False
        try:
            self.connection.sendall(data)
        except OSError:
            return False
        self.sent_bytes += len(data)
        return True

    def answer(self, body=b"", *, status="200 OK", headers=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, data: bytes, *, seconds_between=0.02):
        """One byte at a time until the data ends or the client is gone."""
        for position in range(len(data)):
            if not self.send(data[position : position + 1]) or self.stopped.wait(seconds_between):
                return

    def hang(self):
        """Say nothing until the client is gone."""
        with contextlib.suppress(OSError):
            while not self.stopped.is_set() and self.connection.recv(4096):
                pass


@dataclass
class LoopbackServer:
    """Calls `script` with each exchange; connections stay open until a script closes one by returning True.

    With `tls` it speaks TLS; without `reads_requests` the script gets the bare connection, before a byte was read.
    """

    script: Callable[[Exchange], bool | None]
    tls: ssl.SSLContext | None = None
    reads_requests: bool = True
    requests: list[Received] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    connection_count: int = 0

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self._stopped = threading.Event()
        self._connections: list[socket.socket] = []
        self._serving: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        # A blocked accept() only wakes up for a connection, and a blocked recv() for the end of its own.
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=5).close()
        self._accepting.join(timeout=10)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._serving:
            thread.join(timeout=10)
        assert not any(thread.is_alive() for thread in (self._accepting, *self._serving))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self):
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            if self._stopped.is_set():
                connection.close()
                return
            self.connection_count += 1
            self._connections.append(connection)
            self._serving.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._serving[-1].start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(10)
        try:
            connection = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        except OSError:  # the client did not like our certificate
            connection.close()
            return
        with connection:
            if self.reads_requests:
                self._answer_requests(connection)
            else:
                self.script(Exchange(Received("", "", {}, b""), connection, self._stopped))

    def _answer_requests(self, connection):
        with connection.makefile("rb") as reader:
            while not self._stopped.is_set() and (request := self._read(reader)) is not None:
                self.requests.append(request)
                exchange = Exchange(request, connection, self._stopped)
                self.exchanges.append(exchange)
                if self.script(exchange):
                    return

    @staticmethod
    def _read(reader) -> Received | None:
        """None where the client is gone, or speaks something else than HTTP."""
        try:
            line = reader.readline()
            if not line.strip():
                return None
            method, target, _ = line.decode().split(" ", 2)
            headers = {}
            while (line := reader.readline()).strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            return Received(method, target, headers, reader.read(int(headers.get("content-length", 0))))
        except (OSError, ValueError):
            return None


def empty(exchange):
    exchange.answer()


def hang_up(_):
    return True
