"""A pull request's life but for its reviews: opened, changed, merged, declined, superseded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.world.model import MergeStrategy, PullRequest, Repository, User
    from simulator.world.world import World


def open_pull_request(
    world: World,
    repository: Repository,
    *,
    author: User,
    title: str,
    source: str,
    destination: str | None = None,
    description: str = "",
    reviewers: Sequence[User] | None = None,
    draft: bool = False,
    close_source_branch: bool = False,
    source_repository: Repository | None = None,
) -> PullRequest:
    """Open one; `source` and `destination` are branch names, reviewers default to the repository's default ones.

    Emits pullrequest:created.
    """
    raise NotImplementedError


def update_pull_request(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    title: str | None = None,
    description: str | None = None,
    reviewers: Sequence[User] | None = None,
    destination: str | None = None,
    close_source_branch: bool | None = None,
    draft: bool | None = None,
) -> PullRequest:
    """Change what is given. Emits pullrequest:updated (only if something changed)."""
    raise NotImplementedError


def mark_ready(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Take a draft out of draft. Emits pullrequest:updated."""
    raise NotImplementedError


def convert_to_draft(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Make it a draft again. Emits pullrequest:updated."""
    raise NotImplementedError


def merge(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    strategy: MergeStrategy | None = None,
    message: str | None = None,
    close_source_branch: bool | None = None,
) -> PullRequest:
    """Merge it for real in git. Emits repo:push, pullrequest:fulfilled, and repo:push for a closed source branch."""
    raise NotImplementedError


def decline(world: World, pull_request: PullRequest, *, actor: User, reason: str = "") -> PullRequest:
    """Decline it. Emits pullrequest:rejected."""
    raise NotImplementedError


def supersede(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Close it because its commits reached the destination another way. Emits pullrequest:superseded."""
    raise NotImplementedError
