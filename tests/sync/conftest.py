"""The services with their outside replaced: a clock that stands still, a scripted Bitbucket, a doorbell that remembers."""

import pytest
import structlog

from services import create_services
from settings import Settings
from tests.databases import *  # noqa: F403 -- fixtures are found by name in this module
from tests.sync.simulated import Simulated
from tests.tenants import Clock, Doorbell, alice_offer, charlie_offer, install, quarantine
from tests.web.fake_bitbucket import FakeBitbucket


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bitbucket():
    return FakeBitbucket()


@pytest.fixture
def doorbell():
    return Doorbell()


@pytest.fixture
def services(database_url, clock, bitbucket, doorbell):
    settings = Settings(base_url="https://bittern.example.com", secret_keys="A" * 43, database_url=database_url)
    made = create_services(settings, transport=bitbucket, now=clock, wake=doorbell)
    yield made
    made.engine.dispose()


@pytest.fixture
def simulated(database_url):
    """Services beside a simulated Bitbucket in this process, on one clock."""
    made = Simulated(database_url)
    yield made
    made.close()


@pytest.fixture
def alice(services):
    """Alice's installation, active and committed."""
    with services.sessions.begin() as session:
        return install(session, alice_offer(), box=services.secret_box)


@pytest.fixture
def charlie(services):
    with services.sessions.begin() as session:
        return install(session, charlie_offer(), box=services.secret_box)


@pytest.fixture
def pending(services):
    """Alice's installation in quarantine."""
    with services.sessions.begin() as session:
        return quarantine(session, alice_offer(issued_at=None), box=services.secret_box)


@pytest.fixture(autouse=True)
def log_entries():
    """What is logged while the test runs, as entries."""
    with structlog.testing.capture_logs() as entries:
        yield entries
