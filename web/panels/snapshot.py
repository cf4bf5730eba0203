"""One look at a repository: everything that a panel shows, read from Bitbucket in a few concurrent calls under one deadline."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bitbucket import commits, pull_requests, refs, repositories
from bitbucket.client import BitbucketClient
from bitbucket.deadline import Deadline
from bitbucket.errors import ForeignObject, NotFound
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.paths import is_other_uuid
from bitbucket.resources import Repository
from insights.live.builds import BuildSummary, summarise
from insights.live.facts import BranchTip, Listing, OpenPullRequest
from web.panels import facts
from web.panels.concurrent import finish, start

T = TypeVar("T")


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
    repository_call = start(lambda: repositories.repository(*where))
    open_call = start(lambda: pull_requests.open_pull_requests(*where))
    branches_call = start(lambda: refs.newest_branches(*where, pagelen=MOST_PER_PAGE))
    main_call = start(lambda: _read_main(*where, expected)) if (expected := place.main_branch) else None

    repository = finish(repository_call, deadline)
    if repository.workspace is not None and is_other_uuid(repository.workspace.uuid, place.workspace_uuid):
        raise ForeignObject("The repository is in another workspace now.")
    name = repository.mainbranch.name if repository.mainbranch else None
    if name != place.main_branch:
        main_call = start(lambda: _read_main(*where, name)) if name else None
    opened, branches = finish(open_call, deadline), finish(branches_call, deadline)
    read_at = now()
    return Snapshot(
        repository=repository,
        main=finish(main_call, deadline) if main_call else None,
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
