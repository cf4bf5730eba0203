"""Every test of this folder that takes a database runs on SQLite and on PostgreSQL."""

import pytest

from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.tenants import alice_offer, charlie_offer, install, new_box


@pytest.fixture
def box():
    return new_box()


@pytest.fixture
def alice(session, box):
    """Alice's installation, active; in the transaction of `session`."""
    return install(session, alice_offer(), box=box)


@pytest.fixture
def charlie(session, box):
    return install(session, charlie_offer(), box=box)
