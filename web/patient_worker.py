"""A gunicorn worker whose threads no slow client can hold: they get whole requests, and read nothing from the network.

gunicorn's own threaded worker hands a connection to a thread at its first byte, and closes connections in its main loop: a
few hundred clients that send a byte now and then, or do not hang up, stop everybody. Here the main loop collects what
arrives, for all connections at once, and lets the time and the memory for it be used up by nobody. Whoever asks takes turns,
and some threads are never Bitbucket's: what it sends waits for the database, and pages do not.
"""

import contextlib
import functools
import selectors
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from gunicorn import http, util
from gunicorn.workers import gthread

from web import patience
from web.arrivals import Arrival, Verdict
from web.turns import Turns, is_from_bitbucket, sender_of

if TYPE_CHECKING:
    from concurrent.futures import Future

ARRIVAL_SECONDS: Final = 10.0
"""So long a request may take to arrive. Bitbucket itself waits for an answer no longer than this."""

SEND_SECONDS: Final = 10.0
"""So long a thread waits for a client to take the next piece of its answer."""

LINGER_SECONDS: Final = 2.0
"""So long a client may take to hang up after an answer that closes (RFC 9112 9.6)."""

MOST_WAITING_BYTES: Final = 64 * 1024 * 1024
"""Of all requests of this process together that no thread has begun with; past it the largest give way."""

THREADS_FOR_PAGES: Final = 2
"""So many threads do not begin with what Bitbucket sends; where there are no more, one does."""

ROUND_SECONDS: Final = 0.5
"""So often it is looked who takes too long."""

RECEIVE_BYTES: Final = 64 * 1024

_STATUSES: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class _Received:
    """What has arrived, in the place of the socket that gunicorn's parser reads: past its end there is nothing."""

    def __init__(self) -> None:
        self._bytes = b""
        self.has_run_dry = False

    def give(self, arrived: bytes) -> None:
        self._bytes = arrived

    def recv(self, size: int) -> bytes:
        taken, self._bytes = self._bytes[:size], self._bytes[size:]
        self.has_run_dry |= not taken
        return taken

    def rest(self) -> bytes:
        taken, self._bytes = self._bytes, b""
        return taken


