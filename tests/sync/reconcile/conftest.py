"""Our services beside a simulated Bitbucket, on both databases."""

import pytest

from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.sync.simulated import Simulated


@pytest.fixture
def simulated(database_url):
    made = Simulated(database_url)
    yield made
    made.close()
