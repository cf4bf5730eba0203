"""Sockets on which no read and no write outlasts the call."""

from __future__ import annotations

import socket

import pytest

from bitbucket.bounded_socket import BoundedSocket, CallTimer, current_timer


@pytest.fixture
def pair():
    near, far = socket.socketpair()
    near.settimeout(7)
    with near, far:
        yield near, far


@pytest.fixture
def timer(clock):
    """The timer of the call that is going on: ten seconds of a clock that stands still."""
    timer = CallTimer(10, clock.monotonic)
    token = current_timer.set(timer)
    yield timer
    current_timer.reset(token)


class TestTheTimer:
    def test_it_counts_down(self, clock):
        timer = CallTimer(10, clock.monotonic)
        clock.pass_seconds(4)
        assert (timer.elapsed_seconds(), timer.left_seconds()) == (4, 6)
        assert timer.has_more_than(5.9)
        assert not timer.has_more_than(6)

    @pytest.mark.parametrize("passed_seconds", [10, 11])
    def test_it_raises_as_a_socket_would(self, clock, passed_seconds):
        timer = CallTimer(10, clock.monotonic)
        clock.pass_seconds(passed_seconds)
        for ask in (timer.left_seconds, lambda: timer.at_most(1)):
            with pytest.raises(TimeoutError):
                ask()
        assert not timer.has_more_than(0)

    @pytest.mark.parametrize(("seconds", "at_most"), [(3, 3), (10, 10), (60, 10), (None, 10)])
    def test_it_gives_no_more_than_is_left(self, clock, seconds, at_most):
        assert CallTimer(10, clock.monotonic).at_most(seconds) == at_most


class TestReading:
    def test_it_reads_what_the_other_side_sends(self, pair, timer):
        near, far = pair
        far.sendall(b"HTTP/1.1 200 OK\r\nrest")
        with BoundedSocket(near).makefile("rb") as reader:
            assert reader.readline() == b"HTTP/1.1 200 OK\r\n"
            assert reader.read(4) == b"rest"

    def test_each_read_gets_the_idle_time_out_or_what_is_left(self, pair, timer, clock):
        near, far = pair
        with BoundedSocket(near).makefile("rb") as reader:
            far.sendall(b"a")
            reader.read(1)
            assert near.gettimeout() == 7
            clock.pass_seconds(8)
            far.sendall(b"b")
            reader.read(1)
            assert near.gettimeout() == 2

    def test_no_read_begins_after_the_deadline(self, pair, timer, clock):
        near, far = pair
        far.sendall(b"a")
        clock.pass_seconds(10)
        with BoundedSocket(near).makefile("rb") as reader, pytest.raises(TimeoutError):
            reader.read(1)

    def test_silence_ends_at_the_idle_time_out(self, pair, timer):
        near, _ = pair
        bounded = BoundedSocket(near)
        bounded.settimeout(0.01)
        with bounded.makefile("rb") as reader, pytest.raises(TimeoutError):
            reader.read(1)

    def test_a_kept_connection_looks_up_the_call_that_it_serves_now(self, pair, timer, clock):
        near, far = pair
        bounded = BoundedSocket(near)
        clock.pass_seconds(10)
        token = current_timer.set(CallTimer(3, clock.monotonic))
        far.sendall(b"a")
        with bounded.makefile("rb") as reader:
            assert reader.read(1) == b"a"
        assert near.gettimeout() == 3
        current_timer.reset(token)

    def test_the_socket_stays_open_while_it_is_read(self, pair, timer):
        near, far = pair
        far.sendall(b"rest")
        with BoundedSocket(near).makefile("rb") as reader:
            # http.client closes the connection as soon as the answer is its last one, and reads on.
            near.close()
            assert reader.read(4) == b"rest"

    @pytest.mark.parametrize("mode", ["wb", "rwb", "r", ""])
    def test_it_is_read_in_one_mode_only(self, pair, mode):
        with pytest.raises(ValueError, match=mode or "^$"):
            BoundedSocket(pair[0]).makefile(mode)


class TestWriting:
    def test_it_sends_within_what_is_left(self, pair, timer, clock):
        near, far = pair
        clock.pass_seconds(6)
        BoundedSocket(near).sendall(b"request")
        assert (far.recv(10), near.gettimeout()) == (b"request", 4)

    def test_no_write_begins_after_the_deadline(self, pair, timer, clock):
        clock.pass_seconds(10)
        with pytest.raises(TimeoutError):
            BoundedSocket(pair[0]).sendall(b"request")

    def test_a_peer_that_does_not_read_cannot_hold_it_up(self, pair, timer):
        bounded = BoundedSocket(pair[0])
        bounded.settimeout(0.01)
        with pytest.raises(TimeoutError):
            bounded.sendall(b"x" * 50_000_000)


def test_everything_else_is_the_sockets_own(pair, timer):
    near, _ = pair
    bounded = BoundedSocket(near)
    assert bounded.fileno() == near.fileno()
    bounded.close()
    assert near.fileno() == -1
