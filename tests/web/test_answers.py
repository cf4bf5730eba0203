"""Answers as gunicorn hands them to the network: in one piece where there is one, whole in any case."""

import socket
from types import SimpleNamespace

import pytest
from gunicorn.http.wsgi import InvalidResponseHeader

from web.answers import Answer

CONTENT = ("Content-Type", "text/html; charset=utf-8")


class Noted:
    """A socket that notes each piece that it is given."""

    def __init__(self):
        self.pieces = []

    def sendall(self, piece):
        self.pieces.append(piece)


@pytest.fixture
def connection():
    return Noted()


@pytest.fixture
def answer(connection):
    request = SimpleNamespace(version=(1, 1), method="GET", should_close=lambda: False)
    return Answer(request, connection, SimpleNamespace(is_ssl=False, sendfile=None, protocol="http"))


def test_head_and_body_are_one_piece(answer, connection):
    answer.start_response("200 OK", [CONTENT, ("Content-Length", "4")])
    answer.write(b"body")
    answer.close()
    [piece] = connection.pieces
    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b"\r\n\r\nbody")


def test_an_answer_without_a_body_is_sent_when_it_ends(answer, connection):
    answer.start_response("304 Not Modified", [("ETag", 'W/"x"')])
    answer.write(b"")
    assert connection.pieces == []
    answer.close()
    [piece] = connection.pieces
    assert piece.endswith(b"\r\n\r\n")


def test_what_comes_in_pieces_is_sent_as_it_comes(answer, connection):
    answer.start_response("200 OK", [CONTENT])
    for piece in (b"one", b"two"):
        answer.write(piece)
    assert [piece.rpartition(b"\r\n\r\n")[2] for piece in connection.pieces] == [b"3\r\none\r\n", b"3\r\ntwo\r\n"]
    answer.close()
    assert connection.pieces[-1] == b"0\r\n\r\n"


def test_a_header_that_was_seen_before_is_sent_all_the_same(answer, connection):
    given = [CONTENT, ("Vary", "Accept-Encoding"), ("Content-Length", "0"), ("Vary", "Accept-Encoding")]
    for _ in range(2):
        one = Answer(answer.req, connection, answer.cfg)
        one.start_response("200 OK", given)
        one.close()
        assert one.headers == given
        assert one.response_length == 0
    first, second = connection.pieces
    assert first.split(b"Connection")[1] == second.split(b"Connection")[1]


@pytest.mark.parametrize("header", [("Vary", "a\r\nX-Forged: b"), ("Content-Type", "text/html\x00"), ("X-One", "\n")])
def test_a_header_that_would_split_the_answer_is_refused_each_time(answer, header):
    for _ in range(2):
        with pytest.raises(InvalidResponseHeader):
            answer.process_headers([header])
    assert answer.headers == []


def test_whatever_else_a_socket_has_is_the_connections(answer):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert Answer(answer.req, ours, answer.cfg).sock.fileno() == ours.fileno()
