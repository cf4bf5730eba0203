"""What tests of faults take: a story, the length of the run, figures; and where their tables are printed."""

from __future__ import annotations

import contextlib
import os

import pytest

from tests.faults import workspaces
from tests.faults.engines import NoRedis
from tests.faults.figures import Figures
from tests.faults.running import SYSTEMS, running
from tests.postgres_cluster import NoPostgres


def marks_of(system):
    marks = []
    if "postgres" in {system.database, system.queue}:
        marks.append(pytest.mark.postgres)
    if system.queue == "redis":
        marks.append(pytest.mark.redis)
    return marks


def pytest_generate_tests(metafunc):
    """A test that takes `system` runs on each of them; in the short form only on its module's SHORT_SYSTEMS, where it has any."""
    if "system" in metafunc.fixturenames:
        short = getattr(metafunc.module, "SHORT_SYSTEMS", SYSTEMS)
        systems = SYSTEMS if metafunc.config.option.long else short
        metafunc.parametrize("system", [pytest.param(one, id=one.id, marks=marks_of(one)) for one in systems])


@pytest.fixture
def is_long(request):
    return request.config.option.long


@pytest.fixture
def seed(request):
    return request.config.option.seed


@pytest.fixture
def figures(request, record_property):
    return Figures(record_property, title=request.module.__doc__.partition("\n")[0])


@pytest.fixture(scope="session")
def open_house():
    """`open_house(system)` as a context; skips, or fails where CI=true, without its servers."""

    @contextlib.contextmanager
    def opened(system, **settings):
        with contextlib.ExitStack() as stack:
            try:
                house = stack.enter_context(running(system, **settings))
            except (NoPostgres, NoRedis) as reason:
                missing(reason)
            yield house

    return opened


def missing(reason):
    sentence = f"{reason}. Tests of faults on it are not run."
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(sentence)


@pytest.fixture(scope="session")
def told(request):
    """A story in some hundred events."""
    return workspaces.story(seed=request.config.option.seed, events=200)
