"""Puts the parts of the simulated Bitbucket together: its world, REST, Connect, faults and logs. No pages here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.connect.addon import AddonResource
from simulator.connect.authentication import AppAuthenticator, quota_key
from simulator.connect.deliveries import Deliveries
from simulator.connect.descriptor_source import DescriptorSource
from simulator.connect.installations import Installations
from simulator.connect.lifecycle import Lifecycle
from simulator.connect.modules import Modules
from simulator.connect.outgoing import Outgoing
from simulator.connect.settings import ConnectSettings
from simulator.connect.webhooks import Webhooks
from simulator.faults import Faults
from simulator.request_log import RequestLog
from simulator.rest.registration import register_rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from simulator.connect.installations import Installation
    from simulator.rest.registration import Api
    from simulator.world import World

EXTENSION = "simulator"


def epoch_now() -> int:
    """The present as tokens count it. Not the world's clock: apps compare tokens with the real time."""
    return int(time.time())


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """Everything that runs behind one address; `close` ends its threads and its world."""

    world: World
    api: Api
    settings: ConnectSettings
    installations: Installations
    source: DescriptorSource
    lifecycle: Lifecycle
    modules: Modules
    deliveries: Deliveries
    outgoing: Outgoing
    faults: Faults
    requests: RequestLog

    def close(self) -> None:
        """Stop: hanging requests are answered, webhooks dropped, the world's files removed."""
        self.faults.clear()
        self.deliveries.close()
        self.outgoing.close()
        self.world.close()


def assemble(
    app: Flask, world: World, *, settings: ConnectSettings | None = None, clock: Callable[[], int] = epoch_now
) -> Simulator:
    """Serve REST and Connect of `world` on `app`, and say what holds it together."""
    settings = settings or ConnectSettings()
    installations, outgoing = Installations(), Outgoing()
    api = register_rest(app, world)
    authenticator = AppAuthenticator(world, installations, settings=settings, clock=clock)
    world.connect_authenticator = authenticator

    def revoke_tokens(installation: Installation) -> None:
        with world.lock:
            api.tokens.revoke(quota_key=quota_key(installation))

    lifecycle = Lifecycle(world, installations, outgoing, settings=settings, clock=clock, revoke_tokens=revoke_tokens)
    source = DescriptorSource(outgoing, settings=settings)
    deliveries = Deliveries(outgoing, settings=settings, seed=world.seed)
    world.listeners.append(Webhooks(installations, deliveries, settings=settings, clock=clock).notice)
    AddonResource(installations, lifecycle=lifecycle, source=source, authenticator=authenticator).register(app)
    return Simulator(
        world=world,
        api=api,
        settings=settings,
        installations=installations,
        source=source,
        lifecycle=lifecycle,
        modules=Modules(world, installations, clock=clock),
        deliveries=deliveries,
        outgoing=outgoing,
        faults=Faults(),
        requests=RequestLog(),
    )


def simulator_of(app: Flask) -> Simulator:
    """The simulator behind an app that `create_app` made."""
    simulator = app.extensions[EXTENSION]
    if not isinstance(simulator, Simulator):
        raise TypeError("this app is not a simulator")
    return simulator
