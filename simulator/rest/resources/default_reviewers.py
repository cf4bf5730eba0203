"""Those who are asked to review every new pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.representations.accounts import account
from simulator.rest.routes import Answer, Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json

routes = Routes()

_LIST = "/repositories/<workspace>/<slug>/default-reviewers"


@routes.get(_LIST, scope="pullrequest")
def default_reviewers(call: Call, workspace: str, slug: str) -> Json:
    """The repository's own default reviewers."""
    found = call.repository(workspace, slug).default_reviewers
    return call.page(found, lambda one: account(call.world, one))


@routes.get("/repositories/<workspace>/<slug>/effective-default-reviewers", scope="pullrequest")
def effective_default_reviewers(call: Call, workspace: str, slug: str) -> Json:
    """The default reviewers that count, and where each comes from; here projects have none."""
    found = call.repository(workspace, slug).default_reviewers
    return call.page(
        found,
        lambda one: {
            "type": "default_reviewer_and_type",
            "reviewer_type": "repository",
            "user": account(call.world, one),
        },
    )


@routes.get(f"{_LIST}/<selected>", scope="pullrequest")
def one_default_reviewer(call: Call, workspace: str, slug: str, selected: str) -> Json:
    """Whether somebody is a default reviewer: they, or 404."""
    repository, user = call.repository(workspace, slug), call.world.user(selected)
    if user not in repository.default_reviewers:
        raise not_found(f"{selected} is not a default reviewer")
    return account(call.world, user)


@routes.put(f"{_LIST}/<selected>", scope="repository:admin")
def add_default_reviewer(call: Call, workspace: str, slug: str, selected: str) -> Json:
    """Make somebody a default reviewer."""
    repository, user = call.repository(workspace, slug, needs="admin"), call.world.user(selected)
    if user not in repository.default_reviewers:
        repository.default_reviewers.append(user)
    return account(call.world, user)


@routes.delete(f"{_LIST}/<selected>", scope="repository:admin")
def remove_default_reviewer(call: Call, workspace: str, slug: str, selected: str) -> Answer:
    """Make somebody a default reviewer no more."""
    repository, user = call.repository(workspace, slug, needs="admin"), call.world.user(selected)
    if user not in repository.default_reviewers:
        raise not_found(f"{selected} is not a default reviewer")
    repository.default_reviewers.remove(user)
    return Answer(status=204)
