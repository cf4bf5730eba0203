"""The smallest things that the story tells: somebody did something to a pull request or a branch at a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.world.model import BuildState
    from simulator.world.story.cast import Person

BeatKind = Literal[
    "start", "commit", "push", "rebase", "open", "ready", "retitle", "invite", "comment", "resolve", "approve", "unapprove",
    "changes", "task", "task_done", "merge", "decline", "release", "hotfix",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Build:
    """One build of one pushed commit: when it began, when its last run ended, and how."""

    key: str
    started: datetime
    finished: datetime
    state: BuildState


@dataclass(slots=True, eq=False)
class Plot:
    """One pull request's story. A plot without an `open` beat is a branch that nobody opened one for."""

    author: Person
    branch: str
    title: str
    description: str
    draft: bool = False
    close_source_branch: bool = True
    size: float = 1.0
    package: tuple[str, str] | None = None
    """(package, version) for a dependency update"""
    reviewers: list[Person] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)

    def add(self, at: datetime, kind: BeatKind, actor: Person, **details: object) -> Beat:
        """One more beat."""
        beat = Beat(at, kind, actor, self, details)
        self.beats.append(beat)
        return beat

    def newest_builds(self) -> list[Build]:
        """The builds of the newest push."""
        pushes = [beat for beat in self.beats if beat.kind == "push"]
        builds: list[Build] = pushes[-1].details["builds"] if pushes else []
        return builds


@dataclass(slots=True, eq=False)
class Beat:
    """What happened, when, and who did it. `details` depend on the kind; `simulator.world.story.stage` reads them."""

    at: datetime
    kind: BeatKind
    actor: Person
    plot: Plot
    details: dict[str, Any] = field(default_factory=dict)
