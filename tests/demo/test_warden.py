"""Tests of the warden: what is left when the supervisor is killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from demo.waiting import wait_until
from demo.warden import Warden, end_groups, keep_watch
from tests.demo.conftest import ENVIRONMENT, is_running, python
from tests.house_figures import ROOT

SUPERVISOR = """
import contextlib, pathlib, sys, time
from demo.children import Children
from demo.warden import Warden
root = pathlib.Path(sys.argv[1])
state = root / "state"
state.mkdir()
with Warden(root=pathlib.Path.cwd()) as warden:
    warden.watch_directory(state)
    children = Children(root=root, log_directory=root / "logs", warden=warden, shield=contextlib.nullcontext)
    child = children.start("web", [sys.executable, "-c", "import time; time.sleep(600)"], environment={})
    print(child.process.pid, warden._process.pid, flush=True)
    if sys.argv[2] == "stay":
        time.sleep(600)
    children.stop()
"""


def start_supervisor(tmp_path, how):
    command = [sys.executable, "-c", SUPERVISOR, str(tmp_path), how]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_killed_supervisor_leaves_neither_processes_nor_files(tmp_path):
    with start_supervisor(tmp_path, "stay") as supervisor:
        child, warden = map(int, supervisor.stdout.readline().split())
        assert is_running(child)
        supervisor.kill()
    wait_until(lambda: not is_running(child), what="the child's end", timeout_seconds=30)
    wait_until(lambda: not is_running(warden), what="the warden's end", timeout_seconds=30)
    assert not (tmp_path / "state").exists()


def test_a_supervisor_that_ends_well_needs_no_warden(tmp_path):
    with start_supervisor(tmp_path, "end") as supervisor:
        child, warden = map(int, supervisor.stdout.readline().split())
    assert supervisor.returncode == 0
    assert not is_running(child)
    assert not is_running(warden)
    assert (tmp_path / "state").exists(), "what ended well removes its own files"


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        ([], (set(), [])),
        (["group 1\n", "group 2\n", "directory /a b\n"], ({1, 2}, ["/a b"])),
        (["group 1\n", "forget 1\n", "forget 7\n"], (set(), [])),
        (["group 1\n", "directory /a\n", "farewell\n"], (set(), [])),
        (["something else\n"], (set(), [])),
    ],
)
def test_it_knows_what_would_have_to_go(lines, left):
    assert keep_watch(lines) == left


def test_ending_a_group_that_is_gone_is_no_error():
    process = subprocess.Popen(python("pass"), env=ENVIRONMENT, start_new_session=True)
    process.wait()
    end_groups([process.pid], grace_seconds=5)


def test_a_warden_that_somebody_killed_is_no_reason_to_fail():
    with Warden(root=ROOT) as warden:
        warden._process.kill()
        warden._process.wait()
        warden.watch_group(1)
        warden.forget_group(1)