class _Connection(gthread.TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection whose parser reads what has arrived."""

    def __init__(self, *connection: Any) -> None:  # noqa: ANN401 - gunicorn's own arguments
        super().__init__(*connection)
        self.arrival = Arrival()
        self.received = _Received()
        self.data_ready = True  # or a thread would wait for the network
        self.until = 0.0
        self.arrived_at = 0.0
        self.is_bitbuckets = False

    def init(self) -> None:
        """Called in a thread, before a request is parsed."""
        self.sock.settimeout(SEND_SECONDS)
        self.received.give(bytes(self.arrival))
        self.arrival = Arrival()
        if not self.initialized:
            self.initialized: bool = True
            self.parser = http.get_parser(self.cfg, self.received, self.client)

    def left_over(self) -> bytes | None:
        """What came after the answered request; None where the parser wanted more than there was, and is out of step."""
        if self.received.has_run_dry:
            return None
        return bytes(self.parser.unreader.take_buffered()) + self.received.rest()


class PatientWorker(gthread.ThreadWorker):  # type: ignore[misc]
    """See the module. TLS is not served here: the proxy in front ends it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's own arguments
        super().__init__(*args, **kwargs)
        self._arriving: dict[_Connection, None] = {}
        self._lingering: dict[socket.socket, float] = {}
        self._next_round = 0.0
        self._turns: Turns[_Connection] = Turns()
        self._begun = 0
        # As many as there are threads. More would have none idle until the main loop has come round, and it comes often enough; but
        # while all of them want the interpreter, each gets it for a time slice in turn, and the last waits twice as long.
        self._most_begun = self.cfg.threads
        self._bitbuckets_begun = 0
        self._most_bitbuckets_begun = max(self.cfg.threads - THREADS_FOR_PAGES, 1)
        self.proxy_hops = 0
        """The number of our own proxies in front, which say who asks."""

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection in."""
        try:
            client, address = listener.accept()
        except OSError:  # gone again, or another process was quicker
            return
        self.nr_conns += 1
        self._await_request(_Connection(self.cfg, client, address, listener.getsockname()), ARRIVAL_SECONDS)

    def enqueue_req(self, conn: _Connection) -> None:
        """Let a whole request wait for its turn."""
        head = conn.arrival.head()
        sender = sender_of(head, peer=_host_of(conn.client), proxy_hops=self.proxy_hops)
        conn.arrived_at = time.monotonic()
        conn.is_bitbuckets = is_from_bitbucket(head)
        self._turns.add(conn, sender=sender, is_from_bitbucket=conn.is_bitbuckets)
        self._begin_some()

    def handle(self, conn: _Connection) -> Any:  # noqa: ANN401 - gunicorn's own answer
        """Called in a thread, to answer a request."""
        patience.note_arrival(conn.arrived_at)
        return super().handle(conn)

    def _begin_some(self) -> None:
        while self._begun < self._most_begun:
            try:
                conn = self._turns.take(is_bitbucket_served=self._bitbuckets_begun < self._most_bitbuckets_begun)
            except KeyError:
                return
            self._begun += 1
            self._bitbuckets_begun += conn.is_bitbuckets
            super().enqueue_req(conn)

    def finish_request(self, conn: _Connection, fs: "Future[Any]") -> None:
        """Called in the main loop when a thread is done with a request."""
        self._begun -= 1
        self._bitbuckets_begun -= conn.is_bitbuckets
        self._go_on_with(conn, fs)
        self._begin_some()

    def _go_on_with(self, conn: _Connection, fs: "Future[Any]") -> None:
        is_kept = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        left_over = conn.left_over() if is_kept else None
        if left_over is None:
            self._hang_up(conn)
            return
        # A stopping worker has promised to keep this connection too, and a request may be on its way on it.
        kept_seconds = self.cfg.keepalive if self.alive else gthread.STOP_KEEPALIVE_LINGER
        self._await_request(conn, ARRIVAL_SECONDS if left_over else kept_seconds, arrived=left_over)

    def murder_pending(self) -> None:
        """Called after every event and at least once a second: end what takes too long, and what holds too much."""
        now = time.monotonic()
        if now < self._next_round:
            return
        self._next_round = now + ROUND_SECONDS
        for conn in [conn for conn in self._arriving if conn.until <= now]:
            self._refuse(conn, 408)
        for conn in self._turns.take_late(lambda conn: conn.arrived_at + patience.PATIENCE_SECONDS <= now):
            self._answer_and_hang_up(conn, 503)
        self._make_room()
        for client in [client for client, until in self._lingering.items() if until <= now]:
            self._close(client)

    def _make_room(self) -> None:
        """Where what nobody has begun with holds too much, the largest give way; where nobody new gets in, the oldest."""
        whole = self._turns.items()
        waiting = sum(len(conn.arrival) for conn in (*self._arriving, *whole))
        for conn in sorted(self._arriving, key=lambda conn: len(conn.arrival), reverse=True):
            if waiting <= MOST_WAITING_BYTES:
                break
            waiting -= len(conn.arrival)
            self._refuse(conn, 503)
        while waiting > MOST_WAITING_BYTES and self._turns:
            waiting -= self._refuse_whole()
        if self.nr_conns >= self.worker_connections:
            for conn in sorted(self._arriving, key=lambda conn: conn.until)[: self.worker_connections // 4]:
                self._refuse(conn, 503)
            # Nobody keeps more than half of the connections to themselves while others cannot get in.
            while self._turns.most_of_one() > self.worker_connections // 2:
                self._refuse_whole()

    def _refuse_whole(self) -> int:
        """Answer one of those who have most waiting that there is no room. Returns how much it held."""
        conn = self._turns.give_way()
        self._answer_and_hang_up(conn, 503)
        return len(conn.arrival)

    def _cap_keepalive(self, deadline: float) -> None:
        """Called once, when a stopping worker accepts no more: where nothing has come on a connection it is waited for a moment only."""
        self._close_the_door()
        for conn in self._arriving:
            if not len(conn.arrival):
                conn.until = min(conn.until, deadline)

    def _close_the_door(self) -> None:
        """Take in everybody who has connected already, and have those who come now refused at once.

        gunicorn leaves the socket open for as long as it finishes other requests. The kernel would go on accepting, a proxy would
        send its request, and it would be cut off at the end: that must not be sent again to another server, and a refusal may.
        """
        for listener in self.sockets:
            for _ in range(self.cfg.backlog):
                before = self.nr_conns
                self.accept(listener)
                if self.nr_conns == before:
                    break
            listener.close()

    def _await_request(self, conn: _Connection, seconds: float, *, arrived: bytes = b"") -> None:
        conn.until = time.monotonic() + seconds
        conn.sock.setblocking(False)  # noqa: FBT003 - the socket's own argument
        self._arriving[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, functools.partial(self._receive, conn))
        self._receive(conn, conn.sock, first=arrived)

    def _receive(self, conn: _Connection, client: socket.socket, *, first: bytes = b"") -> None:
        try:
            piece = first or client.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            # The sender has said all that it will, and it is not a request.
            self._refuse(conn, 400)
            return
        if not len(conn.arrival):
            conn.until = time.monotonic() + ARRIVAL_SECONDS
        verdict = conn.arrival.add(piece)
        if verdict is Verdict.READY:
            self._forget(conn)
            self.enqueue_req(conn)
        elif verdict is Verdict.HEAD_TOO_LARGE:
            self._refuse(conn, 431)
        elif conn.arrival.take_expectation():
            with contextlib.suppress(OSError):
                client.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _forget(self, conn: _Connection) -> None:
        """Wait for this connection no longer."""
        del self._arriving[conn]
        self.poller.unregister(conn.sock)

    def _refuse(self, conn: _Connection, status: int) -> None:
        """Answer, where anything was asked at all, and hang up."""
        self._forget(conn)
        self._answer_and_hang_up(conn, status)

    def _answer_and_hang_up(self, conn: _Connection, status: int) -> None:
        if len(conn.arrival):
            again = f"Retry-After: {patience.RETRY_AFTER_SECONDS}\r\n" if status == 503 else ""
            answer = f"HTTP/1.1 {status} {_STATUSES[status]}\r\n{again}Connection: close\r\nContent-Length: 0\r\n\r\n"
            with contextlib.suppress(OSError):
                conn.sock.send(answer.encode())
            self.log.warning("Invalid request: refused with %s before a thread began with it", status)
        self._hang_up(conn)

    def _hang_up(self, conn: _Connection) -> None:
        """Close without cutting the answer off: what the client still sends is read and thrown away for a moment."""
        self.nr_conns -= 1
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)  # noqa: FBT003 - the socket's own argument
            self.poller.register(conn.sock, selectors.EVENT_READ, _discarder(self._close))
        except (OSError, ValueError):
            util.close(conn.sock)
            return
        self._lingering[conn.sock] = time.monotonic() + LINGER_SECONDS
        if len(self._lingering) > self.worker_connections:
            self._close(next(iter(self._lingering)))

    def _close(self, client: socket.socket) -> None:
        del self._lingering[client]
        self.poller.unregister(client)
        util.close(client)


def _host_of(client: object) -> str:
    """The host of a peer's address; empty for a socket of this machine, which has none."""
    return str(client[0]) if isinstance(client, tuple) else ""


def _discarder(close: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def discard(client: socket.socket) -> None:
        try:
            is_over = not client.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            is_over = True
        if is_over:
            close(client)

    return discard
