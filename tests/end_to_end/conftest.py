"""The whole system once for all of these tests, and a fresh browser page for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.browser import Complaints, new_context
from tests.local_system import local_system
from tests.security.ledger import Ledger

if TYPE_CHECKING:
    from demo.bitbucket_control import RepositoryPage
    from demo.system import LocalSystem


@dataclass(frozen=True)
class Running:
    """Bittern, installed in the simulator's first workspace."""

    system: LocalSystem
    page: RepositoryPage
    client_key: str
    ledger: Ledger

    def deliveries(self, event_key):
        """The inbox rows of an event."""
        return [row for row in self.ledger.deliveries(self.client_key) if row["event_key"] == event_key]


@pytest.fixture(scope="session")
def running():
    with local_system() as system:
        environment = system.bittern_environment
        ledger = Ledger(environment["BITTERN_DATABASE_URL"], environment["BITTERN_SECRET_KEYS"])
        page = system.control.main_page()
        client_key = system.control.install(descriptor_url=system.descriptor_url, workspace=page.workspace)
        yield Running(system, page, client_key, ledger)
        ledger.close()


@pytest.fixture
def complaints():
    """Nothing may complain; a test that expects something clears it."""
    complaints = Complaints()
    yield complaints
    assert complaints.lines == []


@pytest.fixture
def open_page(chromium, complaints):
    """Opens an address in a fresh profile of a given width and colour scheme."""
    contexts = []

    def open_page(url, *, width=1280, height=900, colour_scheme="light"):
        context = new_context(chromium, width=width, height=height, colour_scheme=colour_scheme)
        contexts.append(context)
        page = context.new_page()
        complaints.listen_to(page)
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
