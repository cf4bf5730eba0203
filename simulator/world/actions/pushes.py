"""What people push: commits, branches and tags, created, moved and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.world.git import Commit
    from simulator.world.model import Repository, User
    from simulator.world.world import World


def push_commit(
    world: World,
    repository: Repository,
    *,
    actor: User,
    branch: str,
    message: str,
    files: Mapping[str, bytes | str | None] | None = None,
) -> Commit:
    """Put one commit on `branch` (None as content deletes the file; no files: one line is added to NOTES.md).

    Emits repo:push, then pullrequest:updated and pullrequest:push for each open pull request from that branch.
    """
    raise NotImplementedError


def force_push(world: World, repository: Repository, *, actor: User, branch: str, target: str | None = None) -> Commit:
    """Rewrite `branch` to `target` (default: its newest commit rewritten). Emits as push_commit, `forced` true."""
    raise NotImplementedError


def create_branch(world: World, repository: Repository, *, actor: User, name: str, target: str) -> str:
    """Create a branch at `target` (branch, tag or hash); answers the hash. Emits repo:push and repo:branch_created."""
    raise NotImplementedError


def delete_branch(world: World, repository: Repository, *, actor: User, name: str) -> None:
    """Delete a branch; its open pull requests stay open, as in Bitbucket. Emits repo:push and repo:branch_deleted."""
    raise NotImplementedError


def create_tag(
    world: World, repository: Repository, *, actor: User, name: str, target: str, message: str | None = None
) -> str:
    """Create a tag (annotated if it has a message); answers the commit's hash. Emits repo:push."""
    raise NotImplementedError


def delete_tag(world: World, repository: Repository, *, actor: User, name: str) -> None:
    """Delete a tag. Emits repo:push."""
    raise NotImplementedError
