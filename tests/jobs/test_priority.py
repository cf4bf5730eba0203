"""The worker gives way, and takes nobody else's priority with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.priority import NICENESS

AUTOGROUP = Path("/proc/self/autogroup")
GIVES_WAY = (
    "import os, pathlib; from jobs.priority import give_way; give_way();"
    "group = pathlib.Path('/proc/self/autogroup');"
    "print(os.nice(0), *group.read_text().split()[-1:] if group.exists() else ())"
)


def niceness_of_our_session():
    """In a list; an empty one where the kernel has put this session into no group of its own, as in many containers."""
    return AUTOGROUP.read_text().split()[-1:]


def priorities(before="", *, is_leader):
    """Niceness of a process that has given way, and of its session."""
    command = [sys.executable, "-c", before + GIVES_WAY]
    told = subprocess.run(command, start_new_session=is_leader, capture_output=True, text=True, check=True)
    return told.stdout.split()


@pytest.mark.parametrize("is_leader", [True, False])
def test_it_is_less_urgent_than_others_of_its_session(is_leader):
    assert priorities(is_leader=is_leader)[0] == str(max(NICENESS, os.nice(0)))


def test_who_is_less_urgent_already_stays_so():
    before = os.nice(0)
    assert priorities("import os; os.nice(7);", is_leader=True)[0] == str(min(19, before + 7))


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this machine does not share its processor by sessions")
def test_its_own_session_is_less_urgent_than_others_and_that_of_others_stays_as_it_was():
    ours = niceness_of_our_session()
    assert priorities(is_leader=True)[1:] in ([], [str(NICENESS)])
    assert priorities(is_leader=False)[1:] == ours
