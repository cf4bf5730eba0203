"""What holds for every suite: the options of those that run on files of the caller's choice, and Hypothesis' profile."""

from __future__ import annotations

from pathlib import Path

import hypothesis

# A deadline per example would be a timed assertion, and this machine may be busy.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser):
    group = parser.getgroup("bittern")
    group.addoption("--qsh-vectors", type=Path, metavar="FILE", help="canonical requests to compute (tests/connect)")
    group.addoption("--jwt-vectors", type=Path, metavar="FILE", help="tokens to accept and refuse (tests/connect)")
    group.addoption("--recorded", type=Path, metavar="DIR", help="recorded calls of Bitbucket's (tests/recorded)")
    group.addoption("--attacks", type=Path, metavar="FILE", help="attack recipes to run (tests/security)")
    group.addoption("--attack-ids", metavar="REGEX", help="which of them, by the beginning of their ids")
    group.addoption("--database", metavar="URL", help="where attacks find the service: sqlite, or a PostgreSQL server")
