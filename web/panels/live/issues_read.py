"""Reads the state of a repository's issue tracker: one call where the issues fit one page, else Bitbucket counts them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bitbucket.client import BitbucketClient
from bitbucket.deadline import Deadline
from bitbucket.issues import Issue, some_issues
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.query_language import Condition, field
from bitbucket.resources import Page
from insights.live.issue_counts import (
    ENDED_STATES,
    KINDS,
    OPEN_STATES,
    PRIORITIES,
    IssueCounts,
    IssueFacts,
    count_issues,
)
from web.panels.concurrent import all_at_once

IS_OPEN = field("state").is_in(*OPEN_STATES)


@dataclass(frozen=True, slots=True)
class Tracker:
    """The counts, the oldest issue that is open, and the newest issues of all, the newest first."""

    counts: IssueCounts
    oldest_open: Issue | None
    newest: tuple[Issue, ...]


def read_tracker(client: BitbucketClient, workspace: str, repository: str, *, deadline: Deadline) -> Tracker:
    """Read the tracker. Raises BitbucketError: NotFound and Gone where the repository has none (any more)."""
    newest = some_issues(client, workspace, repository, sort="-created_on", pagelen=MOST_PER_PAGE)
    if newest.size is None or newest.size <= len(newest.values):
        return _counted_here(newest)
    return _counted_there(client, workspace, repository, newest=newest, deadline=deadline)


def _counted_here(newest: Page[Issue]) -> Tracker:
    still_open = [issue for issue in newest.values if issue.state in OPEN_STATES]
    return Tracker(
        counts=count_issues(IssueFacts(one.state or "", one.kind or "", one.priority or "") for one in newest.values),
        oldest_open=still_open[-1] if still_open else None,
        newest=tuple(newest.values),
    )


def _counted_there(
    client: BitbucketClient, workspace: str, repository: str, *, newest: Page[Issue], deadline: Deadline
) -> Tracker:
    def one(where: Condition) -> Callable[[], Page[Issue]]:
        return lambda: some_issues(client, workspace, repository, where=where, sort="created_on", pagelen=1)

    states = (*OPEN_STATES, *ENDED_STATES)
    questions = [
        *(field("state").equals(state) for state in states),
        *(IS_OPEN & field("kind").equals(kind) for kind in KINDS),
        *(IS_OPEN & field("priority").equals(priority) for priority in PRIORITIES),
        IS_OPEN,
    ]
    *answers, oldest = all_at_once([one(question) for question in questions], deadline)
    sizes = [answer.size or 0 for answer in answers]
    by_state, rest = sizes[: len(states)], sizes[len(states) :]
    return Tracker(
        counts=IssueCounts(
            by_state=_counted(states, by_state),
            by_kind=_counted(KINDS, rest[: len(KINDS)]),
            by_priority=_counted(PRIORITIES, rest[len(KINDS) :]),
        ),
        oldest_open=next(iter(oldest.values), None),
        newest=tuple(newest.values),
    )


def _counted(names: tuple[str, ...], sizes: list[int]) -> Mapping[str, int]:
    return {name: size for name, size in zip(names, sizes, strict=True) if size}
