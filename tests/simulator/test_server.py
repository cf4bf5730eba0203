"""The server: several requests at once, connections that stay open, and a clean end."""

from __future__ import annotations

import http.client
import socket
import threading
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response

from simulator.server import Server


@pytest.fixture
def app():
    made = Flask("served")
    made.add_url_rule("/", "root", lambda: Response("here"))
    return made


def connect(server):
    parts = urlsplit(server.url)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)


def get(connection, path="/"):
    connection.request("GET", path)
    return connection.getresponse().read()


def test_it_answers_one_request_after_another(app):
    with Server(app) as server:
        connection = connect(server)
        assert [get(connection) for _ in range(3)] == [b"here"] * 3
        connection.close()


def test_a_request_can_be_made_while_another_is_open(app):
    inner = []

    @app.get("/outer")
    def outer():
        connection = connect(server)
        inner.append(get(connection))
        connection.close()
        return "done"

    with Server(app) as server:
        connection = connect(server)
        assert get(connection, "/outer") == b"done"
        connection.close()
    assert inner == [b"here"]


def test_nothing_listens_afterwards_and_open_connections_end(app):
    with Server(app) as server:
        address = urlsplit(server.url)
        idle = socket.create_connection((address.hostname, address.port), timeout=10)
        connection = connect(server)
        get(connection)
        connection.close()
    with idle:
        assert idle.recv(1) == b""
    with pytest.raises(OSError, match="refused"), socket.create_connection((address.hostname, address.port), timeout=1):
        pass


def test_a_client_that_leaves_early_disturbs_nobody(app):
    gone = threading.Event()

    @app.get("/long")
    def long():
        def chunks():
            yield b"x"
            gone.wait(10)
            for _ in range(100):
                yield b"x" * 65536

        return Response(chunks())

    with Server(app) as server:
        parts = urlsplit(server.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as leaving:
            leaving.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
            leaving.recv(10)
        gone.set()
        connection = connect(server)
        assert get(connection) == b"here"
        connection.close()


def test_it_writes_no_log(app, capfd):
    with Server(app) as server:
        connection = connect(server)
        get(connection)
        get(connection, "/nothing")
        connection.close()
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_an_os_error(app):
    with Server(app) as server, pytest.raises(OSError, match="in use"):
        Server(app, port=urlsplit(server.url).port)
