"""Telling the listeners what happened, in the bodies that Bitbucket sends.

Sources: the recorded webhooks (../shared/bitbucket/webhooks). Bodies that nobody recorded (changes_request_*,
comment_resolved, comment_reopened, repo:transfer, repo:created, repo:deleted, project:updated, repo:branch_*,
pullrequest:push, pullrequest:superseded) follow the same pattern and Atlassian's event payload page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest.representations.accounts import account
from simulator.rest.representations.conversations import pull_request_comment
from simulator.rest.representations.links import timestamp
from simulator.rest.representations.pull_requests import pull_request_details
from simulator.rest.representations.repositories import repository_in_event
from simulator.world.model import Event

if TYPE_CHECKING:
    from simulator.world.model import Comment, PullRequest, Repository, User, Workspace
    from simulator.world.world import World


def announce(  # noqa: PLR0913 - an action takes the facts of what happens by keyword
    world: World,
    key: str,
    *,
    repository: Repository,
    actor: User,
    subject: dict[str, Any],
    workspace: Workspace | None = None,
) -> None:
    """Emit `key` about a repository; `workspace` only where another than its own is told (a transfer)."""
    body = subject | {"repository": repository_in_event(world, repository), "actor": account(world, actor)}
    home = workspace or repository.workspace
    world.emit(Event(key, home, repository, actor, subject, body, world.now()))


def announce_pull_request(
    world: World, key: str, pull_request: PullRequest, *, actor: User, **subject: dict[str, Any]
) -> None:
    """Emit `pullrequest:key`; `subject` comes before the pull request itself."""
    whole = {**subject, "pullrequest": pull_request_details(world, pull_request)}
    announce(world, f"pullrequest:{key}", repository=pull_request.repository, actor=actor, subject=whole)


def announce_comment(world: World, key: str, pull_request: PullRequest, comment: Comment, *, actor: User) -> None:
    """Emit `pullrequest:comment_…`."""
    body = pull_request_comment(world, pull_request, comment)
    announce_pull_request(world, key, pull_request, actor=actor, comment=body)


def verdict(world: World, actor: User) -> dict[str, Any]:
    """The `approval` or `changes_request` of a body (pullrequest-approved.toolchain.json)."""
    return {"date": timestamp(world.now()), "user": account(world, actor)}
