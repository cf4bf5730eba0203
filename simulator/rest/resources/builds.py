"""Build statuses of commits, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.representations.builds import build_status
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import BuildStatus, Repository

routes = Routes()


def status_of(repository: Repository, commit_hash: str, key: str) -> BuildStatus:
    """A build status; raises ApiError (404)."""
    found = repository.build_statuses.get(commit_hash, {}).get(key)
    if found is None:
        raise not_found(f"Build status {key} not found")
    return found


@routes.get("/repositories/<workspace>/<slug>/commit/<commit>/statuses", scope="repository")
@routes.get("/repositories/<workspace>/<slug>/commit/<commit>/statuses/build", scope="repository")
def statuses(call: Call, workspace: str, slug: str, commit: str) -> Json:
    """All statuses of a commit (recorded with and without /build), the newest first."""
    repository = call.repository(workspace, slug)
    held = repository.build_statuses.get(commit_of(repository, commit).hash, {})
    newest = sorted(held.values(), key=lambda one: one.created_on, reverse=True)
    return call.page(newest, lambda one: build_status(call.world, repository, one), default=30)


@routes.get("/repositories/<workspace>/<slug>/commit/<commit>/statuses/build/<path:key>", scope="repository")
def one_status(call: Call, workspace: str, slug: str, commit: str, key: str) -> Json:
    """One status by its key."""
    repository = call.repository(workspace, slug)
    held = status_of(repository, commit_of(repository, commit).hash, key)
    return build_status(call.world, repository, held)
