"""The watchdog: what takes too long ends the process, and nothing else does."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jobs.watchdog import EXIT_CODE, LIMITS_SECONDS, Watchdog

ROOT = Path(__file__).resolve().parents[2]
LIMIT = LIMITS_SECONDS["apply_delivery"]


class Clock:
    def __init__(self):
        self.time = 50.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ended():
    """The exit codes with which the process would have ended."""
    return []


@pytest.fixture
def watchdog(clock, ended):
    return Watchdog(clock=clock, end_process=ended.append)


def test_a_delivery_that_takes_its_time_is_left_alone(watchdog, clock, ended):
    with watchdog.over("apply_delivery"):
        clock.time += LIMIT
        watchdog.look()
    assert ended == []


def test_a_delivery_that_hangs_ends_the_process(watchdog, clock, ended, log_entries):
    with watchdog.over("apply_delivery"):
        clock.time += LIMIT + 0.1
        watchdog.look()
    assert ended == [EXIT_CODE]
    assert [(entry["event"], entry["task"]) for entry in log_entries] == [("worker.hangs", "apply_delivery")]


def test_another_that_hangs_beside_short_ones_is_seen(watchdog, clock, ended):
    with watchdog.over("apply_delivery"):
        clock.time += LIMIT + 0.1
        with watchdog.over("apply_delivery"):
            pass
        watchdog.look()
    assert ended == [EXIT_CODE]


def test_what_is_over_is_forgotten_also_where_it_failed(watchdog, clock, ended):
    with pytest.raises(ZeroDivisionError), watchdog.over("apply_delivery"):
        raise ZeroDivisionError
    clock.time += LIMIT * 2
    watchdog.look()
    assert ended == []


def test_work_that_waits_for_others_may_take_as_long_as_it_does(watchdog, clock, ended):
    with watchdog.over("answer_follow_up"):
        clock.time += LIMIT * 100
        watchdog.look()
    assert ended == []


HANGS = "__import__('threading').Event().wait()"
FREEZES = "__import__('re').match('(a+)+$', 'a' * 64 + 'b')"


@pytest.mark.parametrize(("work", "code"), [(HANGS, EXIT_CODE), (FREEZES, 1)], ids=["hangs", "freezes"])
def test_a_process_of_its_own_comes_to_an_end(work, code):
    """Also where no other thread gets a turn any more."""
    program = f"""
        from jobs import watchdog
        watchdog.LIMITS_SECONDS = {{"apply_delivery": 0.2}}
        watchdog.FROZEN_SECONDS, watchdog.LOOK_SECONDS = 1.0, 0.05
        dog = watchdog.Watchdog()
        dog.start()
        with dog.over("apply_delivery"):
            {work}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code
    assert "most recent call first" in done.stderr
