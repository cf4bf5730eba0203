"""Second tries, and bodies that are handed on as they come."""

from __future__ import annotations

import pytest

from bitbucket.errors import ConnectionFailed, TimedOut
from bitbucket.messages import Headers, Request
from tests.bitbucket.loopback_server import hang_up


def get(url, path="/2.0/user", **headers):
    return Request("GET", url + path, Headers(headers))


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
        response = transport.send(Request(method, server.url + "/x"), deadline_seconds=60)
        assert (response.status, response.answers) == (200, 3)
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
        server, transport = serve(hang_up)
        with pytest.raises(ConnectionFailed):
            transport.send(Request("POST", server.url + "/x"), deadline_seconds=60)
        assert len(server.requests) == 1

    def test_a_get_is_tried_again_when_nobody_answers(self, serve):
        server, transport = serve(hang_up)
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
