"""The tidepool as fixtures; its git repository is built once and copied for each test."""

from __future__ import annotations

import pytest

from tests.simulator import tidepool


@pytest.fixture(scope="session")
def shells_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "shells.git"
    tidepool.build_git(path)
    return path


@pytest.fixture
def pool(tmp_path, shells_template):
    made = tidepool.build(tmp_path / "tidepool", shells_template)
    yield made
    made.world.close()


@pytest.fixture
def client(pool):
    return tidepool.Client(pool)
