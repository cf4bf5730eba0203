"""Tests of the warden: what is left when the supervisor is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

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


@pytest.fixture
def warden_program():
    """The warden as the program that it is, with its input in the test's hands."""
    program = subprocess.Popen([sys.executable, "-m", "demo.warden"], cwd=ROOT, stdin=subprocess.PIPE, text=True)
    yield program
    program.kill()
    program.wait()
    program.stdin.close()


@pytest.fixture
def group():
    """A process that leads a group of its own, and ends with the test whatever happens."""
    process = subprocess.Popen(python("import time; time.sleep(600)"), env=ENVIRONMENT, start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_the_end_of_its_input_is_the_end_of_what_it_watches(warden_program, group, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "bittern.db").touch()
    warden_program.communicate(f"group {group.pid}\ndirectory {tmp_path / 'state'}\n", timeout=30)
    assert group.wait(timeout=30) == -signal.SIGTERM
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_outlives_the_signals_that_end_everybody_else(number, warden_program, group):
    warden_program.stdin.write(f"group {group.pid}\n")
    warden_program.stdin.flush()
    wait_until(lambda: ignores(warden_program.pid, number), what="its being up", timeout_seconds=30)
    warden_program.send_signal(number)
    assert group.poll() is None
    warden_program.communicate(timeout=30)
    assert group.wait(timeout=30) == -signal.SIGTERM


def ignores(process_id, number):
    """Whether a process has said that it ignores a signal."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) >> (number - 1) & 1)


def test_what_is_forgotten_is_left_alone(warden_program, group):
    warden_program.communicate(f"group {group.pid}\nforget {group.pid}\n", timeout=30)
    assert group.poll() is None
