"""Requests over real sockets: what a hostile or broken server can do, and that a call always ends."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib

import pytest

from bitbucket.errors import ConnectionFailed, ForeignHost, TimedOut, TooLarge
from bitbucket.messages import Headers, Request
from bitbucket.transport import RETRIES, RequestsTransport
from tests.bitbucket.loopback_server import LoopbackServer

MEBIBYTE = 1024 * 1024


@pytest.fixture
def serve():
    """`serve(script)` starts a server and gives it with a transport that is pinned to it and never really waits."""
    open_ones = []

    def start(script, **options):
        server = LoopbackServer(script).__enter__()
        pauses = []
        options = {"wait": pauses.append} | options
        transport = RequestsTransport([server.url], **options)
        transport.pauses = pauses
        open_ones.append((server, transport))
        return server, transport

    yield start
    for server, transport in open_ones:
        transport.close()
        server.__exit__()


def get(url, path="/2.0/user", **headers):
    return Request("GET", url + path, Headers(headers))


class TestAnExchange:
    def test_it_brings_status_headers_and_body(self, serve):
        server, transport = serve(
            lambda exchange: exchange.answer(b'{"a": 1}', status="201 Made", headers=["X-One: 1"])
        )
        response = transport.send(get(server.url), deadline_seconds=5)
        assert (response.status, response.body, response.headers["x-one"]) == (201, b'{"a": 1}', "1")
        assert response.elapsed_seconds > 0

    def test_it_sends_exactly_the_path_and_query_that_it_was_given(self, serve):
        server, transport = serve(Exchanges.empty)
        target = "/2.0/repositories/%7B%7D/feature%2Fa%23b/%C3%A4?q=a%20%2B%20b&fields=%2Bvalues.x~y"
        transport.send(get(server.url, target), deadline_seconds=5)
        assert server.requests[0].target == target

    def test_it_sends_the_headers_that_it_was_given_and_asks_for_gzip_only(self, serve):
        server, transport = serve(Exchanges.empty)
        transport.send(get(server.url, Authorization="JWT x", Accept="application/json"), deadline_seconds=5)
        sent = server.requests[0].headers
        assert sent["authorization"] == "JWT x"
        assert sent["accept-encoding"] == "gzip"
        assert sent["user-agent"].startswith("Bittern")

    @pytest.mark.parametrize("method", ["PUT", "POST"])
    def test_it_announces_an_empty_body_where_there_is_none(self, serve, method):
        server, transport = serve(Exchanges.length_required)
        assert transport.send(Request(method, server.url + "/x"), deadline_seconds=5).status == 200
        assert server.requests[0].headers["content-length"] == "0"

    @pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
    def test_it_announces_no_body_for_verbs_that_have_none(self, serve, method):
        server, transport = serve(Exchanges.empty)
        transport.send(Request(method, server.url + "/x"), deadline_seconds=5)
        assert "content-length" not in server.requests[0].headers
        assert "transfer-encoding" not in server.requests[0].headers

    def test_it_sends_a_body(self, serve):
        server, transport = serve(Exchanges.empty)
        transport.send(Request("POST", server.url + "/x", Headers(), b"abc"), deadline_seconds=5)
        assert (server.requests[0].body, server.requests[0].headers["content-length"]) == (b"abc", "3")

    def test_it_decodes_gzip(self, serve):
        body = gzip.compress(b"x" * 5000)
        server, transport = serve(lambda exchange: exchange.answer(body, headers=["Content-Encoding: gzip"]))
        assert transport.send(get(server.url), deadline_seconds=5).body == b"x" * 5000

    def test_it_reads_chunks(self, serve):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

        server, transport = serve(script)
        assert transport.send(get(server.url), deadline_seconds=5).body == b"abcde"

    def test_it_reads_a_body_that_ends_with_the_connection(self, serve):
        def script(exchange):
            return exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc")

        server, transport = serve(script)
        assert transport.send(get(server.url), deadline_seconds=5).body == b"abc"

    def test_it_keeps_the_connection_for_the_next_call(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"abc"))
        for _ in range(3):
            transport.send(get(server.url), deadline_seconds=5)
        assert (len(server.requests), server.connection_count) == (3, 1)

    def test_a_later_call_on_a_kept_connection_has_its_own_deadline(self, serve):
        def script(exchange):
            if exchange.request.target == "/quick":
                exchange.answer(b"abc")
            else:
                exchange.hang()

        server, transport = serve(script)
        transport.send(get(server.url, "/quick"), deadline_seconds=30)
        with pytest.raises(TimedOut):
            transport.send(get(server.url, "/slow"), deadline_seconds=0.1)

    def test_cookies_of_one_answer_do_not_reach_the_next_request(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(headers=["Set-Cookie: session=alice"]))
        transport.send(get(server.url), deadline_seconds=5)
        transport.send(get(server.url), deadline_seconds=5)
        assert "cookie" not in server.requests[1].headers

    def test_the_environment_sends_it_nowhere_else(self, serve, monkeypatch, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text("default login alice password hers\n")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        server, transport = serve(Exchanges.empty)
        transport.send(get(server.url), deadline_seconds=5)
        assert "authorization" not in server.requests[0].headers


class Exchanges:
    """Scripts that several tests share."""

    @staticmethod
    def empty(exchange):
        exchange.answer()

    @staticmethod
    def length_required(exchange):
        exchange.answer(status="200 OK" if "content-length" in exchange.request.headers else "411 Length Required")

    @staticmethod
    def hang_up(_):
        return True


class TestPinning:
    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/2.0/user",
            "https://api.bitbucket.org.evil.example/2.0/user",
            "https://api.bitbucket.org:8443/2.0/user",
            "http://api.bitbucket.org/2.0/user",
            "https://user@api.bitbucket.org/2.0/user",
            "https://api.bitbucket.org@evil.example/2.0/user",
            "https://evil.example\\@api.bitbucket.org/",
            "https://api.bitbucket.org\t.evil.example/",
            "file:///etc/passwd",
            "//evil.example/x",
            "https://[::1/x",
            "https://api.bitbucket.org:port/",
        ],
    )
    def test_nothing_is_sent_to_an_address_that_is_not_pinned(self, url):
        transport = RequestsTransport(["https://api.bitbucket.org"])
        with pytest.raises(ForeignHost) as raised:
            transport.send(Request("GET", url), deadline_seconds=1)
        assert raised.value.url == url

    def test_a_redirect_is_handed_back_and_not_followed(self, serve):
        server, transport = serve(
            lambda exchange: exchange.answer(status="302 Found", headers=["Location: http://127.0.0.1:9/steal"])
        )
        response = transport.send(get(server.url, Authorization="JWT x"), deadline_seconds=5)
        assert (response.status, response.headers["Location"]) == (302, "http://127.0.0.1:9/steal")
        assert len(server.requests) == 1

    def test_case_and_default_port_make_no_other_origin(self):
        transport = RequestsTransport(["https://API.bitbucket.org:443"], retries=RETRIES.new(total=0))
        # Pinned, so it gets as far as the deadline.
        with pytest.raises(TimedOut):
            transport.send(Request("GET", "https://api.bitbucket.org/2.0/user"), deadline_seconds=0)


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
        server, transport = serve(Exchanges.empty)
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


class TestBrokenAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            b"SSH-2.0-OpenSSH_9\r\n\r\n",
            b"HTTP/1.1 abc OK\r\n\r\n",
        ],
        ids=["truncated", "truncated chunk", "no chunk size", "no gzip", "not HTTP", "no status"],
    )
    def test_it_raises_connection_failed(self, serve, answer):
        def script(exchange):
            exchange.send(answer)
            return True

        server, transport = serve(script)
        with pytest.raises(ConnectionFailed):
            transport.send(get(server.url), deadline_seconds=5)

    def test_a_broken_body_is_not_fetched_twice(self, serve):
        def script(exchange):
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            return True

        server, transport = serve(script)
        with pytest.raises(ConnectionFailed):
            transport.send(get(server.url), deadline_seconds=5)
        assert len(server.requests) == 1

    def test_a_host_that_does_not_exist_is_connection_failed(self, monkeypatch):
        def resolve(*_, **__):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr("bitbucket.transport.socket.getaddrinfo", resolve)
        transport = RequestsTransport(["http://no-such-host.invalid"], wait=lambda seconds: None)
        with pytest.raises(ConnectionFailed, match="name"):
            transport.send(get("http://no-such-host.invalid"), deadline_seconds=30)

    def test_a_server_without_tls_is_connection_failed(self, serve):
        server, _ = serve(Exchanges.hang_up)
        url = server.url.replace("http:", "https:")
        transport = RequestsTransport([url], wait=lambda seconds: None)
        with pytest.raises(ConnectionFailed):
            transport.send(get(url), deadline_seconds=5)


class TestRetries:
    @staticmethod
    def failing(*statuses):
        """A script that answers with one status after the other."""
        waiting = list(statuses)
        return lambda exchange: exchange.answer(status=f"{waiting.pop(0)} Status", headers=["Retry-After: 21600"])

    @pytest.mark.parametrize("status", [502, 503, 504])
    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_an_idempotent_call_is_tried_again_after_a_gateway_error(self, serve, method, status):
        server, transport = serve(self.failing(status, status, 200))
        assert transport.send(Request(method, server.url + "/x"), deadline_seconds=60).status == 200
        assert len(server.requests) == 3

    def test_no_retry_waits_as_long_as_retry_after_says(self, serve):
        server, transport = serve(self.failing(503, 503, 503))
        transport.send(get(server.url), deadline_seconds=60)
        first, second = transport.pauses
        assert 0.2 <= first <= 0.4
        assert 0.4 <= second <= 0.6

    def test_pauses_are_not_the_same_for_everybody(self, serve):
        server, transport = serve(self.failing(*[503] * 30))
        for _ in range(10):
            transport.send(get(server.url), deadline_seconds=60)
        assert len(set(transport.pauses)) > 15

    def test_the_answer_of_the_last_try_is_handed_back(self, serve):
        server, transport = serve(self.failing(503, 503, 503))
        assert transport.send(get(server.url), deadline_seconds=60).status == 503
        assert len(server.requests) == 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 429, 500, 555])
    def test_other_answers_are_not_asked_for_again(self, serve, status):
        server, transport = serve(self.failing(status))
        assert transport.send(get(server.url), deadline_seconds=60).status == status

    def test_a_post_is_never_sent_twice(self, serve):
        server, transport = serve(self.failing(503))
        assert transport.send(Request("POST", server.url + "/x"), deadline_seconds=60).status == 503
        assert len(server.requests) == 1

    def test_a_post_is_not_sent_twice_when_nobody_answers(self, serve):
        server, transport = serve(Exchanges.hang_up)
        with pytest.raises(ConnectionFailed):
            transport.send(Request("POST", server.url + "/x"), deadline_seconds=60)
        assert len(server.requests) == 1

    def test_a_get_is_tried_again_when_nobody_answers(self, serve):
        server, transport = serve(Exchanges.hang_up)
        with pytest.raises(ConnectionFailed):
            transport.send(get(server.url), deadline_seconds=60)
        assert len(server.requests) == 3

    def test_a_call_that_timed_out_is_not_tried_again(self, serve):
        server, transport = serve(lambda exchange: exchange.hang(), idle_timeout_seconds=0.1)
        with pytest.raises(TimedOut):
            transport.send(get(server.url), deadline_seconds=60)
        assert len(server.requests) == 1

    def test_a_pause_that_does_not_fit_into_the_deadline_is_not_made(self, serve, clock):
        # Frozen time: exactly 0.1 s are left at every moment, and the shortest pause takes 0.2 s.
        server, transport = serve(self.failing(503), clock=clock.monotonic)
        assert transport.send(get(server.url), deadline_seconds=0.1).status == 503
        assert transport.pauses == []


class TestASink:
    def test_it_gets_the_body_piece_by_piece(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"x" * 300_000))
        pieces = []
        response = transport.send(get(server.url), deadline_seconds=5, sink=pieces.append)
        assert (response.body, sum(map(len, pieces))) == (b"", 300_000)
        assert max(map(len, pieces)) <= 65536

    def test_it_gets_nothing_of_an_error(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"no", status="404 Not Found"))
        pieces = []
        assert transport.send(get(server.url), deadline_seconds=5, sink=pieces.append).body == b"no"
        assert pieces == []

    def test_what_it_raises_ends_the_call_and_the_connection(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"x" * 300_000))

        def full(piece):
            raise OSError("disk full")

        with pytest.raises(OSError, match="disk full"):
            transport.send(get(server.url), deadline_seconds=5, sink=full)
        assert transport.send(get(server.url), deadline_seconds=5).status == 200
        assert server.connection_count == 2
