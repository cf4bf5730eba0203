"""What every Transport promises, asked of the real one and of the fake in the same words."""

from __future__ import annotations

import pytest

from bitbucket.circuit_breaker import CircuitBreaker
from bitbucket.errors import ForeignHost, TimedOut, TooLarge
from bitbucket.messages import Headers, Request, Response
from bitbucket.transport import RequestsTransport
from tests.bitbucket.fake_transport import FakeTransport
from tests.bitbucket.loopback_server import LoopbackServer


def answer(exchange):
    status = {"/missing": "404 Not Found", "/moved": "302 Found"}.get(exchange.request.target, "200 OK")
    exchange.answer(b"0123456789", status=status, headers=["X-Name: value", "Location: /elsewhere"])


@pytest.fixture(params=["real", "fake", "behind a circuit breaker"])
def transport_and_url(request, clock):
    with LoopbackServer(answer) as server, RequestsTransport([server.url]) as real:
        fake = FakeTransport(fake_answer(server.url), allowed_origins=[server.url], repeat=True)
        transports = {
            "real": real,
            "fake": fake,
            "behind a circuit breaker": CircuitBreaker(real, clock=clock.monotonic),
        }
        yield transports[request.param], server.url


def fake_answer(base_url):
    statuses = {f"{base_url}/missing": 404, f"{base_url}/moved": 302}

    def respond(request):
        headers = Headers({"X-Name": "value", "Location": "/elsewhere"})
        return Response(statuses.get(request.url, 200), headers, b"0123456789", 0.01)

    return respond


def test_it_returns_the_whole_answer(transport_and_url):
    transport, url = transport_and_url
    response = transport.send(Request("GET", f"{url}/here"), deadline_seconds=5)
    assert (response.status, response.body, response.headers["x-NAME"]) == (200, b"0123456789", "value")
    assert response.elapsed_seconds > 0


@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/moved", 302)])
def test_it_raises_for_no_status(transport_and_url, path, status):
    transport, url = transport_and_url
    assert transport.send(Request("GET", url + path), deadline_seconds=5).status == status


def test_it_refuses_a_foreign_host(transport_and_url):
    transport, _ = transport_and_url
    with pytest.raises(ForeignHost):
        transport.send(Request("GET", "https://evil.example/here"), deadline_seconds=5)


def test_it_refuses_an_answer_past_the_cap(transport_and_url):
    transport, url = transport_and_url
    assert transport.send(Request("GET", f"{url}/here"), deadline_seconds=5, max_bytes=10).body == b"0123456789"
    with pytest.raises(TooLarge):
        transport.send(Request("GET", f"{url}/here"), deadline_seconds=5, max_bytes=9)


def test_it_makes_no_call_without_time(transport_and_url):
    transport, url = transport_and_url
    with pytest.raises(TimedOut):
        transport.send(Request("GET", f"{url}/here"), deadline_seconds=0)


def test_it_gives_a_good_body_to_the_sink(transport_and_url):
    transport, url = transport_and_url
    pieces = []
    response = transport.send(Request("GET", f"{url}/here"), deadline_seconds=5, sink=pieces.append)
    assert (response.body, b"".join(pieces)) == (b"", b"0123456789")


def test_it_keeps_the_body_of_an_error_from_the_sink(transport_and_url):
    transport, url = transport_and_url
    pieces = []
    response = transport.send(Request("GET", f"{url}/missing"), deadline_seconds=5, sink=pieces.append)
    assert (response.body, pieces) == (b"0123456789", [])
