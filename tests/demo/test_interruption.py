"""Tests of being asked to stop."""

from __future__ import annotations

import gc
import os
import signal

import pytest

from demo.bitbucket_control import BitbucketControl
from demo.errors import Interrupted
from demo.interruption import Interruption


def send_oneself(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_becomes_an_exception_that_names_it(number):
    with Interruption(), pytest.raises(Interrupted) as caught:
        send_oneself(number)
    assert caught.value.signal_number == number


def test_a_signal_waits_behind_a_shield():
    done = []

    def start_something(interruption):
        with interruption.shielded():
            with interruption.shielded():
                send_oneself(signal.SIGTERM)
            done.append("all of the block")
        done.append("nothing more")

    with Interruption() as interruption, pytest.raises(Interrupted):
        start_something(interruption)
    assert done == ["all of the block"]


def test_an_error_behind_a_shield_is_the_one_that_is_seen():
    with Interruption() as interruption, pytest.raises(ValueError, match="mine"), interruption.shielded():
        raise ValueError("mine")


def test_signals_change_nothing_once_we_are_stopping():
    with Interruption() as interruption:
        interruption.ignore_from_now_on()
        send_oneself(signal.SIGINT)
        send_oneself(signal.SIGTERM)


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Interruption():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_a_call_that_has_begun_is_finished_first(site):
    class SignallingAnswers(dict):
        def get(self, *arguments):
            send_oneself(signal.SIGTERM)
            return super().get(*arguments)

    site.answers = SignallingAnswers({("GET", "/_simulator/state"): (200, "{}", "application/json")})
    with Interruption() as interruption:
        control = BitbucketControl(site.url, shield=interruption.shielded)
        with pytest.raises(Interrupted):
            control.get("/state")
    # An exception in the middle of it would have left its socket open: a warning, which is an error here.
    gc.collect()
    assert len(site.requests) == 1
