"""The simulated Bitbucket as one WSGI application: REST at /2.0, OAuth and pages at /, control at /_simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from simulator.assembly import EXTENSION, assemble, epoch_now, simulator_of
from simulator.control import control_of
from simulator.host.blueprint import register_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.connect.installations import RegisteredApp
    from simulator.connect.settings import ConnectSettings
    from simulator.world import World

__all__ = ["create_app", "simulator_of"]


def create_app(  # noqa: PLR0913 - the options of the command line, each with a default
    world: World,
    *,
    settings: ConnectSettings | None = None,
    registered: Iterable[RegisteredApp] = (),
    quota: int | None = None,
    latency_seconds: float = 0.0,
    clock: Callable[[], int] = epoch_now,
) -> Flask:
    """A Bitbucket whose state is `world`. Close it with `simulator_of(app).close()`.

    `quota` is calls per rolling hour and caller, `latency_seconds` is added to every API call, `clock` is the epoch
    second that tokens are made and checked with.
    """
    app = Flask(__name__, static_folder=None)
    simulator = assemble(app, world, settings=settings, clock=clock)
    simulator.api.quotas.limit = quota
    for one in registered:
        simulator.installations.register(one)
    app.extensions[EXTENSION] = simulator
    app.register_blueprint(control_of(simulator))
    register_host(app, simulator)
    layered = simulator.faults.around(app.wsgi_app, latency_seconds=latency_seconds)
    app.wsgi_app = simulator.requests.around(layered)  # type: ignore[method-assign, assignment]
    return app
