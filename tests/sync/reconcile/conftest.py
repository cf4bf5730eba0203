"""Our services beside a simulated Bitbucket, on both databases."""

import pytest
import structlog

from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.sync.simulated import Simulated


@pytest.fixture
def simulated(database_url):
    made = Simulated(database_url)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def log_entries():
    """What is logged while the test runs, as entries."""
    with structlog.testing.capture_logs() as entries:
        yield entries
