"""The demo as a person runs it: it checks itself, it shows a repository of theirs, and it leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from demo.waiting import wait_until
from tests.house_figures import ROOT

RUN_SECONDS = 300
STOP_SECONDS = 60


@pytest.fixture
def environment(tmp_path):
    """A caller's environment whose settings must not reach the demo, with a mark to find the demo's processes by."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "BITTERN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/production",
        "BITTERN_BASE_URL": "https://production.example",
        "TMPDIR": str(temporary),
    }


@pytest.fixture
def start_demo(environment, tmp_path):
    started = []

    def start(*arguments):
        command = [sys.executable, "-m", "demo", "--small", "--logs", str(tmp_path / "logs"), *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def processes_using(directory):
    """Processes that were told to keep their temporary files below a directory: the demo's and nobody else's."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(directory) in text and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def assert_nothing_is_left(tmp_path):
    wait_until(lambda: not processes_using(tmp_path / "tmp"), what="the end of all", timeout_seconds=STOP_SECONDS)
    assert list((tmp_path / "tmp").iterdir()) == []


def wait_for_address(process):
    """The one address that the demo prints; its output up to there."""
    said = []
    for line in process.stdout:
        said.append(line)
        if (found := re.search(r"Open\s+(http://\S+)", line)) is not None:
            return found[1]
    pytest.fail("".join(said))


def test_a_check_opens_every_panel_and_leaves_nothing(start_demo, tmp_path):
    process = start_demo("--check")
    output, _ = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, output
    lines = re.findall(r"^(.+?) \((\S+)\)\s+(\d+)\s+([\d,]+) bytes\s+([\d,]+) ms$", output, flags=re.MULTILINE)
    assert {key for _, key, *_ in lines} >= {"pulse", "repository", "welcome"}, output
    assert {status for _, _, status, *_ in lines} == {"200"}
    assert {path.name for path in (tmp_path / "logs").glob("*.log")} >= {"simulator.log", "web.log", "worker.log"}
    assert_nothing_is_left(tmp_path)


def test_a_repository_of_ones_own_can_be_checked(start_demo, tmp_path):
    process = start_demo("--check", "--repo", str(ROOT))
    output, _ = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, output
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_stays_until_it_is_told_to_stop(number, exit_code, start_demo, tmp_path):
    process = start_demo()
    address = wait_for_address(process)
    assert address.startswith("http://127.0.0.1:")
    assert len(processes_using(tmp_path / "tmp")) >= 4
    process.send_signal(number)
    output, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == exit_code, output
    assert "Nothing is left running" in output
    assert_nothing_is_left(tmp_path)


def test_a_killed_demo_leaves_nothing_either(start_demo, tmp_path):
    process = start_demo()
    wait_for_address(process)
    process.kill()
    process.wait()
    assert_nothing_is_left(tmp_path)


def test_it_ends_with_whoever_started_it(environment, tmp_path):
    code = (
        "import subprocess, sys\n"
        "demo = subprocess.Popen([sys.executable, '-m', 'demo', *sys.argv[1:]], stdout=subprocess.PIPE, text=True)\n"
        "print(next(line for line in demo.stdout if 'Stop' in line), flush=True)\n"
        "demo.wait()\n"
    )
    arguments = ["--small", "--end-with-parent", "--logs", str(tmp_path / "logs")]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert "Ctrl-C" in parent.stdout.readline()
        parent.kill()
    assert_nothing_is_left(tmp_path)


def test_it_ends_when_a_part_of_it_dies_and_says_which(start_demo, tmp_path):
    process = start_demo()
    wait_for_address(process)
    worker = next(
        one for one in processes_using(tmp_path / "tmp") if b"worker.py" in Path(f"/proc/{one}/cmdline").read_bytes()
    )
    os.kill(worker, signal.SIGKILL)
    output, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 1
    assert "worker ended with exit code -9" in output
    assert_nothing_is_left(tmp_path)


def test_a_bad_argument_is_a_sentence_and_starts_nothing(start_demo, tmp_path):
    process = start_demo("--repo", str(tmp_path / "nowhere"))
    output, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 2
    assert "there is no such directory" in output
    assert_nothing_is_left(tmp_path)
