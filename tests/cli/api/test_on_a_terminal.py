"""`flask bittern api` as a program on a terminal and in a pipe: the real ends, not the runner's."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest

from tests.house_figures import ROOT

COMMAND = [sys.executable, "-m", "flask", "--app", "app:create_app", "bittern", "api"]
PAINT = "repositories/acme/paint"
LONGEST_SECONDS = 60


@pytest.fixture
def environment(bitbucket):
    found = {name: value for name, value in os.environ.items() if not name.startswith("BITTERN_")}
    here = {"BITTERN_API_URL": bitbucket.url, "BITTERN_SITE_URL": bitbucket.url, "BITTERN_DEMO": "true"}
    return {**found, **here, "TERM": "xterm"}


def on_a_terminal(arguments, environment):
    """What a person sees, and the exit status; standard output and error are both the terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen, ends = b"", time.monotonic() + LONGEST_SECONDS
    while select.select([ours], [], [], max(0.0, ends - time.monotonic()))[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed: Linux says so with EIO
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    return seen.decode().replace("\r\n", "\n"), process.wait(LONGEST_SECONDS)


def test_a_person_sees_colours_and_lines_and_how_much_it_was(environment):
    arguments = [
        f"{PAINT}/refs/branches",
        "--anonymous",
        "--paginate",
        "--query",
        "pagelen=1",
        "--fields",
        "values.name",
    ]
    seen, status = on_a_terminal(arguments, environment)
    assert status == 0
    assert re.search(r"\x1b\[[0-9;]*m", seen)
    assert "\r" not in seen
    document, _, last_line = re.sub(r"\x1b\[[0-9;]*m", "", seen).rstrip("\n").rpartition("\n")
    assert json.loads(document) == {"values": [{"name": "feature/doors"}, {"name": "main"}], "size": 2}
    assert last_line == "2 pages, 2 items"


def test_a_person_is_not_shown_bytes(environment):
    seen, status = on_a_terminal([f"{PAINT}/src/main/logo.bin", "--anonymous"], environment)
    assert (seen, status) == ("The answer is not text (3 bytes): write it to a file.\n", 1)


def test_a_reader_that_has_enough_ends_it_quietly(environment):
    """As in `… | head`: no traceback when the pipe closes."""
    process = subprocess.Popen(
        [*COMMAND, f"{PAINT}/refs/branches", "--anonymous", "--paginate", "--quiet"],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(LONGEST_SECONDS) == 1
    assert told == b""
