"""Verdicts on a pull request: approvals and requests for changes, given and withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world.actions.announcing import announce_pull_request, verdict
from simulator.world.actions.participation import taking_part
from simulator.world.errors import Invalid
from simulator.world.model import Activity

if TYPE_CHECKING:
    from simulator.world.model import Participant, PullRequest, User
    from simulator.world.world import World


def approve(world: World, pull_request: PullRequest, *, actor: User) -> Participant:
    """Approve; a second time changes nothing. Emits pullrequest:approved."""
    with world.lock:
        part = taking_part(pull_request, actor)
        if part.approved:
            return part
        part.state, part.participated_on = "approved", world.now()
        pull_request.updated_on = world.now()
        pull_request.activity.append(Activity("approval", world.now(), actor))
        announce_pull_request(world, "approved", pull_request, actor=actor, approval=verdict(world, actor))
        return part


def unapprove(world: World, pull_request: PullRequest, *, actor: User) -> None:
    """Withdraw the approval. Emits pullrequest:unapproved."""
    with world.lock:
        part = pull_request.participant(actor)
        if part is None or not part.approved:
            raise Invalid("You haven't approved this pull request.")
        part.state, pull_request.updated_on = None, world.now()
        _forget(pull_request, "approval", actor)
        announce_pull_request(world, "unapproved", pull_request, actor=actor, approval=verdict(world, actor))


def request_changes(world: World, pull_request: PullRequest, *, actor: User) -> Participant:
    """Request changes, in place of an approval. Emits pullrequest:changes_request_created."""
    with world.lock:
        part = taking_part(pull_request, actor)
        if part.state == "changes_requested":
            return part
        part.state, part.participated_on = "changes_requested", world.now()
        pull_request.updated_on = world.now()
        pull_request.activity.append(Activity("changes_requested", world.now(), actor))
        request = verdict(world, actor)
        announce_pull_request(world, "changes_request_created", pull_request, actor=actor, changes_request=request)
        return part


def withdraw_changes_request(world: World, pull_request: PullRequest, *, actor: User) -> None:
    """Withdraw the request for changes. Emits pullrequest:changes_request_removed."""
    with world.lock:
        part = pull_request.participant(actor)
        if part is None or part.state != "changes_requested":
            raise Invalid("You haven't requested changes on this pull request.")
        part.state, pull_request.updated_on = None, world.now()
        _forget(pull_request, "changes_requested", actor)
        request = verdict(world, actor)
        announce_pull_request(world, "changes_request_removed", pull_request, actor=actor, changes_request=request)


def _forget(pull_request: PullRequest, kind: str, actor: User) -> None:
    """A verdict that is withdrawn leaves the log, as in Bitbucket: no entry says that it was there."""
    pull_request.activity = [
        entry for entry in pull_request.activity if not (entry.kind == kind and entry.user is actor)
    ]
