"""Tests of the command itself, with stand-ins for both sides: what it prints, and how it ends."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from demo import __main__ as command
from demo.ports import any_free_port
from demo.waiting import wait_until
from tests.demo.stand_ins import make_root
from tests.house_figures import ROOT


@pytest.fixture
def run_demo(tmp_path, monkeypatch):
    """Runs the command on stand-ins that misbehave as told; its exit code."""

    def run_demo(*arguments, modes=()):
        monkeypatch.setattr(command, "ROOT", make_root(tmp_path / "root", *modes))
        # The warden is a module of the real project.
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        # Other tests, or a person, may have the default ports.
        ports = ["--port", str(any_free_port()), "--bittern-port", str(any_free_port())]
        return command.main(["--logs", str(tmp_path / "logs"), *ports, *arguments])

    return run_demo


def leftovers(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("bittern-demo"))


def test_a_good_check_ends_with_zero_and_one_line_for_each_panel(run_demo, tmp_path, capsys):
    assert run_demo("--check") == 0
    output = capsys.readouterr().out
    assert "✓ Starting a local Bitbucket" in output
    assert "✓ Uninstalling" in output
    assert [line.split()[:3] for line in output.splitlines() if "bytes" in line] == [["Pulse", "(pulse)", "200"]]
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("--bad-panel", "status 500"),
        ("--bare", "declares no panel"),
        ("--refuses", "Bitbucket did not install the app: refused"),
        ("--broken", "no world today"),
        ("--unmigratable", "migrate ended with exit code 7"),
    ],
)
def test_a_bad_one_ends_with_one_and_says_why(mode, said, run_demo, tmp_path, capsys):
    assert run_demo("--check", modes=[mode]) == 1
    assert said in capsys.readouterr().out
    assert leftovers(tmp_path) == []


def test_old_logs_are_forgotten(run_demo, tmp_path):
    (tmp_path / "logs").mkdir()
    old = tmp_path / "logs" / "web.log"
    old.write_text("of yesterday\n")
    run_demo("--check")
    assert "of yesterday" not in old.read_text()


def test_a_wish_that_cannot_be_met_ends_with_two(run_demo, capsys):
    assert run_demo("--repo", "/nowhere/at/all") == 2
    assert "there is no such directory" in capsys.readouterr().out


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_it_shows_one_address_and_stays_until_a_signal(number, exit_code, run_demo, tmp_path, capsys):
    def stop_once_it_is_up():
        log = tmp_path / "logs" / "worker.log"
        wait_until(lambda: log.exists() and "working" in log.read_text(), what="the worker", timeout_seconds=30)
        os.kill(os.getpid(), number)

    stopping = threading.Thread(target=stop_once_it_is_up)
    stopping.start()
    assert run_demo() == exit_code
    stopping.join()
    assert "Nothing is left running" in capsys.readouterr().out
    assert leftovers(tmp_path) == []


def test_it_says_what_can_be_done(capsys, tmp_path):
    from demo.progress import Progress

    command._say_what_can_be_done(Progress(), "http://127.0.0.1:7990/team/app", tmp_path)
    output = capsys.readouterr().out
    assert output.count("http://") == 1
    assert "Ctrl-C" in output


@pytest.mark.parametrize(("bound", "parent", "ends"), [(True, 1, True), (False, 1, False), (True, None, False)])
def test_it_ends_with_its_parent_only_where_it_was_asked_to(bound, parent, ends, monkeypatch):
    from demo.errors import Interrupted
    from demo.options import parse_options

    monkeypatch.setattr(command, "PARENT", os.getppid() if parent is None else -parent)
    check = command._parent_check(parse_options(["--end-with-parent"] if bound else []))
    if ends:
        with pytest.raises(Interrupted):
            check()
    else:
        check()


def test_the_two_sides_never_get_one_port(capsys):
    port = str(any_free_port())
    assert command.main(["--port", port, "--bittern-port", port]) == 2
    assert f"port {port} is in use" in capsys.readouterr().out
