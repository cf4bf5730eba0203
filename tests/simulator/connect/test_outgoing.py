"""How this Bitbucket speaks to apps: total time, size, redirects, and what is said when nobody answers."""

from __future__ import annotations

import gzip
import threading

import pytest
from flask import Flask, Response, redirect, request

from simulator.connect.errors import Unanswered
from simulator.connect.outgoing import MAX_ANSWER_BYTES, Outgoing
from simulator.server import Server, free_port


@pytest.fixture
def stop():
    """Set at the end, so that no answer keeps a thread."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def server(stop):
    app = Flask("outgoing")

    @app.route("/echo", methods=["GET", "POST"])
    def echo():
        return Response(f"{request.method} {request.get_data().decode()} {request.headers.get('X-One')}", status=207)

    @app.get("/packed")
    def packed():
        return Response(gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})

    @app.get("/moved")
    def moved():
        return redirect("/echo")

    @app.get("/huge")
    def huge():
        return Response(bytes(MAX_ANSWER_BYTES * 3))

    @app.get("/hang")
    def hang():
        stop.wait(20)
        return Response("late")

    @app.get("/drip")
    def drip():
        def slowly():
            for _ in range(200):
                stop.wait(0.05)
                yield b"x"

        return Response(slowly())

    with Server(app, port=free_port()) as running:
        yield running


@pytest.fixture
def outgoing():
    made = Outgoing()
    yield made
    made.close()


def get(outgoing, server, path, *, timeout_seconds=5.0, **more):
    return outgoing.send("GET", server.url + path, headers={}, timeout_seconds=timeout_seconds, **more)


def test_it_sends_what_it_is_given_and_hands_back_the_answer(outgoing, server):
    answer = outgoing.send("POST", f"{server.url}/echo", headers={"X-One": "1"}, body=b"hello", timeout_seconds=5)
    assert (answer.status, answer.body, answer.is_success) == (207, b"POST hello 1", True)
    assert answer.elapsed_seconds >= 0


def test_packed_answers_are_unpacked(outgoing, server):
    assert get(outgoing, server, "/packed").body == b"packed"


def test_a_redirect_is_an_answer_unless_it_may_be_followed(outgoing, server):
    answer = get(outgoing, server, "/moved")
    assert (answer.status, answer.reason, answer.is_success) == (302, "FOUND", False)
    assert get(outgoing, server, "/moved", redirects=2).status == 207


def test_a_huge_answer_is_cut(outgoing, server):
    assert len(get(outgoing, server, "/huge").body) == MAX_ANSWER_BYTES


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_an_answer_that_does_not_end_in_time_is_none(outgoing, server, path):
    with pytest.raises(Unanswered, match=r"did not answer within 0\.3 s") as error:
        get(outgoing, server, path, timeout_seconds=0.3)
    assert error.value.timed_out


def test_nobody_there_is_no_timeout(outgoing):
    with pytest.raises(Unanswered, match="could not be reached") as error:
        outgoing.send("GET", f"http://127.0.0.1:{free_port()}/", headers={}, timeout_seconds=5)
    assert not error.value.timed_out


def test_an_address_that_is_none_is_not_reached(outgoing):
    with pytest.raises(Unanswered):
        outgoing.send("GET", "http://:0/", headers={}, timeout_seconds=1)
