"""Tests of waiting on a condition."""

from __future__ import annotations

import pytest

from demo.errors import ChildDied, WaitedTooLong
from demo.waiting import wait_until


def test_it_returns_what_it_waited_for():
    answers = iter([None, 0, "", "ready"])
    assert wait_until(lambda: next(answers), what="readiness", timeout_seconds=60) == "ready"


def test_it_gives_up_in_time_and_says_what_it_waited_for(tmp_path):
    with pytest.raises(WaitedTooLong, match="the moon did not happen within 0 s") as caught:
        wait_until(lambda: None, what="the moon", timeout_seconds=0, log_path=tmp_path)
    assert caught.value.log_path == tmp_path


def test_it_looks_once_even_without_time():
    assert wait_until(lambda: True, what="x", timeout_seconds=0) is True


def test_it_stops_as_soon_as_waiting_makes_no_sense(tmp_path):
    def dead():
        raise ChildDied("web", exit_code=3, log_path=tmp_path)

    with pytest.raises(ChildDied, match="web ended with exit code 3"):
        wait_until(lambda: True, what="x", timeout_seconds=60, still_worth_it=dead)
