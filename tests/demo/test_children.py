"""Tests of the child processes: started apart, watched, and gone to the last grandchild."""

from __future__ import annotations

import contextlib

import pytest

from demo.children import Children, last_lines
from demo.errors import ChildDied, Interrupted, StepFailed
from demo.waiting import wait_until
from tests.demo.conftest import ENVIRONMENT, is_running, python

FOREVER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
WITH_GRANDCHILD = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


def first_line(child):
    return wait_until(lambda: child.log_path.read_text().splitlines()[:1], what="a first line", timeout_seconds=20)[0]


def test_what_a_child_writes_goes_to_its_log(children):
    children.run(
        "say",
        python("import sys; print('out'); print('err', file=sys.stderr)"),
        environment=ENVIRONMENT,
        timeout_seconds=30,
    )
    child = children.start("sleep", python(FOREVER), environment=ENVIRONMENT)
    assert first_line(child) == "up"
    assert {"out", "err"} <= set((child.log_path.parent / "say.log").read_text().split())


def test_a_child_gets_its_environment_and_nothing_more(children, monkeypatch):
    monkeypatch.setenv("BITTERN_LEAK", "1")
    command = python("import os; print(sorted(name for name in os.environ if name.startswith(('BITTERN', 'MINE'))))")
    children.run("say", command, environment=ENVIRONMENT | {"MINE": "1"}, timeout_seconds=30)
    assert (children._log_directory / "say.log").read_text() == "['MINE']\n"


def test_a_child_is_alive_until_it_is_not(children):
    children.start("web", python("raise SystemExit(3)"), environment=ENVIRONMENT)
    with pytest.raises(ChildDied) as caught:
        wait_until(lambda: None, what="its end", timeout_seconds=20, still_worth_it=children.check_alive)
    assert (caught.value.name, caught.value.exit_code) == ("web", 3)


def test_staying_ends_when_a_child_ends(children):
    children.start("web", python("pass"), environment=ENVIRONMENT)
    with pytest.raises(ChildDied, match="web ended with exit code 0"):
        children.stay()


def test_staying_ends_when_it_makes_no_sense_any_more(children):
    children.start("web", python(FOREVER), environment=ENVIRONMENT)

    def parent_is_gone():
        raise Interrupted(1)

    with pytest.raises(Interrupted):
        children.stay(still_worth_it=parent_is_gone)


def test_a_step_that_fails_says_where_to_look(children):
    with pytest.raises(StepFailed, match="migrate ended with exit code 4") as caught:
        children.run("migrate", python("print('no'); raise SystemExit(4)"), environment=ENVIRONMENT, timeout_seconds=30)
    assert last_lines(caught.value.log_path, count=5) == ["no"]


def test_a_step_that_takes_too_long_is_ended(children):
    with pytest.raises(StepFailed, match="migrate took over 0 s"):
        children.run("migrate", python(FOREVER), environment=ENVIRONMENT, timeout_seconds=0.05)
    (child,) = children._running
    children.stop()
    assert child.process.returncode is not None


def test_a_program_that_is_not_there_is_a_failed_step(children):
    with pytest.raises(StepFailed, match="web could not be started"):
        children.start("web", ["no-such-program"], environment=ENVIRONMENT)


def test_stopping_ends_grandchildren_too(children):
    child = children.start("web", python(WITH_GRANDCHILD), environment=ENVIRONMENT)
    grandchild = int(first_line(child))
    assert is_running(grandchild)
    children.stop()
    wait_until(lambda: not is_running(grandchild), what="its end", timeout_seconds=20)
    children.check_alive()


def test_stopping_ends_what_a_dead_child_left_behind(children):
    code = WITH_GRANDCHILD.replace("time.sleep(600)\n", "raise SystemExit(1)\n")
    child = children.start("web", python(code), environment=ENVIRONMENT)
    grandchild = int(first_line(child))
    child.process.wait(timeout=20)
    children.stop()
    wait_until(lambda: not is_running(grandchild), what="its end", timeout_seconds=20)


def test_stopping_does_not_wait_for_the_stubborn(children, monkeypatch):
    monkeypatch.setattr("demo.children.STOP_GRACE_SECONDS", 0.1)
    child = children.start("web", python(STUBBORN), environment=ENVIRONMENT)
    first_line(child)
    children.stop()
    assert child.process.returncode == -9


def test_one_child_can_be_stopped_alone(children):
    web = children.start("web", python(FOREVER), environment=ENVIRONMENT)
    worker = children.start("worker", python(FOREVER), environment=ENVIRONMENT)
    children.stop("web")
    assert web.process.returncode is not None
    assert worker.process.poll() is None
    children.check_alive()


def test_the_end_of_a_log_is_for_people(tmp_path):
    log = tmp_path / "web.log"
    log.write_bytes(b"\n".join(b"line %d" % number for number in range(50_000)) + b"\n\xff\n")
    assert last_lines(log, count=2) == ["line 49999", "\ufffd"]
    assert last_lines(tmp_path / "none.log", count=2) == []


class NotedWarden:
    """Notes what it is told."""

    def __init__(self):
        self.watched = set()

    def watch_group(self, group):
        self.watched.add(group)

    def forget_group(self, group):
        self.watched.remove(group)


def test_the_warden_knows_exactly_what_is_running(tmp_path):
    warden = NotedWarden()
    children = Children(root=tmp_path, log_directory=tmp_path, warden=warden, shield=contextlib.nullcontext)
    children.run("say", python("pass"), environment=ENVIRONMENT, timeout_seconds=30)
    web = children.start("web", python(FOREVER), environment=ENVIRONMENT)
    worker = children.start("worker", python(FOREVER), environment=ENVIRONMENT)
    assert warden.watched == {web.process.pid, worker.process.pid}
    children.stop("web")
    assert warden.watched == {worker.process.pid}
    children.stop()
    assert warden.watched == set()


def test_a_child_is_on_the_list_before_a_signal_can_stop_anything(tmp_path):
    order = []

    @contextlib.contextmanager
    def shield():
        order.append("shielded")
        yield
        order.append(len(children._running))

    warden = NotedWarden()
    children = Children(root=tmp_path, log_directory=tmp_path, warden=warden, shield=shield)
    children.start("web", python(FOREVER), environment=ENVIRONMENT)
    children.stop()
    assert order == ["shielded", 1]
