"""Taking part in a pull request: approvals, change requests, comments, tasks."""

# ruff: noqa: PLR0913 - an address has up to four parts, and each is passed by its name or in the order of the address

from collections.abc import Iterator

from bitbucket.client import BitbucketClient, Payload
from bitbucket.comments import Comment, Task, as_content
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.paths import path
from bitbucket.resources import Participant
from bitbucket.scopes import needs


def _address(workspace: str, repository: str, pull_request_id: int, *rest: str | int) -> str:
    return path("repositories", workspace, repository, "pullrequests", pull_request_id, *rest)


@needs("pullrequest:write")
def approve(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> Participant:
    """Approve as the caller; approving twice changes nothing."""
    return client.post(_address(workspace, repository, pull_request_id, "approve"), Participant)


@needs("pullrequest:write")
def unapprove(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> None:
    """Take the caller's approval back."""
    client.delete(_address(workspace, repository, pull_request_id, "approve"))


@needs("pullrequest:write")
def request_changes(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> Participant:
    """Ask for changes as the caller."""
    return client.post(_address(workspace, repository, pull_request_id, "request-changes"), Participant)


@needs("pullrequest:write")
def withdraw_changes_request(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> None:
    """Take the caller's request for changes back."""
    client.delete(_address(workspace, repository, pull_request_id, "request-changes"))


@needs("pullrequest")
def comments(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> Iterator[Comment]:
    """Every comment, deleted ones included."""
    address = _address(workspace, repository, pull_request_id, "comments")
    return client.iterate(address, Comment, params={"pagelen": MOST_PER_PAGE})


@needs("pullrequest")
def add_comment(
    client: BitbucketClient,
    workspace: str,
    repository: str,
    pull_request_id: int,
    text: str,
    *,
    answers: int | None = None,
) -> Comment:
    """Comment as the caller; `answers` is the id of the comment that this one answers."""
    body = as_content(text) if answers is None else {**as_content(text), "parent": {"id": answers}}
    address = _address(workspace, repository, pull_request_id, "comments")
    return client.post(address, Comment, payload=Payload.as_json(body))


@needs("pullrequest")
def edit_comment(
    client: BitbucketClient, workspace: str, repository: str, pull_request_id: int, comment_id: int, *, text: str
) -> Comment:
    """Replace the text of one of the caller's comments."""
    address = _address(workspace, repository, pull_request_id, "comments", comment_id)
    return client.put(address, Comment, payload=Payload.as_json(as_content(text)))


@needs("pullrequest")
def delete_comment(
    client: BitbucketClient, workspace: str, repository: str, pull_request_id: int, comment_id: int
) -> None:
    """Delete one of the caller's comments."""
    client.delete(_address(workspace, repository, pull_request_id, "comments", comment_id))


@needs("pullrequest")
def tasks(client: BitbucketClient, workspace: str, repository: str, pull_request_id: int) -> Iterator[Task]:
    """Every task, resolved ones included."""
    address = _address(workspace, repository, pull_request_id, "tasks")
    return client.iterate(address, Task, params={"pagelen": MOST_PER_PAGE})
