"""The state of a commit from its build reports: one word out of many."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from insights.live.facts import Build, BuildState

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class CommitState(StrEnum):
    """What a commit's builds say together."""

    FAILED = "failed"
    RUNNING = "running"
    PASSED = "passed"
    STOPPED = "stopped"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """A commit's state and the number of build keys behind it, by state."""

    state: CommitState
    failed: int = 0
    running: int = 0
    passed: int = 0
    stopped: int = 0

    @property
    def total(self) -> int:
        """The number of build keys that reported."""
        return self.failed + self.running + self.passed + self.stopped


def summarise(builds: Iterable[Build]) -> BuildSummary:
    """Return a commit's state: failed if any key failed, else running if any runs, else passed, else stopped.

    Only the newest report of a key counts: a build that was run again and passed has passed.
    """
    newest: dict[str, Build] = {}
    for build in builds:
        known = newest.get(build.key)
        if known is None or (build.updated_at or _EARLIEST) >= (known.updated_at or _EARLIEST):
            newest[build.key] = build
    count = Counter(build.state for build in newest.values())
    return BuildSummary(
        state=_together(count),
        failed=count[BuildState.FAILED],
        running=count[BuildState.INPROGRESS],
        passed=count[BuildState.SUCCESSFUL],
        stopped=count[BuildState.STOPPED],
    )


def _together(count: Counter[BuildState]) -> CommitState:
    for build_state, commit_state in (
        (BuildState.FAILED, CommitState.FAILED),
        (BuildState.INPROGRESS, CommitState.RUNNING),
        (BuildState.SUCCESSFUL, CommitState.PASSED),
        (BuildState.STOPPED, CommitState.STOPPED),
    ):
        if count[build_state]:
            return commit_state
    return CommitState.NONE
