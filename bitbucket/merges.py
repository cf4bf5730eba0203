"""Merging a pull request, which Bitbucket may finish later."""

# ruff: noqa: PLR0913 - an address has up to four parts, and each is passed by its name or in the order of the address

from typing import Final
from urllib.parse import urlsplit

from bitbucket.answers import WAIT_WHILE_WORKING, decode
from bitbucket.client import BitbucketClient, Payload
from bitbucket.errors import NotYetReady, UnexpectedShape
from bitbucket.paths import Exact, path
from bitbucket.resources import PullRequest, Resource
from bitbucket.scopes import needs

STRATEGIES: Final = frozenset(
    {
        *("merge_commit", "squash", "fast_forward", "squash_fast_forward", "rebase_fast_forward", "rebase_merge"),
    }
)


class MergeOptions(Resource, frozen=True, kw_only=True, omit_defaults=True):
    """How to merge; what is None is left to the pull request and the repository."""

    message: str | None = None
    merge_strategy: str | None = None
    close_source_branch: bool | None = None


class MergeStatus(Resource, frozen=True, kw_only=True):
    """How far a merge is: `task_status` is PENDING or SUCCESS; a failed one is an error instead."""

    task_status: str
    merge_result: PullRequest | None = None


class MergeTask(Resource, frozen=True, kw_only=True):
    """A merge that goes on over there; `merged` asks for its outcome."""

    task_id: str


@needs("pullrequest:write")
def merge(
    client: BitbucketClient,
    workspace: str,
    repository: str,
    pull_request_id: int,
    *,
    options: MergeOptions | None = None,
    wait: bool = True,
) -> PullRequest | MergeTask:
    """Merge. The merged pull request, or a MergeTask where that takes longer than Bitbucket waits (or `wait` is False).

    Raises Conflict when a ref has moved meanwhile, TimedOutThere (try later), ValueError for an unknown strategy.
    """
    options = options or MergeOptions()
    if options.merge_strategy not in STRATEGIES | {None}:
        raise ValueError(f"{options.merge_strategy!r} is not a merge strategy.")
    address = path("repositories", workspace, repository, "pullrequests", pull_request_id, "merge")
    params = None if wait else {"async": True}
    response = client.request("POST", address, params=params, payload=Payload.as_json(options))
    if response.status == 202:
        return MergeTask(task_id=_task_id(response.headers.get("Location", "")))
    return decode(response.body, PullRequest)


@needs("pullrequest")
def merged(
    client: BitbucketClient, workspace: str, repository: str, pull_request_id: int, task: MergeTask
) -> PullRequest:
    """The outcome of a merge. Raises NotYetReady, with a `retry_at`, while it goes on.

    The task is asked for at our own address: the one in its Location was only good for its id.
    """
    segments = ("pullrequests", pull_request_id, "merge", "task-status", Exact(task.task_id))
    status = client.get(path("repositories", workspace, repository, *segments), MergeStatus)
    if status.task_status == "PENDING":
        retry_at = client.now() + WAIT_WHILE_WORKING
        raise NotYetReady("The merge is still going on.", status=202, retry_at=retry_at)
    if status.merge_result is None:
        raise UnexpectedShape(f"A merge that is {status.task_status[:40]!r} came without its pull request.")
    return status.merge_result


def _task_id(location: str) -> str:
    parent, _, task_id = urlsplit(location).path.rstrip("/").rpartition("/")
    if not parent.endswith("/task-status") or not task_id:
        raise UnexpectedShape("The merge was accepted, but its Location is not that of a task.")
    return task_id
