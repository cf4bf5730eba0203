"""Fixtures that the tests of the simulator's Connect half and of its pages share."""

from __future__ import annotations

import contextlib
import shutil

import pytest

from tests.simulator.live import reset, start_live
from tests.simulator.small_world import small_world, write_repositories


@pytest.fixture(scope="session")
def written_repositories(tmp_path_factory):
    """The git repositories of the small world, written once."""
    return write_repositories(tmp_path_factory.mktemp("written"))


@pytest.fixture
def repositories(written_repositories, tmp_path):
    """A copy of them that a test may change."""
    return shutil.copytree(written_repositories, tmp_path / "repositories")


@pytest.fixture
def cast(repositories):
    """The small world, without anything that listens."""
    made = small_world(repositories)
    yield made
    made.world.close()


@pytest.fixture(scope="session")
def listening(written_repositories):
    """One simulator and one app that listen for all tests."""
    with contextlib.ExitStack() as closing:
        yield start_live(written_repositories, closing)


@pytest.fixture
def live(listening, repositories):
    """The small world behind a listening simulator, and an app to install in it; as new for each test."""
    reset(listening, repositories)
    return listening
