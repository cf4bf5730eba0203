"""Which step each stage takes."""

from collections.abc import Mapping
from typing import Final

from models.backfill_stages import Stage
from models.history.gaps import Gap, Scope
from sync.backfill import details, lists
from sync.backfill.details import each
from sync.backfill.work import Step

STEPS: Final[Mapping[Stage, Step]] = {
    Stage.OPEN_PULL_REQUESTS: lists.open_pull_requests,
    Stage.OPEN_ACTIVITY: each(Gap.ACTIVITY, Scope.OPEN, details.activity),
    Stage.OPEN_DIFFSTATS: details.open_files,
    Stage.OPEN_BUILDS: each(Gap.BUILDS, Scope.OPEN, details.builds),
    Stage.MAIN_BRANCH: details.main_branch,
    Stage.CLOSED_PULL_REQUESTS: lists.closed_pull_requests,
    Stage.REFS: lists.all_refs,
    Stage.OPEN_TASKS: each(Gap.TASKS, Scope.OPEN, details.tasks),
    Stage.OPEN_COMMITS: each(Gap.COMMITS, Scope.OPEN, details.commits_of),
    Stage.CLOSED_ACTIVITY: each(Gap.ACTIVITY, Scope.CLOSED, details.activity),
    Stage.CLOSED_DIFFSTATS: details.closed_files,
    Stage.COMMITS: lists.all_commits,
    Stage.MERGED_COMMITS: details.commits_of_merges,
    Stage.CLOSED_COMMITS: each(Gap.COMMITS, Scope.CLOSED, details.commits_of),
    Stage.BUILDS: details.main_branch_builds,
    Stage.DEPLOYMENTS: lists.all_deployments,
    # Last: a call for each, since lists tell of open tasks only, and what they are good for is a copy that is whole.
    Stage.CLOSED_TASKS: each(Gap.TASKS, Scope.CLOSED, details.tasks),
}
