"""A local Bitbucket and Bittern as real processes, side by side. The demo and the end-to-end tests start the same one."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import requests

from demo.bitbucket_control import BitbucketControl
from demo.environment import Addresses, base_environment, bittern_environment
from demo.procfile import parse_procfile
from demo.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from demo.children import Children

# Reading a large repository and its merges takes its time; a seeded team a few seconds.
BITBUCKET_TIMEOUT_SECONDS = 600.0
BITTERN_TIMEOUT_SECONDS = 60.0
MIGRATION_TIMEOUT_SECONDS = 120.0
MIGRATE = ("flask", "--app", "app", "bittern", "migrate")


@dataclass(frozen=True)
class Plan:
    """What to start, and where."""

    root: Path
    state_directory: Path
    log_directory: Path
    addresses: Addresses
    simulator_arguments: Sequence[str] = ()
    # Settings on top of the demo's own; a value None takes one away.
    bittern_settings: Mapping[str, str | None] = field(default_factory=dict)
    # What every process gets on top of the demo's own environment.
    environment: Mapping[str, str] = field(default_factory=dict)


class LocalSystem:
    """Starts the two sides and says when they are ready."""

    def __init__(self, plan: Plan, children: Children, *, inherited: Mapping[str, str]) -> None:
        self.plan = plan
        self.shield = children.shield
        self.control = BitbucketControl(plan.addresses.simulator_url, shield=self.shield)
        self._children = children
        self._base = base_environment(inherited, state_directory=plan.state_directory) | dict(plan.environment)
        self.bittern_environment = self._bittern_environment()

    def start_bitbucket(self) -> None:
        """Raises StepFailed where the simulator does not come up."""
        port = str(self.plan.addresses.simulator_port)
        command = [sys.executable, "-m", "simulator", "--port", port, *self.plan.simulator_arguments]
        child = self._children.start("simulator", command, environment=self._base)
        wait_until(
            self.control.is_ready,
            what="the local Bitbucket's first answer",
            timeout_seconds=BITBUCKET_TIMEOUT_SECONDS,
            still_worth_it=self._children.check_alive,
            log_path=child.log_path,
        )

    def migrate(self) -> None:
        """Bring the database to the newest schema. Raises StepFailed."""
        environment = self.bittern_environment
        command = [sys.executable, "-m", *MIGRATE]
        self._children.run("migrate", command, environment=environment, timeout_seconds=MIGRATION_TIMEOUT_SECONDS)

    def start_bittern(self) -> None:
        """Start every process of the Procfile and wait until the service says that it is ready. Raises StepFailed."""
        environment = self.bittern_environment
        processes = parse_procfile((self.plan.root / "Procfile").read_text(encoding="utf-8"))
        children = [
            self._children.start(process.name, process.command(environment), environment=environment)
            for process in processes
        ]
        wait_until(
            self._is_bittern_ready,
            what="Bittern's readiness",
            timeout_seconds=BITTERN_TIMEOUT_SECONDS,
            still_worth_it=self._children.check_alive,
            log_path=children[0].log_path,
        )

    @property
    def descriptor_url(self) -> str:
        return f"{self.plan.addresses.bittern_url}/atlassian-connect.json"

    def _is_bittern_ready(self) -> bool:
        try:
            with self.shield(), requests.Session() as session:
                session.trust_env = False
                return session.get(f"{self.plan.addresses.bittern_url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def _bittern_environment(self) -> dict[str, str]:
        environment: dict[str, str | None] = {
            **bittern_environment(self._base, addresses=self.plan.addresses, state_directory=self.plan.state_directory),
            **self.plan.bittern_settings,
        }
        return {name: value for name, value in environment.items() if value is not None}
