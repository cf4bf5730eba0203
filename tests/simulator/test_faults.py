"""Faults on demand, over real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from urllib.parse import urlsplit

import pytest

from simulator.faults import Fault, Faults, default_response, fault_from_json, target_of

REPOSITORY = "/2.0/repositories/acme/paint"


def wish(live, **fault):
    live.control("POST", "/faults", fault)


def status(live, path=REPOSITORY):
    return live.call("GET", path)[0]


@pytest.fixture(autouse=True)
def public(live):
    """Anybody may read the repository, so that a call needs no credential."""
    live.cast.paint.is_private = False


def test_a_fault_answers_instead_of_the_truth(live):
    wish(live, match="GET /2.0/repositories", status=503, body="no", headers={"X-Why": "fault"})
    answer = live.http.request("GET", live.url + REPOSITORY, timeout=10)
    assert (answer.status, answer.data, answer.headers["X-Why"]) == (503, b"no", "fault")


def test_only_what_matches_is_touched(live):
    wish(live, match="^POST ", status=503)
    wish(live, match=r"/acme/other$", status=503)
    assert status(live) == 200


def test_the_query_can_be_matched_too(live):
    wish(live, match=r"GET .*\?page=2$", status=500)
    assert status(live, f"{REPOSITORY}?page=2") == 500
    assert status(live, f"{REPOSITORY}?page=3") == 200


def test_the_newest_match_wins(live):
    wish(live, match="acme", status=500)
    wish(live, match="paint", status=429)
    assert status(live) == 429


def test_a_fault_can_strike_a_few_times_only(live):
    wish(live, match="paint", status=500, times=2)
    assert [status(live) for _ in range(3)] == [500, 500, 200]
    assert live.control("GET", "/faults") == []


def test_a_fault_can_let_some_pass_first(live):
    wish(live, match="paint", status=500, skip=1, times=1)
    assert [status(live) for _ in range(3)] == [200, 500, 200]


def test_a_fault_can_end_by_itself(live):
    wish(live, match="paint", status=500, for_seconds=0)
    assert status(live) == 200


def test_control_lists_and_clears_them(live):
    wish(live, match="paint", status=500, times=5)
    status(live)
    assert live.control("GET", "/faults") == [{"match": "paint", "status": 500, "times": 5, "struck": 1}]
    live.control("DELETE", "/faults")
    assert status(live) == 200


def test_control_itself_is_never_touched(live):
    wish(live, match=".*", status=500)
    assert live.control("DELETE", "/faults") == {"ok": True}


def test_a_fault_can_speak_json_or_any_type(live):
    wish(live, match="paint", json={"values": [], "next": "$self"})
    answer = live.call("GET", f"{REPOSITORY}?page=1")
    assert answer == (200, {"values": [], "next": f"{live.url}{REPOSITORY}?page=1"})
    wish(live, match="paint", body="<html>", content_type="text/html", status=200)
    assert live.call("GET", REPOSITORY) == (200, b"<html>")


def test_a_fault_can_send_elsewhere(live):
    wish(live, match="paint", location="http://127.0.0.1:9/steal")
    answer = live.http.request("GET", live.url + REPOSITORY, redirect=False, timeout=10)
    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.1:9/steal")
    wish(live, match="paint", location="/elsewhere", status=307)
    assert status(live) == 307


def test_a_delay_comes_before_the_truth(live):
    wish(live, match="paint", delay_seconds=0.2)
    began = time.monotonic()
    assert status(live) == 200
    assert time.monotonic() - began >= 0.2


def test_clearing_ends_a_delay_and_a_hang(live):
    wish(live, match="paint", hang=True)
    found = []
    caller = threading.Thread(target=lambda: found.append(status(live)))
    caller.start()
    wait_until(lambda: live.control("GET", "/faults")[0]["struck"] == 1)
    live.control("DELETE", "/faults")
    caller.join(10)
    assert found == [504]


def test_a_hang_can_end_in_an_answer_of_its_own(live):
    wish(live, match="paint", hang=True, status=418)
    found = []
    caller = threading.Thread(target=lambda: found.append(status(live)))
    caller.start()
    wait_until(lambda: live.control("GET", "/faults")[0]["struck"] == 1)
    live.control("DELETE", "/faults")
    caller.join(10)
    assert found == [418]


def wait_until(condition):
    pause = threading.Event()
    for _ in range(500):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


def test_an_answer_can_drip(live):
    wish(live, match="paint", body="abc", drip_seconds=0.01)
    assert live.call("GET", REPOSITORY) == (200, b"abc")


def test_the_truth_can_drip(live):
    wish(live, match="/2.0/nothing", drip_seconds=0.0001)
    assert live.call("GET", "/2.0/nothing")[1]["error"]["message"] == "Resource not found"


def test_a_small_answer_can_unpack_into_a_huge_one(live):
    wish(live, match="paint", gzip_bomb_bytes=5_000_000)
    answer = live.http.request("GET", live.url + REPOSITORY, decode_content=False, preload_content=False, timeout=10)
    packed = answer.read(decode_content=False)
    answer.release_conn()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 20_000
    assert gzip.decompress(packed) == bytes(5_000_000)


def test_a_bomb_is_whole_gzip_at_every_size(live):
    wish(live, match="paint", gzip_bomb_bytes=7)
    answer = live.http.request("GET", live.url + REPOSITORY, decode_content=False, timeout=10)
    assert zlib.decompress(answer.data, 31) == bytes(7)


def speak(live, text):
    """Every byte that comes back over a bare socket."""
    parts = urlsplit(live.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(text.encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if len(received) > 100_000:
                break
    return received


def test_raw_bytes_take_the_place_of_an_answer(live):
    wish(live, match="paint", raw="HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
    received = speak(live, f"GET {REPOSITORY} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert received == b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"


def test_raw_nothing_just_hangs_up(live):
    wish(live, match="paint", raw="")
    assert speak(live, f"GET {REPOSITORY} HTTP/1.1\r\nHost: x\r\n\r\n") == b""


def test_raw_bytes_can_go_on_for_ever(live):
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    wish(live, match="paint", raw=head, raw_endless="f")
    received = speak(live, f"GET {REPOSITORY} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert received.startswith(head.encode() + b"ffff")
    assert len(received) > 100_000


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"match": "("}, "match is not a regular expression"),
        ({"match": "x", "statsu": 500}, "A fault has no statsu."),
        ({"match": "x", "status": "500"}, "status must be a whole number."),
        ({"match": "x", "times": True}, "times must be a whole number."),
        ({"match": "x", "delay_seconds": "long"}, "could not convert"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(live, fault, words):
    status_code, answer = live.call("POST", "/_simulator/faults", fault)
    assert status_code == 400
    assert words in answer["message"]


def test_a_wish_that_is_no_object_is_refused(live):
    assert live.call("POST", "/_simulator/faults", [1])[0] == 400


def test_a_fault_says_of_itself_whether_it_answers():
    assert not fault_from_json({"match": "x", "delay_seconds": 1}).has_answer
    assert fault_from_json({"match": "x", "body": ""}).has_answer
    assert fault_from_json({"match": "x", "status": 204}).has_answer


def test_latency_is_added_to_the_api_alone(monkeypatch):
    waited = []
    faults = Faults()
    monkeypatch.setattr(faults, "_wait", waited.append)
    layered = faults.around(lambda _environ, _start: [b"ok"], latency_seconds=0.25)
    for path in ("/2.0/user", "/1.0/groups", "/acme/paint/", "/_simulator/"):
        assert list(layered({"REQUEST_METHOD": "GET", "PATH_INFO": path}, None)) == [b"ok"]
    assert waited == [0.25, 0.25]


def test_a_server_without_its_socket_cannot_write_raw():
    faults = Faults()
    faults.add(Fault(match=fault_from_json({"match": "x"}).match, raw=b"bytes"))
    started = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x"}
    body = faults.around(lambda _environ, _start: [])(environ, lambda status, _headers, *_: started.append(status))
    assert (b"".join(body), started) == (b"", ["500 INTERNAL SERVER ERROR"])


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({"RAW_URI": "/a%2Fb?c=d"}, "/a%2Fb?c=d"),
        ({"REQUEST_URI": "/a%20b"}, "/a%20b"),
        ({"PATH_INFO": "/a", "QUERY_STRING": "b=c"}, "/a?b=c"),
        ({"PATH_INFO": "/a"}, "/a"),
        ({}, ""),
    ],
)
def test_the_target_is_what_came_over_the_wire(environ, target):
    assert target_of(environ) == target


def test_every_status_has_a_page():
    assert default_response(504).status_code == 504
    assert default_response(599).status_code == 599
