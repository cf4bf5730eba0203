"""Pages without sockets: a client for the application, and somebody who looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from simulator.app import create_app, simulator_of
from simulator.connect.descriptor import Descriptor
from simulator.connect.installations import Installation
from tests.simulator.small_world import fill, small_world
from tests.simulator.stand_in import descriptor

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from simulator.assembly import Simulator
    from tests.simulator.small_world import SmallWorld

SECRET = "a secret of the tests that is long enough"


@dataclass
class Site:
    """The pages, their world, and a browser without scripts."""

    simulator: Simulator
    cast: SmallWorld
    client: FlaskClient

    def view_as(self, user: Any) -> None:
        """Look on as somebody, or as nobody."""
        self.client.set_cookie("viewing_as", user.uuid if user else "anonymous")

    def get(self, path: str, status: int = 200) -> str:
        """The page at `path`; its status must be this."""
        answer = self.client.get(path)
        assert answer.status_code == status, (answer.status_code, answer.text[:500])
        return answer.text

    def post(self, path: str, /, **form: Any) -> Any:
        return self.client.post(path, data=form)

    def words(self, path: str, status: int = 200) -> str:
        """What a page says, its marks left out."""
        return " ".join(re.sub(r"<[^>]+>", " ", self.get(path, status)).split())

    def install(self, **changes: Any) -> Installation:
        """Put an app in place, without its calls."""
        made = Installation(
            client_key="connection:1",
            app_key="stand-in",
            principal_uuid=self.cast.acme.uuid,
            secret=SECRET,
            descriptor=Descriptor.from_document({**descriptor("stand-in", "http://127.0.0.1:9"), **changes}),
            descriptor_url="http://127.0.0.1:9/atlassian-connect.json",
            installed_by=self.cast.alice.uuid,
            installed_at=self.cast.world.now(),
        )
        self.simulator.installations.put(made)
        return made


@pytest.fixture(scope="session")
def application(written_repositories):
    """One application for all tests of this folder; making it takes its time."""
    made = create_app(small_world(written_repositories).world)
    yield made
    simulator_of(made).close()


@pytest.fixture
def site(application, repositories):
    simulator = simulator_of(application)
    simulator.installations.__init__()
    simulator.settings.__init__()
    return Site(simulator, fill(simulator.world, repositories), application.test_client())
