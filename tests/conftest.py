"""What holds for every suite: the options of those that run on files of the caller's choice, Hypothesis' profile, the browser."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest
import structlog

import logs
from tests.chromium import find_chromium, open_chromium
from tests.databases import say_once
from tests.faults.accounting import FaultIndex
from tests.faults.figures import write_summary
from tests.scheduling import Together

# A deadline per example would be a timed assertion, and this machine may be busy.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# As it comes, with tracebacks as Python writes them: those with the locals of every frame cost more than what is tested.
structlog.configure(
    processors=[
        logs.with_context,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_addoption(parser):
    group = parser.getgroup("bittern")
    group.addoption("--qsh-vectors", type=Path, metavar="FILE", help="canonical requests to compute (tests/connect)")
    group.addoption("--jwt-vectors", type=Path, metavar="FILE", help="tokens to accept and refuse (tests/connect)")
    group.addoption("--recorded", type=Path, metavar="DIR", help="recorded calls of Bitbucket's (tests/recorded)")
    group.addoption("--attacks", type=Path, metavar="FILE", help="attack recipes to run (tests/security)")
    group.addoption("--attack-ids", metavar="REGEX", help="which of them, by the beginning of their ids")
    group.addoption(
        "--long", action="store_true", help="the long form of tests/faults and tests/equality: hours, not seconds"
    )
    group.addoption(
        "--faults",
        action="store_true",
        help="only what tries a fault of tests/faults/index.py, and what became of each",
    )
    group.addoption(
        "--seed", type=int, default=1, metavar="N", help="another chance for tests/faults and tests/equality"
    )
    group.addoption("--lives", type=int, metavar="N", help="how many lives tests/equality lives")
    group.addoption(
        "--fuzz-examples", type=int, metavar="N", help="requests that the fuzzing of our routes sends (tests/web)"
    )
    group.addoption("--database", metavar="URL", help="where attacks find the service: sqlite, or a PostgreSQL server")


def pytest_configure(config):
    config.pluginmanager.register(FaultIndex(is_counting=config.option.faults))


def pytest_terminal_summary(terminalreporter):
    write_summary(terminalreporter)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Together(config, log)


@pytest.fixture(scope="session")
def chromium(request):
    if find_chromium() is None:
        sentence = "NO CHROMIUM: no such program on PATH. Tests in a browser are not run."
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        say_once(request.config, sentence)
        pytest.skip(sentence)
    with open_chromium() as browser:
        yield browser
