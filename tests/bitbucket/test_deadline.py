"""One total time for several calls."""

from __future__ import annotations

import pytest

from bitbucket.deadline import Deadline
from bitbucket.errors import TimedOut


def test_it_begins_when_it_is_made(clock):
    clock.pass_seconds(100)
    assert Deadline(3, clock=clock.monotonic).remaining_seconds() == 3


def test_it_shrinks_as_time_passes(clock):
    deadline = Deadline(3, clock=clock.monotonic)
    clock.pass_seconds(1.25)
    assert deadline.remaining_seconds() == 1.75


@pytest.mark.parametrize("passed_seconds", [3, 3.5, 1000])
def test_it_raises_once_it_has_passed(clock, passed_seconds):
    deadline = Deadline(3, clock=clock.monotonic)
    clock.pass_seconds(passed_seconds)
    with pytest.raises(TimedOut):
        deadline.remaining_seconds()
