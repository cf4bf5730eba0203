"""Requests over real sockets: what a hostile or broken server can do, and that a call always ends."""

from __future__ import annotations

import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bitbucket.errors import ConnectionFailed, ForeignHost, TimedOut
from bitbucket.messages import Headers, Request
from bitbucket.origins import as_sent
from bitbucket.transport import RETRIES, RequestsTransport
from tests.bitbucket.loopback_server import empty, hang_up


def get(url, path="/2.0/user", **headers):
    return Request("GET", url + path, Headers(headers))


def length_required(exchange):
    exchange.answer(status="200 OK" if "content-length" in exchange.request.headers else "411 Length Required")


class TestAnExchange:
    def test_it_brings_status_headers_and_body(self, serve):
        server, transport = serve(
            lambda exchange: exchange.answer(b'{"a": 1}', status="201 Made", headers=["X-One: 1"])
        )
        response = transport.send(get(server.url), deadline_seconds=5)
        assert (response.status, response.body, response.headers["x-one"]) == (201, b'{"a": 1}', "1")
        assert response.elapsed_seconds > 0

    def test_it_sends_exactly_the_path_and_query_that_it_was_given(self, serve):
        server, transport = serve(empty)
        target = "/2.0/repositories/%7B%7D/feature%2Fa%23b/%C3%A4?q=a%20%2B%20b&fields=%2Bvalues.x~y"
        transport.send(get(server.url, target), deadline_seconds=5)
        assert server.requests[0].target == target

    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.text(
            alphabet=st.characters(
                min_codepoint=33,
                max_codepoint=0x2FFF,
                exclude_characters="#\\",
                exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"],
            )
        )
    )
    def test_what_is_signed_is_what_is_sent(self, serve, text):
        server, transport = serve(empty)
        url = as_sent(f"{server.url}/2.0/{text}")
        transport.send(Request("GET", url), deadline_seconds=5)
        assert server.url + server.requests[-1].target == url

    def test_it_sends_the_headers_that_it_was_given_and_asks_for_gzip_only(self, serve):
        server, transport = serve(empty)
        transport.send(get(server.url, Authorization="JWT x", Accept="application/json"), deadline_seconds=5)
        sent = server.requests[0].headers
        assert sent["authorization"] == "JWT x"
        assert sent["accept-encoding"] == "gzip"
        assert sent["user-agent"].startswith("Bittern")

    @pytest.mark.parametrize("method", ["PUT", "POST"])
    def test_it_announces_an_empty_body_where_there_is_none(self, serve, method):
        server, transport = serve(length_required)
        assert transport.send(Request(method, server.url + "/x"), deadline_seconds=5).status == 200
        assert server.requests[0].headers["content-length"] == "0"

    @pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD"])
    def test_it_announces_no_body_for_verbs_that_have_none(self, serve, method):
        server, transport = serve(empty)
        transport.send(Request(method, server.url + "/x"), deadline_seconds=5)
        assert "content-length" not in server.requests[0].headers
        assert "transfer-encoding" not in server.requests[0].headers

    def test_it_sends_a_body(self, serve):
        server, transport = serve(empty)
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
        server, transport = serve(empty)
        transport.send(get(server.url), deadline_seconds=5)
        assert "authorization" not in server.requests[0].headers


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
        server, _ = serve(hang_up)
        url = server.url.replace("http:", "https:")
        transport = RequestsTransport([url], wait=lambda seconds: None)
        with pytest.raises(ConnectionFailed):
            transport.send(get(url), deadline_seconds=5)


class TestThreads:
    def test_each_has_connections_of_its_own(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(exchange.request.target.encode()))
        ready = threading.Barrier(6)

        def call(number):
            ready.wait(timeout=10)
            try:
                paths = [f"/{number}/{turn}" for turn in range(10)]
                return [transport.send(get(server.url, path), deadline_seconds=10).body.decode() for path in paths]
            finally:
                transport.close()

        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(call, range(6)))
        assert answers == [[f"/{number}/{turn}" for turn in range(10)] for number in range(6)]
        assert server.connection_count == 6

    def test_a_closed_transport_opens_again_when_it_is_needed(self, serve):
        server, transport = serve(lambda exchange: exchange.answer(b"abc"))
        for _ in range(2):
            assert transport.send(get(server.url), deadline_seconds=5).body == b"abc"
            transport.close()
            transport.close()
        assert server.connection_count == 2

    def test_a_connection_that_was_closed_meanwhile_is_replaced(self, serve):
        def once(exchange):
            exchange.answer(b"abc")
            return True

        server, transport = serve(once)
        for _ in range(3):
            assert transport.send(get(server.url), deadline_seconds=5).body == b"abc"
        assert server.connection_count >= 3
