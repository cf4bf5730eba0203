"""`python -m simulator` as a process: it says where it is, answers, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from simulator.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(tmp_path, *arguments):
    """A simulator with its temporary files in `tmp_path`; its address and what it printed."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        try:
            yield process, re.search(r"http://\S+[^/\s]", lines[0])[0], lines
        finally:
            process.kill()


@pytest.fixture
def directory(tmp_path):
    found = tmp_path / "temporary"
    found.mkdir()
    return found


def get(url):
    with urllib3.PoolManager() as pool:
        return json.loads(pool.request("GET", url, timeout=10).data)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_until_a_signal_and_leaves_no_file(directory, number):
    with running(directory, "--small", "--seed", "5", "--quota", "7", "--latency-ms", "1") as (process, url, lines):
        (workspace,) = get(f"{url}/_simulator/")["workspaces"]
        repository = workspace["repositories"][0]["full_name"]
        assert any(repository in line and "pull requests" in line for line in lines)
        assert get(f"{url}/2.0/repositories/{repository}")["type"] == "error"
        assert list(directory.iterdir())
        process.send_signal(number)
        assert process.wait(20) == 0
    assert list(directory.iterdir()) == []


def test_it_shows_a_repository_from_disk_and_registered_apps(directory):
    arguments = ("--repo", str(ROOT), "--registered", "bittern=a secret with = in it")
    with running(directory, *arguments) as (process, url, _):
        (workspace,) = get(f"{url}/_simulator/")["workspaces"]
        assert workspace["repositories"][0]["slug"] == ROOT.name.lower()
        (app,) = get(f"{url}/_simulator/apps")
        assert (app["key"], app["secret"]) == ("bittern", "a secret with = in it")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.fixture
def handlers():
    """The signal handlers of the test run, put back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_directory_that_is_no_repository_ends_with_a_sentence(handlers, tmp_path, capsys):
    assert main(["--port", "0", "--repo", str(tmp_path)]) == 1
    assert capsys.readouterr().err.strip()


def test_a_taken_port_ends_with_a_sentence(handlers, capsys, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port), "--small"]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_help_names_every_option(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    for option in (
        "--port",
        "--repo",
        "--seed",
        "--today",
        "--small",
        "--large",
        "--registered",
        "--quota",
        "--latency-ms",
    ):
        assert option in text
    assert "descriptor_uri" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "70000 is no port"),
        (["--port", "x"], "invalid"),
        (["--latency-ms", "-1"], "cannot be negative"),
        (["--registered", "bittern"], "must be APPKEY=SECRET"),
        (["--registered", "=secret"], "must be APPKEY=SECRET"),
        (["--today", "tomorrow"], "invalid"),
        (["--quota", "many"], "invalid"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(capsys, arguments, words):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
