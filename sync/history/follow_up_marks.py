"""What has to be asked for after something was told: what no event carries, or what was missed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from insights.facts.pull_requests import PullRequestState
from models.history import follow_ups, pull_requests, tasks
from models.history.columns import SHORT_HASH_LENGTH
from models.history.follow_ups import FollowUpKind
from models.history.pull_requests import PullRequestRow
from models.history.tasks import TaskRow
from sync.history.projection import Projection

# So long a burst of events is waited out: pushes and comments come in handfuls, and one answer is enough for all.
DELAYS: Final = {
    FollowUpKind.REPOSITORY: timedelta(seconds=2),
    FollowUpKind.PULL_REQUEST: timedelta(seconds=5),
    FollowUpKind.ACTIVITY: timedelta(seconds=5),
    FollowUpKind.DIFFSTAT: timedelta(seconds=20),
    FollowUpKind.PULL_REQUEST_COMMITS: timedelta(seconds=20),
    FollowUpKind.TASKS: timedelta(seconds=60),
    FollowUpKind.PUSHED_COMMITS: timedelta(seconds=5),
    FollowUpKind.REF: timedelta(seconds=5),
    FollowUpKind.DEPLOYMENTS: timedelta(seconds=60),
}


def mark(projection: Projection) -> None:
    """Mark what the tellings of this transaction leave open."""
    numbers = projection.told_pull_requests
    if numbers:
        held = pull_requests.held(projection.session, projection.repository, numbers)
        known = tasks.held(projection.session, projection.repository, numbers)
        for number, row in held.items():
            for kind in missing(row, known[number]):
                projection.ask(kind, str(number))
    for kind, subjects in projection.questions.items():
        follow_ups.mark(
            projection.session,
            projection.repository,
            kind,
            subjects,
            now=projection.now,
            delay=DELAYS[kind],
        )


def missing(row: PullRequestRow, known: list[TaskRow]) -> Iterator[FollowUpKind]:
    """What we do not know of a pull request, or no longer. Pure."""
    if not row.is_watched and row.activity_as_of is None:
        yield FollowUpKind.ACTIVITY
    if row.head is not None:
        head = row.head[:SHORT_HASH_LENGTH]
        if (row.files_head or "")[:SHORT_HASH_LENGTH] != head:
            yield FollowUpKind.DIFFSTAT
        if (row.commits_head or "")[:SHORT_HASH_LENGTH] != head:
            yield FollowUpKind.PULL_REQUEST_COMMITS
    # Bitbucket tells how many tasks are open and not which. While the number is the one that we know, nothing is asked;
    # one resolved and another added in between is found by the nightly comparison.
    is_open = row.state is PullRequestState.OPEN
    if is_open and row.task_count is not None and row.task_count != sum(one.resolved_at is None for one in known):
        yield FollowUpKind.TASKS
