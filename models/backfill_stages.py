"""What of a history is read next, in the order in which it is of use."""

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """What is read next, in the order in which it is of use."""

    OPEN_PULL_REQUESTS = "open_pull_requests"
    OPEN_ACTIVITY = "open_activity"
    OPEN_DIFFSTATS = "open_diffstats"
    OPEN_BUILDS = "open_builds"
    MAIN_BRANCH = "main_branch"
    CLOSED_PULL_REQUESTS = "closed_pull_requests"
    REFS = "refs"
    OPEN_TASKS = "open_tasks"
    OPEN_COMMITS = "open_commits"
    CLOSED_ACTIVITY = "closed_activity"
    CLOSED_DIFFSTATS = "closed_diffstats"
    COMMITS = "commits"
    MERGED_COMMITS = "merged_commits"
    CLOSED_COMMITS = "closed_commits"
    BUILDS = "builds"
    DEPLOYMENTS = "deployments"
    CLOSED_TASKS = "closed_tasks"
    DONE = "done"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return ORDER[self]

    @property
    def following(self) -> "Stage":
        """The stage after this one. Raises IndexError after the last."""
        return list(Stage)[self.rank + 1]

    @property
    def is_before_first_use(self) -> bool:
        """Whether the repository's panel still lacks what it is for."""
        return self.rank < Stage.MAIN_BRANCH.rank


ORDER: Final = {stage: rank for rank, stage in enumerate(Stage)}
