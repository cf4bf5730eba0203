"""A door that is closed: who knocked before gets in, who knocks afterwards is overlooked."""

from __future__ import annotations

import socket
import sys
import threading

import pytest

from demo.ports import HOST
from web.closing_door import let_nobody_in, wait_until_all_are_in

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is one of Linux's")
EARLY = 3


@pytest.fixture
def door():
    with socket.create_server((HOST, 0), backlog=16) as listener:
        yield listener


def knock(door, timeout=20.0):
    return socket.create_connection(door.getsockname(), timeout=timeout)


def test_a_newcomer_is_neither_let_in_nor_refused(door):
    let_nobody_in(door)
    with pytest.raises(TimeoutError):
        knock(door, timeout=0.3)


def test_who_came_before_is_waited_for_and_heard(door):
    early = [knock(door) for _ in range(EARLY)]
    let_nobody_in(door)
    for client in early:
        client.sendall(b"a request")
    waiting = threading.Thread(target=wait_until_all_are_in, args=(door,))
    waiting.start()
    accepted = [door.accept()[0] for _ in range(EARLY)]
    waiting.join()
    assert {connection.recv(64) for connection in accepted} == {b"a request"}
    for connection in (*early, *accepted):
        connection.close()


def test_it_goes_on_waiting_while_somebody_has_not_been_let_in(door):
    with knock(door):
        waiting = threading.Thread(target=wait_until_all_are_in, args=(door,))
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        door.accept()[0].close()
        waiting.join()
