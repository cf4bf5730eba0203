"""What people say: comments and tasks on pull requests, comments on commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import Comment, Inline, PullRequest, Repository, Task, User
    from simulator.world.world import World


def comment(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    text: str,
    parent: int | None = None,
    inline: Inline | None = None,
    pending: bool = False,
) -> Comment:
    """Say something; `parent` is the id of the comment answered. Emits pullrequest:comment_created."""
    raise NotImplementedError


def update_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User, text: str) -> Comment:
    """Change a comment. Emits pullrequest:comment_updated if ten minutes passed since it was written."""
    raise NotImplementedError


def delete_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Delete a comment. Emits pullrequest:comment_deleted."""
    raise NotImplementedError


def resolve_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Resolve a thread. Emits pullrequest:comment_resolved."""
    raise NotImplementedError


def reopen_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Reopen a thread. Emits pullrequest:comment_reopened."""
    raise NotImplementedError


def add_task(world: World, pull_request: PullRequest, *, actor: User, text: str, comment_id: int | None = None) -> Task:
    """Add a task. Bitbucket tells no webhook of it."""
    raise NotImplementedError


def update_task(
    world: World,
    pull_request: PullRequest,
    task_id: int,
    *,
    actor: User,
    text: str | None = None,
    resolved: bool | None = None,
) -> Task:
    """Change or resolve a task. Bitbucket tells no webhook of it."""
    raise NotImplementedError


def delete_task(world: World, pull_request: PullRequest, task_id: int, *, actor: User) -> None:
    """Remove a task. Bitbucket tells no webhook of it."""
    raise NotImplementedError


def comment_on_commit(
    world: World,
    repository: Repository,
    commit: str,
    *,
    actor: User,
    text: str,
    parent: int | None = None,
    inline: Inline | None = None,
) -> Comment:
    """Say something about a commit. Emits repo:commit_comment_created."""
    raise NotImplementedError
