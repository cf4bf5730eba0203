"""A simulator and an app to install, both listening on loopback, and a client for the control interface."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urllib3

from simulator.app import create_app, simulator_of
from simulator.connect.deliveries import Mischief
from simulator.server import Server, free_port
from tests.simulator.small_world import SmallWorld, fill, small_world
from tests.simulator.stand_in import StandIn, serve_stand_in

if TYPE_CHECKING:
    from pathlib import Path

    from simulator.assembly import Simulator


@dataclass
class Live:
    simulator: Simulator
    cast: SmallWorld
    app: StandIn
    url: str
    http: urllib3.PoolManager

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON (or bytes) of one request; no redirect is followed."""
        sent = None if body is None else json.dumps(body).encode()
        found = {"Content-Type": "application/json", **(headers or {})}
        answer = self.http.request(method, self.url + path, body=sent, headers=found, redirect=False, timeout=20)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(answer.data) if is_json else answer.data

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a control call that must succeed."""
        status, found = self.call(method, f"/_simulator{path}", body)
        assert status == 200, found
        return found

    def install(self, **more: Any) -> dict[str, Any]:
        wish = {"descriptor_url": self.app.descriptor_url, "workspace": "acme", **more}
        return self.control("POST", "/install", wish)

    def client_key(self) -> str:
        """Install the app, and how Bitbucket knows it then."""
        answer = self.install()
        assert answer["ok"], answer
        return answer["client_key"]

    def secret(self, client_key: str) -> str:
        found = self.simulator.installations.find(client_key)
        assert found is not None
        return found.secret


def reset(live: Live, repositories: Path) -> None:
    """Everything as it was at the start, behind the same addresses: making the application takes its time."""
    simulator, app = live.simulator, live.app
    simulator.faults.clear()
    simulator.deliveries.behave(Mischief())
    assert simulator.deliveries.wait_until_idle(30)
    simulator.deliveries.clear_log()
    simulator.requests.clear()
    simulator.installations.__init__()  # type: ignore[misc]
    simulator.settings.__init__()  # type: ignore[misc]
    simulator.api.tokens.__init__(simulator.world)  # type: ignore[misc]
    simulator.api.quotas.__init__()  # type: ignore[misc]
    app.__init__(site_url=app.site_url, url=app.url)  # type: ignore[misc]
    live.cast = fill(simulator.world, repositories)


def start_live(repositories: Path, closing: Any, **options: Any) -> Live:
    """Start both; `closing` (an ExitStack) stops them."""
    port = free_port()
    cast = small_world(repositories, site_url=f"http://127.0.0.1:{port}")
    flask = create_app(cast.world, **options)
    simulator = simulator_of(flask)
    http = urllib3.PoolManager(retries=False)
    closing.callback(http.clear)
    server = closing.enter_context(Server(flask, port=port))
    closing.callback(simulator.close)
    app = StandIn(site_url=server.url)
    closing.enter_context(serve_stand_in(app))
    return Live(simulator, cast, app, server.url, http)
