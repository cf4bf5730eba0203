"""The whole client, as the service builds it, against an API host that misbehaves in every way that was thought of.

Each attack has the constant reason under which it is logged, and none may cost more than the call that met it.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from dataclasses import dataclass, field

import pytest

from bitbucket.bearer_tokens import BearerTokens
from bitbucket.circuit_breaker import CircuitBreaker
from bitbucket.client import BitbucketClient
from bitbucket.credentials import SwappedBearer
from bitbucket.deadline import Deadline
from bitbucket.errors import BitbucketError, CircuitOpen, RateLimited
from bitbucket.pull_requests import open_pull_requests
from bitbucket.refs import newest_branches
from bitbucket.repositories import repository
from bitbucket.transport import RequestsTransport
from tests.bitbucket.cast import ALICES_REPOSITORY, ALICES_WORKSPACE, CHARLIES_REPOSITORY, CLIENT_KEY, NOW, SECRET
from tests.bitbucket.loopback_server import LoopbackServer

pytestmark = pytest.mark.fault("A2")

WHERE = (ALICES_WORKSPACE, ALICES_REPOSITORY)
FOREIGN = "http://127.0.0.1:9/steal"


def sign(*, client_key, secret, method, url):
    return f"{client_key}.{method}"


@dataclass
class Upstream:
    """A Bitbucket whose token endpoint is well and whose API does what the test says."""

    answer: object
    server: LoopbackServer = field(init=False)

    def __enter__(self):
        self.server = LoopbackServer(self._respond).__enter__()
        self.transport = RequestsTransport([self.server.url], wait=lambda seconds: None)
        tokens = BearerTokens(self.transport, sign=sign, site_url=self.server.url, now=lambda: NOW)
        self.client = BitbucketClient(
            CircuitBreaker(self.transport, clock=time.monotonic),
            SwappedBearer(tokens, CLIENT_KEY, SECRET),
            api_url=self.server.url,
            now=lambda: NOW,
            deadline=10.0,
        )
        return self

    def __exit__(self, *_):
        self.transport.close()
        self.server.__exit__()

    def _respond(self, exchange):
        if exchange.request.target == "/site/oauth2/access_token":
            exchange.answer(json.dumps({"access_token": "t0ken", "expires_in": 7200}).encode())
            return None
        return self.answer(exchange)

    @property
    def api_calls(self):
        return [request for request in self.server.requests if request.target.startswith("/2.0/")]


@pytest.fixture
def meet():
    """`meet(answer)` gives an upstream that answers so."""
    opened = []

    def build(answer):
        opened.append(Upstream(answer).__enter__())
        return opened[-1]

    yield build
    for one in opened:
        one.__exit__()


def json_body(exchange, value, *, status="200 OK", headers=()):
    exchange.answer(json.dumps(value).encode(), status=status, headers=["Content-Type: application/json", *headers])


def gzip_bomb(exchange):
    packer = zlib.compressobj(1, wbits=31)
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b""
    while not piece or exchange.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n"):
        piece = packer.compress(bytes(1 << 20))
    return True


def endless_chunk_line(exchange):
    exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while exchange.send(b"1" * 65536):
        pass
    return True


def truncated(exchange):
    exchange.send(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"uuid":')
    return True


def redirect(location):
    return lambda exchange: exchange.answer(status="302 Found", headers=[f"Location: {location}"])


ATTACKS = {
    "redirect to another host": (redirect(FOREIGN), "out.redirect"),
    "redirect to another scheme": (redirect("https://127.0.0.1/2.0/x"), "out.redirect"),
    "redirect to a file": (redirect("file:///etc/passwd"), "out.foreign_host"),
    "redirect without end": (redirect("/2.0/again"), "out.redirect"),
    "login page": (
        lambda exchange: exchange.answer(b"<html>Log in</html>", headers=["Content-Type: text/html"]),
        "out.bad_type",
    ),
    "empty body": (lambda exchange: exchange.answer(b""), "out.bad_type"),
    "half a JSON document": (lambda exchange: exchange.answer(b'{"uuid": "'), "out.bad_type"),
    "deeply nested JSON": (lambda exchange: exchange.answer(b'{"x":' + b"[" * 500_000), "out.bad_type"),
    "invalid UTF-8": (lambda exchange: exchange.answer(b'{"name": "\xff\xfe"}'), "out.bad_type"),
    "a list instead of an object": (lambda exchange: exchange.answer(b"[1, 2]"), "out.bad_shape"),
    "a member of another type": (lambda exchange: json_body(exchange, {"uuid": 7}), "out.bad_shape"),
    "a moment that is none": (lambda exchange: json_body(exchange, {"updated_on": "yesterday"}), "out.bad_shape"),
    "a moment without an offset": (
        lambda exchange: json_body(exchange, {"updated_on": "2026-11-23T09:30:00"}),
        "out.bad_shape",
    ),
    "another repository": (lambda exchange: json_body(exchange, {"uuid": CHARLIES_REPOSITORY}), "out.foreign_object"),
    "gzip bomb": (gzip_bomb, "out.too_large"),
    "endless chunk line": (endless_chunk_line, "out.too_large"),
    "six encodings": (
        lambda exchange: exchange.answer(
            gzip.compress(b"{}"), headers=["Content-Encoding: " + ", ".join(["gzip"] * 6)]
        ),
        "out.too_large",
    ),
    "truncated body": (truncated, "out.connection"),
    "hang-up": (lambda exchange: True, "out.connection"),
    "401": (lambda exchange: json_body(exchange, {}, status="401 Unauthorized"), "out.unauthorized"),
    "403": (lambda exchange: json_body(exchange, {}, status="403 Forbidden"), "out.forbidden"),
    "404": (lambda exchange: exchange.answer(b"Not Found", status="404 Not Found"), "out.not_found"),
    "410": (lambda exchange: json_body(exchange, {}, status="410 Gone"), "out.gone"),
    "429": (lambda exchange: exchange.answer(b"Rate limit", status="429 Too Many Requests"), "out.rate_limited"),
    "500": (lambda exchange: exchange.answer(b"oops", status="500 Oops"), "out.upstream"),
    "503": (lambda exchange: exchange.answer(b"", status="503 Busy"), "out.upstream"),
    "555": (lambda exchange: exchange.answer(b"", status="555 Timed Out"), "out.timed_out_there"),
    "202": (lambda exchange: json_body(exchange, {}, status="202 Accepted"), "out.not_yet"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_is_met_with_its_reason(meet, attack):
    answer, reason = ATTACKS[attack]
    upstream = meet(answer)
    with pytest.raises(BitbucketError) as raised:
        repository(upstream.client, *WHERE)
    assert raised.value.reason == reason
    assert "t0ken" not in f"{raised.value!r} {raised.value.__cause__!r}"


@pytest.mark.parametrize("attack", ATTACKS)
def test_it_costs_no_more_than_a_handful_of_calls(meet, attack):
    upstream = meet(ATTACKS[attack][0])
    with pytest.raises(BitbucketError):
        repository(upstream.client, *WHERE)
    assert len(upstream.api_calls) <= 4


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_next_call_is_none_the_worse(meet, attack):
    answers = [ATTACKS[attack][0]]

    def once(exchange):
        if answers:
            return answers[0](exchange)
        return json_body(exchange, {"uuid": ALICES_REPOSITORY})

    upstream = meet(once)
    with pytest.raises(BitbucketError):
        repository(upstream.client, *WHERE)
    answers.clear()
    assert repository(upstream.client, *WHERE).uuid == ALICES_REPOSITORY


def test_a_revoked_installation_costs_two_calls_and_one_swap(meet):
    upstream = meet(lambda exchange: json_body(exchange, {}, status="401 Unauthorized"))
    with pytest.raises(BitbucketError):
        repository(upstream.client, *WHERE)
    assert len(upstream.api_calls) == 2
    assert len(upstream.server.requests) == 4


@pytest.mark.parametrize("retry_after", ["999999999", "-5", "abc", "Thu, 01 Jan 1970 00:00:00 GMT", "0", ""])
def test_no_retry_after_makes_us_wait_for_ever_or_not_at_all(meet, retry_after):
    headers = [f"Retry-After: {retry_after}"]
    upstream = meet(lambda exchange: exchange.answer(b"Rate limit", status="429 Too Many", headers=headers))
    with pytest.raises(RateLimited) as raised:
        repository(upstream.client, *WHERE)
    assert 1 <= (raised.value.retry_at - NOW).total_seconds() <= 900
    assert len(upstream.api_calls) == 1


def test_a_page_that_leads_away_is_not_followed(meet):
    upstream = meet(lambda exchange: json_body(exchange, {"values": [], "next": FOREIGN}))
    with pytest.raises(BitbucketError) as raised:
        newest_branches(upstream.client, *WHERE)
    assert raised.value.reason == "out.next_host"


def test_a_page_that_leads_to_itself_is_left(meet):
    def to_itself(exchange):
        json_body(exchange, {"values": [{"name": "main"}], "next": f"{upstream.server.url}{exchange.request.target}"})

    upstream = meet(to_itself)
    with pytest.raises(BitbucketError) as raised:
        list(upstream.client.iterate("/2.0/x", dict))
    assert (raised.value.reason, len(upstream.api_calls)) == ("out.page_limit", 1)


def test_objects_of_another_workspace_are_dropped_and_counted(meet):
    foreign = {"id": 1, "destination": {"repository": {"uuid": CHARLIES_REPOSITORY}}}
    upstream = meet(lambda exchange: json_body(exchange, {"values": [foreign] * 3}))
    found = open_pull_requests(upstream.client, *WHERE)
    assert (found.pull_requests, found.foreign_count) == ((), 3)


def test_a_burst_of_failures_opens_the_circuit_and_later_calls_cost_nothing(meet):
    upstream = meet(lambda exchange: exchange.answer(b"", status="500 Oops"))
    reasons = []
    for _ in range(20):
        with pytest.raises(BitbucketError) as raised:
            repository(upstream.client, *WHERE)
        reasons.append(raised.value.reason)
    assert reasons == ["out.upstream"] * 8 + ["out.circuit_open"] * 12
    assert len(upstream.api_calls) == 8
    with pytest.raises(CircuitOpen) as raised:
        repository(upstream.client, *WHERE)
    assert raised.value.retry_at > NOW


def test_silence_ends_at_the_deadline_of_the_panel(meet):
    upstream = meet(lambda exchange: exchange.hang())
    panel = upstream.client.within(Deadline(0.3, clock=time.monotonic))
    for read in (repository, newest_branches, open_pull_requests):
        with pytest.raises(BitbucketError) as raised:
            read(panel, *WHERE)
        assert raised.value.reason == "out.timeout"
    # The time was up after the first of them, so the other two were not even sent.
    assert len(upstream.api_calls) == 1
