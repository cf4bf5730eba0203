"""Lives of a repository: a Story with what webhooks do not tell of as well, tasks and deployments."""

from __future__ import annotations

from datetime import timedelta

from simulator.world import actions
from simulator.world.identifiers import uuid_for
from simulator.world.model import Deployment, Environment
from tests.sync.history.stories import Story

ENVIRONMENTS = ("Test", "Staging", "Production")


class Life(Story):
    """As a Story, from a seed. What it does with a chance of its own is up to whoever drives it."""

    def __init__(self, *, seed):
        super().__init__(seed=seed)
        for rank, kind in enumerate(ENVIRONMENTS):
            one = Environment(uuid_for("environment", seed, kind), kind, kind.lower(), kind, rank)
            self.repository.environments[one.uuid] = one

    def step(self):
        """Let one thing happen."""
        self.tell(1)

    def _deeds(self):
        rare = [self._deploy, self._settle_task, self._drop, self._tag, self._merge]
        return [*super()._deeds(), *rare * 2, *[self._open, self._task, self._change] * 4]

    def _deploy(self):
        """A commit of the main branch is brought somewhere; no webhook tells of it, but the build that did it has passed."""
        commit = self.repository.git.branches().get("main")
        if commit is None:
            return
        number = len(self.repository.deployments) + 1
        started = self.world.now()
        self.now += timedelta(minutes=5)
        self._act(
            actions.set_build_status, self.repository, commit=commit, key="deploy", state="SUCCESSFUL", name="Out"
        )
        self.repository.deployments.append(
            Deployment(
                uuid=uuid_for("deployment", self.world.seed, number),
                number=number,
                environment=self.chance.choice(list(self.repository.environments.values())),
                commit=commit,
                state=self.chance.choice(["SUCCESSFUL", "SUCCESSFUL", "FAILED"]),
                started_on=started,
                completed_on=started + timedelta(minutes=4),
                release_name=f"{number}.0",
            )
        )

    def _settle_task(self):
        about = self._pull_request(is_open=False)
        if about is not None and about.tasks:
            task = self.chance.choice(list(about.tasks.values()))
            if self.chance.random() < 0.2:
                self._act(actions.delete_task, about, task.id)
            else:
                self._act(actions.update_task, about, task.id, resolved=task.state == "UNRESOLVED")

    def _drop(self):
        """A tag goes."""
        tags = sorted(self.repository.git.tags())
        if tags:
            self._act(actions.delete_tag, self.repository, name=self.chance.choice(tags))
