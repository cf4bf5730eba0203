"""Tests of when a request counts as arrived: however it is cut up, it is whole at the same byte."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.arrivals import MAX_BODY_BYTES, MAX_HEAD_BYTES, Arrival, Verdict

GET = b"GET /panels/repository?x=1 HTTP/1.1\r\nHost: bittern\r\n\r\n"
POST = b"POST /connect/webhook HTTP/1.1\r\nHost: bittern\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /connect/webhook HTTP/1.1\r\nHost: bittern\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\nA;name=x\r\n0123456789\r\n0\r\n\r\n"
)
TRAILERS = CHUNKED[:-2] + b"X-Sum: 1\r\n\r\n"


def verdicts(pieces):
    arrival = Arrival()
    return [arrival.add(piece) for piece in pieces]


@pytest.mark.parametrize("request_bytes", [GET, POST, CHUNKED, TRAILERS])
def test_it_is_ready_with_its_last_byte_and_not_before(request_bytes):
    found = verdicts([bytes([byte]) for byte in request_bytes])
    assert found == [Verdict.WAIT] * (len(request_bytes) - 1) + [Verdict.READY]


@given(request_bytes=st.sampled_from([GET, POST, CHUNKED, TRAILERS]), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_however_it_is_cut_it_is_ready_with_the_last_piece(request_bytes, cuts):
    places = sorted({0, len(request_bytes), *(cut for cut in cuts if cut < len(request_bytes))})
    found = verdicts([request_bytes[begin:end] for begin, end in itertools.pairwise(places)])
    assert found == [Verdict.WAIT] * (len(found) - 1) + [Verdict.READY]


def test_nothing_is_lost_and_what_comes_after_is_kept_too():
    arrival = Arrival()
    assert arrival.add(GET[:10]) is Verdict.WAIT
    assert arrival.add(GET[10:] + POST[:7]) is Verdict.READY
    assert bytes(arrival) == GET + POST[:7]
    assert len(arrival) == len(GET) + 7


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding:\tidentity",
        b"Transfer-Encoding: xchunked",
        b"Content-Length: -5",
        b"Content-Length: 5, 5",
        b"Content-Length: 0x5",
        b"Content-Length : 5",
        b"Content-Length: %d" % (MAX_BODY_BYTES + 1),
        b"Content-Length: 999999999999999999",
    ],
)
def test_odd_framing_and_bodies_past_the_cap_are_not_waited_for(framing):
    assert Arrival().add(b"POST /x HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n") is Verdict.READY


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"\r\n", b"-1\r\n", b"5" * 80, b"ffffffff\r\n"])
def test_chunks_that_are_none_are_not_waited_for(chunks):
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert Arrival().add(head + chunks) is Verdict.READY


def test_chunks_past_the_cap_are_not_waited_for():
    arrival = Arrival()
    assert arrival.add(b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n") is Verdict.WAIT
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    found = [arrival.add(chunk) for _ in range(MAX_BODY_BYTES // 0x10000 + 1)]
    assert found[0] is Verdict.WAIT
    assert found[-1] is Verdict.READY


def test_a_body_of_exactly_the_cap_is_waited_for():
    arrival = Arrival()
    assert arrival.add(b"POST /x HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MAX_BODY_BYTES) is Verdict.WAIT
    assert arrival.add(b"x" * (MAX_BODY_BYTES - 1)) is Verdict.WAIT
    assert arrival.add(b"x") is Verdict.READY


def test_a_head_without_an_end_is_given_up():
    arrival = Arrival()
    assert arrival.add(b"GET /" + b"x" * (MAX_HEAD_BYTES - 5)) is Verdict.WAIT
    assert arrival.add(b"x") is Verdict.HEAD_TOO_LARGE


def test_who_waits_to_be_told_to_go_on_is_told_once():
    arrival = Arrival()
    arrival.add(b"POST /x HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert arrival.take_expectation()
    assert not arrival.take_expectation()


@pytest.mark.parametrize("framing", [b"Content-Length: 0", b"Content-Length: 99999999", b"X-None: 1"])
def test_nobody_is_told_to_go_on_with_what_is_not_waited_for(framing):
    arrival = Arrival()
    arrival.add(b"POST /x HTTP/1.1\r\n" + framing + b"\r\nExpect: 100-continue\r\n\r\n")
    assert not arrival.take_expectation()


@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_it_stumble(noise):
    head = b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert Arrival().add(head + noise) in {Verdict.WAIT, Verdict.READY}
    assert Arrival().add(noise) in {Verdict.WAIT, Verdict.READY}
