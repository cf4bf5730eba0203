"""A host that keeps failing is left alone, and found again."""

from __future__ import annotations

import pytest

from bitbucket.circuit_breaker import CircuitBreaker
from bitbucket.errors import CircuitOpen, ConnectionFailed, TimedOut, TooLarge
from bitbucket.messages import Request, Response
from tests.bitbucket.cast import API, SITE
from tests.bitbucket.fake_transport import FakeTransport


@pytest.fixture
def breaker_over(clock):
    return lambda transport: CircuitBreaker(transport, clock=clock.monotonic, failures_to_open=3, rest_seconds=15)


def call(breaker, url=API, deadline_seconds=10.0):
    return breaker.send(Request("GET", f"{url}/2.0/user"), deadline_seconds=deadline_seconds)


def fail(breaker, times, **options):
    for _ in range(times):
        with pytest.raises((ConnectionFailed, TimedOut)):
            call(breaker, **options)


def test_it_passes_answers_on(breaker_over):
    transport = FakeTransport(Response(404))
    assert call(breaker_over(transport)).status == 404


def test_it_opens_after_failures_in_a_row(breaker_over):
    transport = FakeTransport(ConnectionFailed("down"), repeat=True)
    breaker = breaker_over(transport)
    fail(breaker, 3)
    assert breaker.is_open(API)
    with pytest.raises(CircuitOpen):
        call(breaker)
    assert len(transport.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_count_as_failures(breaker_over, status):
    breaker = breaker_over(FakeTransport(Response(status), repeat=True))
    for _ in range(3):
        assert call(breaker).status == status
    with pytest.raises(CircuitOpen):
        call(breaker)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429, 555])
def test_what_concerns_one_caller_does_not_open_it(breaker_over, status):
    breaker = breaker_over(FakeTransport(Response(status), repeat=True))
    for _ in range(20):
        call(breaker)
    assert not breaker.is_open(API)


def test_one_answer_in_between_starts_the_count_anew(breaker_over):
    down = ConnectionFailed("down")
    breaker = breaker_over(FakeTransport(down, down, Response(200), down, down, Response(200)))
    fail(breaker, 2)
    call(breaker)
    fail(breaker, 2)
    assert call(breaker).status == 200


def test_it_lets_one_call_try_after_a_rest(breaker_over, clock):
    transport = FakeTransport(*[ConnectionFailed("down")] * 3, Response(200), Response(200))
    breaker = breaker_over(transport)
    fail(breaker, 3)
    clock.pass_seconds(14.9)
    with pytest.raises(CircuitOpen):
        call(breaker)
    clock.pass_seconds(0.1)
    assert call(breaker).status == 200
    assert not breaker.is_open(API)
    assert call(breaker).status == 200


def test_a_failed_trial_makes_it_rest_again(breaker_over, clock):
    transport = FakeTransport(ConnectionFailed("down"), repeat=True)
    breaker = breaker_over(transport)
    fail(breaker, 3)
    clock.pass_seconds(15)
    fail(breaker, 1)
    with pytest.raises(CircuitOpen):
        call(breaker)
    assert len(transport.requests) == 4


def test_others_wait_for_the_outcome_of_the_trial(breaker_over, clock):
    refused = []

    def trial(request):
        with pytest.raises(CircuitOpen) as raised:
            call(breaker)
        refused.append(raised.value)
        return Response(200)

    breaker = breaker_over(FakeTransport(*[ConnectionFailed("down")] * 3, trial, Response(200)))
    fail(breaker, 3)
    clock.pass_seconds(15)
    assert call(breaker).status == 200
    assert len(refused) == 1
    assert call(breaker).status == 200


def test_a_call_that_had_no_time_says_nothing_about_the_host(breaker_over):
    breaker = breaker_over(FakeTransport(TimedOut("slow"), repeat=True))
    fail(breaker, 10, deadline_seconds=0.5)
    assert not breaker.is_open(API)
    fail(breaker, 3, deadline_seconds=1.0)
    assert breaker.is_open(API)


def test_an_answer_that_we_refuse_ends_a_trial_without_a_verdict(breaker_over, clock):
    breaker = breaker_over(FakeTransport(*[ConnectionFailed("down")] * 3, TooLarge("much"), Response(200)))
    fail(breaker, 3)
    clock.pass_seconds(15)
    with pytest.raises(TooLarge):
        call(breaker)
    assert call(breaker).status == 200


def test_each_host_has_its_own(breaker_over):
    transport = FakeTransport(*[ConnectionFailed("down")] * 3, Response(200))
    breaker = breaker_over(transport)
    fail(breaker, 3)
    assert call(breaker, SITE).status == 200
    assert (breaker.is_open(API), breaker.is_open(SITE)) == (True, False)
