"""Fixtures that the tests of the simulator's Connect half and of its pages share."""

from __future__ import annotations

import contextlib

import pytest

from tests.simulator.live import start_live
from tests.simulator.small_world import small_world


@pytest.fixture
def cast(tmp_path):
    """The small world, without anything that listens."""
    made = small_world(tmp_path / "repositories")
    yield made
    made.world.close()


@pytest.fixture
def live(tmp_path):
    """The small world behind a listening simulator, and an app to install in it."""
    with contextlib.ExitStack() as closing:
        yield start_live(tmp_path / "repositories", closing)
