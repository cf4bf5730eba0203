"""Tests of choosing ports."""

from __future__ import annotations

import socket

import pytest

from demo.errors import OptionRefused
from demo.ports import any_free_port, choose_port, is_free


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_it_sees_whether_somebody_listens(taken):
    assert not is_free(taken)
    assert is_free(any_free_port())


def test_it_takes_the_port_that_is_wanted():
    port = any_free_port()
    assert choose_port(port, default=1) == port


def test_it_refuses_a_wanted_port_that_is_taken(taken):
    with pytest.raises(OptionRefused, match=str(taken)):
        choose_port(taken, default=1)


def test_it_takes_the_default_where_nothing_is_wanted():
    port = any_free_port()
    assert choose_port(None, default=port) == port


def test_it_takes_another_where_the_default_is_taken(taken):
    port = choose_port(None, default=taken)
    assert port != taken
    assert is_free(port)
