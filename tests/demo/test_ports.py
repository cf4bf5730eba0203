"""Tests of choosing ports and of holding them."""

from __future__ import annotations

import socket
import sys

import pytest

from demo.errors import OptionRefused
from demo.ports import HeldPorts, any_free_port, is_free


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def ports():
    with HeldPorts() as ports:
        yield ports


def test_it_sees_whether_somebody_listens(taken):
    assert not is_free(taken)
    assert is_free(any_free_port())


def test_it_takes_the_port_that_is_wanted(ports):
    port = any_free_port()
    assert ports.choose(port, default=1) == port


def test_it_refuses_a_wanted_port_that_is_taken(ports, taken):
    with pytest.raises(OptionRefused, match=str(taken)):
        ports.choose(taken, default=1)


def test_it_takes_the_default_where_nothing_is_wanted(ports):
    port = any_free_port()
    assert ports.choose(None, default=port) == port


def test_it_takes_another_where_the_default_is_taken(ports, taken):
    port = ports.choose(None, default=taken)
    assert port != taken
    assert is_free(port)


def test_it_never_gives_one_port_twice(ports):
    port = any_free_port()
    ports.choose(port, default=1)
    assert ports.choose(None, default=port) != port
    with pytest.raises(OptionRefused):
        ports.choose(port, default=1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that leave no file")
def test_what_one_demo_holds_another_does_not_take_before_anybody_listens(ports):
    port = ports.choose(None, default=any_free_port())
    with HeldPorts() as others:
        assert others.choose(None, default=port) != port


def test_what_is_let_go_can_be_taken():
    port = any_free_port()
    for _ in range(2):
        with HeldPorts() as ports:
            assert ports.choose(port, default=1) == port


def test_without_such_names_it_only_looks(monkeypatch, ports):
    class NoNames(socket.socket):
        def bind(self, address):
            if self.family == socket.AF_UNIX:
                raise OSError(2, "no such file")
            super().bind(address)

    monkeypatch.setattr("demo.ports.socket.socket", NoNames)
    port = any_free_port()
    assert ports.choose(port, default=1) == port
