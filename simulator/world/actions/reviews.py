"""Verdicts on a pull request: approvals and requests for changes, given and withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.model import Participant, PullRequest, User
    from simulator.world.world import World


def approve(world: World, pull_request: PullRequest, *, actor: User) -> Participant:
    """Approve. Emits pullrequest:approved."""
    raise NotImplementedError


def unapprove(world: World, pull_request: PullRequest, *, actor: User) -> None:
    """Withdraw the approval. Emits pullrequest:unapproved."""
    raise NotImplementedError


def request_changes(world: World, pull_request: PullRequest, *, actor: User) -> Participant:
    """Request changes. Emits pullrequest:changes_request_created."""
    raise NotImplementedError


def withdraw_changes_request(world: World, pull_request: PullRequest, *, actor: User) -> None:
    """Withdraw the request for changes. Emits pullrequest:changes_request_removed."""
    raise NotImplementedError
