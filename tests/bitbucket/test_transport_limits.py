"""Time and size: no server can make a call last longer or cost more than it was given."""

from __future__ import annotations

import socket
import tracemalloc
import zlib

import pytest

from bitbucket.errors import TimedOut, TooLarge
from bitbucket.messages import Headers, Request
from bitbucket.transport import RequestsTransport
from tests.bitbucket.loopback_server import empty

MEBIBYTE = 1024 * 1024


def get(url, path="/2.0/user", **headers):
    return Request("GET", url + path, Headers(headers))


class TestTheDeadline:
    def test_it_ends_a_call_that_gets_no_answer(self, serve):
        server, transport = serve(lambda exchange: exchange.hang())
        with pytest.raises(TimedOut):
            transport.send(get(server.url), deadline_seconds=0.1)

    @pytest.mark.parametrize(
        "dripped",
        [
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nX-Endless: ",
            b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;ext=",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: ",
        ],
        ids=["status line", "header", "body", "chunk size", "chunk extension", "trailer"],
    )
    def test_a_drip_does_not_outlast_it(self, serve, dripped):
        def script(exchange):
            exchange.send(dripped)
            exchange.drip(b"1" * 1000)
            return True

        # Each byte comes well within the idle time-out, so that only the total deadline can end this.
        server, transport = serve(script, idle_timeout_seconds=5)
        with pytest.raises(TimedOut):
            transport.send(get(server.url), deadline_seconds=0.3)
        assert len(server.requests) == 1

    def test_silence_within_an_answer_ends_at_the_idle_time_out(self, serve):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            exchange.hang()

        server, transport = serve(script, idle_timeout_seconds=0.1)
        with pytest.raises(TimedOut):
            transport.send(get(server.url), deadline_seconds=60)

    def test_a_call_without_time_is_not_made(self, serve):
        server, transport = serve(empty)
        with pytest.raises(TimedOut):
            transport.send(get(server.url), deadline_seconds=0)
        assert server.connection_count == 0

    def test_all_addresses_of_a_host_share_it(self, monkeypatch, clock):
        tried = []

        def resolve(host, port, **_):
            return [(None, None, None, "", (f"127.0.0.{number}", port)) for number in range(1, 6)]

        def refuse(address, timeout, **_):
            tried.append((address[0], timeout))
            clock.pass_seconds(timeout)
            raise TimeoutError

        monkeypatch.setattr("bitbucket.transport.socket.getaddrinfo", resolve)
        monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
        transport = RequestsTransport(["http://bitbucket.test"], clock=clock.monotonic, wait=clock.pass_seconds)
        with pytest.raises(TimedOut):
            transport.send(get("http://bitbucket.test"), deadline_seconds=8)
        assert [address for address, _ in tried] == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
        assert sum(timeout for _, timeout in tried) == pytest.approx(8)

    def test_the_next_address_is_tried_where_one_refuses(self, serve, monkeypatch):
        server, transport = serve(lambda exchange: exchange.answer(b"here"))
        port = int(server.url.rpartition(":")[2])

        real = socket.getaddrinfo

        def resolve(host, port, *args, **options):
            if host != "localhost":
                return real(host, port, *args, **options)
            return [(None, None, None, "", (address, port)) for address in ("::1", "127.0.0.1")]

        monkeypatch.setattr("bitbucket.transport.socket.getaddrinfo", resolve)
        transport = RequestsTransport([f"http://localhost:{port}"])
        # Nobody listens at ::1: the server is bound to 127.0.0.1 alone.
        assert transport.send(get(f"http://localhost:{port}"), deadline_seconds=5).body == b"here"
        transport.close()


class TestTheSizeCap:
    def test_an_answer_that_announces_too_much_is_not_read(self, serve):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000001\r\n\r\n")
            exchange.hang()

        server, transport = serve(script)
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=5, max_bytes=1_000_000)

    def test_an_answer_that_goes_on_for_ever_is_cut_off(self, serve):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while exchange.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n"):
                pass
            return True

        server, transport = serve(script)
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=20, max_bytes=MEBIBYTE)
        assert server.connection_count == 1

    def test_an_answer_of_exactly_the_cap_passes(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"x" * 1000))
        assert len(transport.send(get(server.url), deadline_seconds=5, max_bytes=1000).body) == 1000
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=5, max_bytes=999)

    def test_a_gzip_bomb_is_cut_off_while_it_unfolds(self, serve):
        # 256 MiB in about 256 kB.
        packer = zlib.compressobj(6, wbits=31)
        bomb = b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(256)) + packer.flush()
        server, transport = serve(lambda exchange: exchange.answer(bomb, headers=["Content-Encoding: gzip"]))
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge):
                transport.send(get(server.url), deadline_seconds=20, max_bytes=2 * MEBIBYTE)
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak_bytes < 16 * MEBIBYTE

    @pytest.mark.parametrize("encoding", ["gzip, gzip", ", ".join(["gzip"] * 6), "br", "zstd", "deflate", "chunked"])
    def test_encodings_that_were_not_asked_for_are_refused(self, serve, encoding):
        server, transport = serve(lambda exchange: exchange.answer(b"x", headers=[f"Content-Encoding: {encoding}"]))
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=5)

    def test_encodings_that_are_chained_over_several_lines_are_refused(self, serve):
        headers = ["Content-Encoding: gzip", "Content-Encoding: gzip"]
        server, transport = serve(lambda exchange: exchange.answer(b"x", headers=headers))
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=5)

    @pytest.mark.parametrize(
        "start",
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Endless: ",
            b"",
        ],
        ids=["chunk size", "header", "status line"],
    )
    def test_a_line_without_an_end_is_refused(self, serve, start):
        def script(exchange):
            exchange.send(start)
            while exchange.send(b"1" * 65536):
                pass
            return True

        server, transport = serve(script)
        with pytest.raises(TooLarge):
            transport.send(get(server.url), deadline_seconds=20)

    def test_a_refused_answer_leaves_nothing_behind_for_the_next_call(self, serve):
        def script(exchange):
            exchange.answer(b"x" * 5000 if exchange.request.target == "/large" else b"small")

        server, transport = serve(script)
        with pytest.raises(TooLarge):
            transport.send(get(server.url, "/large"), deadline_seconds=5, max_bytes=100)
        assert transport.send(get(server.url, "/small"), deadline_seconds=5).body == b"small"
