"""One look at a repository: everything that a panel shows, read from Bitbucket in a few concurrent calls under one deadline."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, TypeVar

from bitbucket import commits, pull_requests, refs, repositories
from bitbucket.client import BitbucketClient
from bitbucket.deadline import Deadline
from bitbucket.errors import ForeignObject, NotFound, TimedOut
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.paths import is_other_uuid
from bitbucket.resources import Repository
from insights.live.builds import BuildSummary, summarise
from insights.live.facts import BranchTip, Listing, OpenPullRequest
from web.panels import facts

T = TypeVar("T")

# Threads of this process that wait for Bitbucket: four calls a look, and a thread holds one connection open.
MOST_CALLS_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Which repository to look at. ``main_branch`` is its name as last known: with it, one step less has to be waited for."""

    workspace_uuid: str
    repository_uuid: str
    main_branch: str | None = None


@dataclass(frozen=True, slots=True)
class MainBranch:
    """The newest commit of the main branch and what its builds say."""

    tip: BranchTip
    builds: BuildSummary


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a repository looked like at ``read_at``. ``main`` is missing in a repository without commits."""

    repository: Repository
    main: MainBranch | None
    pull_requests: Listing[OpenPullRequest]
    branches: Listing[BranchTip]
    read_at: datetime


def read_snapshot(
    client: BitbucketClient, place: Place, *, deadline: Deadline, now: Callable[[], datetime]
) -> Snapshot:
    """Read everything at once.

    Raises BitbucketError for the first call that failed, ForeignObject where the repository is in another workspace now.
    """
    bounded = client.within(deadline)
    where = (bounded, place.workspace_uuid, place.repository_uuid)
    repository_call = _start(lambda: repositories.repository(*where))
    open_call = _start(lambda: pull_requests.open_pull_requests(*where))
    branches_call = _start(lambda: refs.newest_branches(*where, pagelen=MOST_PER_PAGE))
    main_call = _start(lambda: _read_main(*where, expected)) if (expected := place.main_branch) else None

    repository = _finish(repository_call, deadline)
    if repository.workspace is not None and is_other_uuid(repository.workspace.uuid, place.workspace_uuid):
        raise ForeignObject("The repository is in another workspace now.")
    name = repository.mainbranch.name if repository.mainbranch else None
    if name != place.main_branch:
        main_call = _start(lambda: _read_main(*where, name)) if name else None
    opened, branches = _finish(open_call, deadline), _finish(branches_call, deadline)
    read_at = now()
    return Snapshot(
        repository=repository,
        main=_finish(main_call, deadline) if main_call else None,
        pull_requests=_listing(facts.pull_requests(opened.pull_requests, now=read_at), opened.total),
        branches=_listing(tuple(facts.branch_tip(branch) for branch in branches.values), branches.size),
        read_at=read_at,
    )


def _read_main(client: BitbucketClient, workspace_uuid: str, repository_uuid: str, name: str) -> MainBranch | None:
    try:
        tip = facts.branch_tip(refs.branch(client, workspace_uuid, repository_uuid, name))
    except NotFound:  # a repository without commits names a main branch that does not exist yet
        return None
    if not tip.commit_hash:
        return None
    statuses = commits.build_statuses(client, workspace_uuid, repository_uuid, tip.commit_hash)
    return MainBranch(tip=tip, builds=summarise(facts.builds(statuses.values)))


def _listing(items: tuple[T, ...], total: int | None) -> Listing[T]:
    return Listing(items=items, total=max(total or 0, len(items)))


def _start(call: Callable[[], T]) -> Future[T]:
    return _pool().submit(call)


def _finish(future: Future[T], deadline: Deadline) -> T:
    # The call keeps the deadline by itself; waiting no longer than it also covers a pool whose threads are all taken.
    try:
        return future.result(timeout=deadline.remaining_seconds())
    except FutureTimeout as error:
        future.cancel()
        raise TimedOut("The calls of this page took too long together.") from error


@cache
def _pool() -> ThreadPoolExecutor:
    # Made at the first look and not at import, so that every worker process that was forked has its own.
    return ThreadPoolExecutor(MOST_CALLS_AT_ONCE, thread_name_prefix="bitbucket")
