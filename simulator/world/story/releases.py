"""Releases of the story: every three weeks a version commit, a tag, and its way through the environments."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from simulator.world.model import Deployment
from simulator.world.story.edits import Write
from simulator.world.story.stream import Written

if TYPE_CHECKING:
    import random

    from simulator.world.story.stage import Stage

ENVIRONMENT_KINDS: tuple[Literal["Test", "Staging", "Production"], ...] = ("Test", "Staging", "Production")
_EVERY = timedelta(days=21)
_DELAYS = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=26))


class Releases:
    """Makes the releases that are due while the story goes on."""

    def __init__(self, stage: Stage, start: datetime, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng
        self._next = start + timedelta(days=9, hours=10)
        self._minor = 0

    def until(self, at: datetime) -> None:
        """Make every release that was due before `at`."""
        while self._next <= at:
            self._release(self._next)
            self._next += _EVERY

    def _release(self, at: datetime) -> None:
        self._minor += 1
        version = f"2.{self._minor}.0"
        stage, ground = self._stage, self._stage.ground
        manager = stage.manager
        mark = ground.work_on_main(manager, at, f"Release {version}\n", edits=[Write("VERSION", (version,))])
        who = Written(manager, at + timedelta(minutes=1))
        ground.stream.tag(f"v{version}", mark, tagger=who, message=f"Version {version}\n")
        for kind, delay in zip(ENVIRONMENT_KINDS, _DELAYS, strict=True):
            self._deploy(mark, kind, at + delay, version)

    def _deploy(self, mark: int, kind: str, started: datetime, version: str) -> None:
        repository, end = self._stage.repository, self._stage.end
        if started >= end:
            return
        finished = started + timedelta(minutes=self._rng.uniform(3, 15))
        state: Literal["IN_PROGRESS", "SUCCESSFUL", "FAILED"] = "FAILED" if self._rng.random() < 0.07 else "SUCCESSFUL"
        environment = next(one for one in repository.environments.values() if one.kind == kind)
        number = len(repository.deployments) + 1
        repository.deployments.append(
            Deployment(
                uuid=self._stage.uuid("deployment", number),
                number=number,
                environment=environment,
                commit=f":{mark}",
                state=state if finished < end else "IN_PROGRESS",
                started_on=started,
                completed_on=finished if finished < end else None,
                release_name=version,
            )
        )
