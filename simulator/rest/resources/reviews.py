"""Approvals and requests for changes, of pull requests and (approvals) of commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.representations.pull_requests import participant
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Answer, Routes
from simulator.world import actions
from simulator.world.model import Participant

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json

routes = Routes()

_ONE = "/repositories/<workspace>/<slug>/pullrequests/<number>"
_COMMIT = "/repositories/<workspace>/<slug>/commit/<commit>"


@routes.post(f"{_ONE}/approve", scope="pullrequest:write")
def approve(call: Call, workspace: str, slug: str, number: str) -> Json:
    """Approve as the caller."""
    made = actions.approve(call.world, call.pull_request(workspace, slug, number), actor=call.user)
    return participant(call.world, made)


@routes.delete(f"{_ONE}/approve", scope="pullrequest:write")
def unapprove(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Withdraw the caller's approval."""
    actions.unapprove(call.world, call.pull_request(workspace, slug, number), actor=call.user)
    return Answer(status=204)


@routes.post(f"{_ONE}/request-changes", scope="pullrequest:write")
def request_changes(call: Call, workspace: str, slug: str, number: str) -> Json:
    """Request changes as the caller."""
    made = actions.request_changes(call.world, call.pull_request(workspace, slug, number), actor=call.user)
    return participant(call.world, made)


@routes.delete(f"{_ONE}/request-changes", scope="pullrequest:write")
def withdraw_changes_request(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Withdraw the caller's request for changes."""
    actions.withdraw_changes_request(call.world, call.pull_request(workspace, slug, number), actor=call.user)
    return Answer(status=204)


@routes.post(f"{_COMMIT}/approve", scope="repository:write")
def approve_commit(call: Call, workspace: str, slug: str, commit: str) -> Json:
    """Approve a commit; Bitbucket tells no webhook of it."""
    repository, user = call.repository(workspace, slug), call.user
    people = repository.commit_participants.setdefault(commit_of(repository, commit).hash, [])
    found = next((one for one in people if one.user is user), None)
    if found is None:
        found = Participant(user)
        people.append(found)
    found.state, found.participated_on = "approved", call.world.now()
    return participant(call.world, found)


@routes.delete(f"{_COMMIT}/approve", scope="repository:write")
def unapprove_commit(call: Call, workspace: str, slug: str, commit: str) -> Answer:
    """Withdraw the approval of a commit."""
    repository, user = call.repository(workspace, slug), call.user
    people = repository.commit_participants.get(commit_of(repository, commit).hash, [])
    found = next((one for one in people if one.user is user and one.approved), None)
    if found is None:
        raise not_found("You haven't approved this commit.")
    found.state = None
    return Answer(status=204)
