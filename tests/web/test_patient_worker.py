"""Tests of the worker in a real gunicorn with a single thread, which any client that can hold a thread would stop."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from demo.ports import HOST, any_free_port
from demo.waiting import wait_until
from tests.house_figures import ROOT
from web.patient_worker import ARRIVAL_SECONDS

APPLICATION = """
import pathlib, threading

folder = pathlib.Path(__file__).parent

def application(environ, start_response):
    with (folder / "order").open("a") as order:
        order.write(environ["PATH_INFO"] + "\\n")
    if environ["PATH_INFO"].endswith("/slowly"):
        (folder / "begun").touch()
        while not (folder / "go").exists():
            threading.Event().wait(0.02)
    announced = int(environ.get("CONTENT_LENGTH") or 0)
    body = b"" if announced > 1048576 else environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body) + 1)), ("X-Path", environ["PATH_INFO"])])
    return [b"=" + body]
"""
IMPATIENT = """
from web import patience

patience.PATIENCE_SECONDS = 0.5
"""
WEBHOOK = b"POST /connect/slowly HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
CHUNKS = b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
GET = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with running(tmp_path_factory.mktemp("gunicorn")) as (port, _):
        yield port


@contextlib.contextmanager
def running(directory, *options, application=APPLICATION):
    (directory / "echo.py").write_text(application)
    port = any_free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "web.patient_worker.PatientWorker", "-w", "1", "--threads", "1"]
    command += ["-b", f"{HOST}:{port}", "--limit-request-line", "0", "--pythonpath", str(directory), "echo:application"]
    command[-1:-1] = options
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    log = (directory / "log").open("wb")
    with log, subprocess.Popen(command, cwd=directory, env=environment, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: answers(port), what="gunicorn", timeout_seconds=20)
            yield port, process
        finally:
            process.terminate()
            process.wait(20)


def answers(port):
    try:
        return ask(port, GET % b"").startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def connect(port, timeout=20, *, source=HOST):
    return socket.create_connection((HOST, port), timeout=timeout, source_address=(source, 0))


def ask(port, request, timeout=20):
    with connect(port, timeout) as connection:
        connection.sendall(request)
        return connection.recv(65_536)


def read_to_end(connection):
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received


@pytest.mark.parametrize(
    "start",
    [
        b"G",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\nx",
        GET % b"first" + b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ids=["one byte", "header", "body", "expecting", "chunk", "too large", "pipelined", "not hanging up"],
)
def test_no_client_holds_the_only_thread(port, start):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(connect(port)) for _ in range(8)]
        for connection in slow:
            connection.sendall(start)
        for _ in range(3):
            # One of them alone could hold it for longer than this waits.
            assert ask(port, GET % b"honest", timeout=ARRIVAL_SECONDS / 2).startswith(b"HTTP/1.1 200")


def test_what_does_not_arrive_in_time_is_refused(port):
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert read_to_end(connection).startswith(b"HTTP/1.1 408 ")


def test_requests_that_follow_each_other_on_one_connection_are_all_answered(port):
    with connect(port) as connection:
        connection.sendall(GET % b"one" + GET % b"two" + (GET % b"three")[:9])
        connection.sendall((GET % b"three")[9:-4] + b"\r\nConnection: close\r\n\r\n")
        received = read_to_end(connection)
    assert [line for line in received.split(b"\r\n") if line.startswith(b"X-Path")] == [
        b"X-Path: /one",
        b"X-Path: /two",
        b"X-Path: /three",
    ]


@pytest.mark.parametrize(
    ("request_bytes", "body"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", b"=hello"),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n%b" % CHUNKS,
            b"=hello",
        ),
    ],
)
def test_a_body_that_comes_in_pieces_is_read_whole(port, request_bytes, body):
    with connect(port) as connection:
        for begin in range(0, len(request_bytes), 7):
            connection.sendall(request_bytes[begin : begin + 7])
        assert read_to_end(connection).endswith(b"\r\n\r\n" + body)


def test_who_waits_to_be_told_to_go_on_is_told(port):
    with connect(port) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(1_000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"hello")
        assert read_to_end(connection).endswith(b"=hello")


def test_an_announced_body_past_the_cap_closes_the_connection(port):
    """What follows on it could be read as another request."""
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + GET % b"smuggled")
        received = read_to_end(connection)
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"smuggled" not in received


def test_a_head_without_an_end_is_refused(port):
    with connect(port) as connection, contextlib.suppress(BrokenPipeError):
        connection.sendall(b"GET /" + b"x" * 400_000)
        assert connection.recv(1_000).startswith(b"HTTP/1.1 431 ")


def test_a_request_that_ends_too_soon_is_not_served(port):
    with connect(port) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx")
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).startswith(b"HTTP/1.1 400 ")
    assert answers(port)


def flood(stack, port, count):
    """Whole requests of one address, while another request of it holds the only thread."""
    connections = []
    for _ in range(count):
        # At once: one that has said nothing yet gives way before those that wait for their turn.
        connections.append(stack.enter_context(connect(port)))
        connections[-1].sendall(GET % b"flood")
    return connections


def test_a_flood_from_one_address_waits_behind_itself(tmp_path):
    with running(tmp_path) as (port, _), contextlib.ExitStack() as stack:
        stack.enter_context(connect(port)).sendall(GET % b"slowly")
        wait_until((tmp_path / "begun").exists, what="the request", timeout_seconds=20)
        flood(stack, port, 20)
        honest = stack.enter_context(connect(port, source="127.0.0.2"))
        honest.sendall(GET % b"honest")
        # The main loop takes connections in one after another, and refuses this one itself.
        assert ask(port, b"GET /" + b"x" * 400_000).startswith(b"HTTP/1.1 431 ")
        (tmp_path / "go").touch()
        assert honest.recv(1_000).startswith(b"HTTP/1.1 200 ")
        order = (tmp_path / "order").read_text().split()
    assert order.index("/honest") - order.index("/slowly") <= 2


def test_whoever_has_taken_most_connections_gives_way_when_nobody_else_gets_in(tmp_path):
    with running(tmp_path, "--worker-connections", "8") as (port, _), contextlib.ExitStack() as stack:
        stack.enter_context(connect(port)).sendall(GET % b"slowly")
        wait_until((tmp_path / "begun").exists, what="the request", timeout_seconds=20)
        # Seven wait, which are three more than half of eight.
        connections = flood(stack, port, 7)
        honest = stack.enter_context(connect(port, source="127.0.0.2"))
        honest.sendall(GET % b"honest")
        refused = [connection.recv(1_000)[:13] for connection in connections[-3:]]
        (tmp_path / "go").touch()
        assert refused == [b"HTTP/1.1 503 "] * 3
        assert honest.recv(1_000).startswith(b"HTTP/1.1 200 ")
        assert [one.recv(1_000)[:13] for one in connections[:-3]] == [b"HTTP/1.1 200 "] * 4


def hold_webhooks(stack, port, directory, count):
    """Webhooks that no thread is done with until the test says so: of four threads, two begin."""
    held = [stack.enter_context(connect(port)) for _ in range(count)]
    for connection in held:
        connection.sendall(WEBHOOK)
    wait_until(lambda: begun(directory).count("/connect/slowly") >= 2, what="the webhooks", timeout_seconds=20)
    return held


def begun(directory):
    return (directory / "order").read_text().split()


def test_webhooks_that_wait_do_not_have_all_threads(tmp_path):
    with running(tmp_path, "--threads", "4") as (port, _), contextlib.ExitStack() as stack:
        held = hold_webhooks(stack, port, tmp_path, 20)
        for _ in range(3):
            assert ask(port, GET % b"page").startswith(b"HTTP/1.1 200 ")
        assert begun(tmp_path).count("/connect/slowly") == 2
        (tmp_path / "go").touch()
        assert {one.recv(1_000)[:13] for one in held} == {b"HTTP/1.1 200 "}


def test_webhooks_that_have_waited_too_long_for_their_turn_are_told_to_come_again(tmp_path):
    with (
        running(tmp_path, "--threads", "4", application=APPLICATION + IMPATIENT) as (port, _),
        contextlib.ExitStack() as stack,
    ):
        held = hold_webhooks(stack, port, tmp_path, 6)
        refused = []
        while len(refused) < 4:
            answered, _, _ = select.select(held, [], [], 20)
            assert answered, "somebody waits on"
            refused += [connection.recv(1_000) for connection in answered]
            held = [connection for connection in held if connection not in answered]
        (tmp_path / "go").touch()
        assert {one.recv(1_000)[:13] for one in held} == {b"HTTP/1.1 200 "}
    assert len(refused) == 4
    assert all(answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 5\r\n" in answer for answer in refused)


def test_it_answers_whom_it_has_begun_with_before_it_stops(tmp_path):
    with running(tmp_path) as (port, process), connect(port) as connection:
        connection.sendall(GET % b"slowly")
        wait_until((tmp_path / "begun").exists, what="the request", timeout_seconds=20)
        process.send_signal(signal.SIGTERM)
        (tmp_path / "go").touch()
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
        assert process.wait(20) == 0


def test_while_it_finishes_it_refuses_newcomers_at_once(tmp_path):
    """A proxy may ask another server after a refusal; a request that was sent and cut off it may not send twice."""
    with running(tmp_path) as (port, process), connect(port) as connection:
        connection.sendall(GET % b"slowly")
        wait_until((tmp_path / "begun").exists, what="the request", timeout_seconds=20)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(port), what="a refusal", timeout_seconds=8)
        (tmp_path / "go").touch()
        assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
        assert process.wait(20) == 0


def refuses(port):
    try:
        connect(port).close()
    except ConnectionRefusedError:
        return True
    return False


def test_all_who_had_connected_before_it_was_told_to_stop_are_answered(tmp_path):
    with running(tmp_path) as (port, process):
        (worker,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(worker), signal.SIGSTOP)
        with contextlib.ExitStack() as stack:
            # More than one, since a turn of the main loop takes one in.
            queued = [stack.enter_context(connect(port)) for _ in range(3)]
            for connection in queued:
                connection.sendall(GET % b"early")
            process.send_signal(signal.SIGTERM)
            os.kill(int(worker), signal.SIGTERM)
            os.kill(int(worker), signal.SIGCONT)
            assert [connection.recv(1_000)[:13] for connection in queued] == [b"HTTP/1.1 200 "] * 3
