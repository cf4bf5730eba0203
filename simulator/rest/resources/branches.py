"""/refs: branches and tags, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest.errors import not_found
from simulator.rest.representations.commits import branch, tag_details
from simulator.rest.routes import Routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Repository

routes = Routes()

_Named = tuple[str, str]
"""(kind, name)"""


def _represent(call: Call, repository: Repository) -> Callable[[_Named], Json]:
    git = repository.git
    branch_hashes, tags = git.branches(), git.tags()

    def represent(one: _Named) -> Json:
        kind, name = one
        if kind == "branch":
            return branch(call.world, repository, name, git.history[branch_hashes[name]])
        return tag_details(call.world, repository, tags[name], git.history[tags[name].target])

    return represent


def _shortcuts(repository: Repository) -> dict[str, Callable[[_Named], Any]]:
    git = repository.git
    branches, tags = git.branches(), git.tags()
    return {
        "name": lambda one: one[1],
        "type": lambda one: one[0],
        "target.hash": lambda one: branches[one[1]] if one[0] == "branch" else tags[one[1]].target,
    }


def _listing(call: Call, repository: Repository, names: list[_Named]) -> Json:
    return call.page(names, _represent(call, repository), shortcuts=_shortcuts(repository))


def branch_names(repository: Repository) -> list[_Named]:
    """The branches in the order of their names."""
    return [("branch", name) for name in sorted(repository.git.branches())]


def tag_names(repository: Repository) -> list[_Named]:
    """The tags in the order of their names."""
    return [("tag", name) for name in sorted(repository.git.tags())]


@routes.get("/repositories/<workspace>/<slug>/refs", scope="repository")
def all_refs(call: Call, workspace: str, slug: str) -> Json:
    """Branches and tags together."""
    repository = call.repository(workspace, slug)
    return _listing(call, repository, [*branch_names(repository), *tag_names(repository)])


@routes.get("/repositories/<workspace>/<slug>/refs/branches", scope="repository")
def branches(call: Call, workspace: str, slug: str) -> Json:
    """The branches."""
    repository = call.repository(workspace, slug)
    return _listing(call, repository, branch_names(repository))


@routes.get("/repositories/<workspace>/<slug>/refs/tags", scope="repository")
def tags(call: Call, workspace: str, slug: str) -> Json:
    """The tags."""
    repository = call.repository(workspace, slug)
    return _listing(call, repository, tag_names(repository))


@routes.get("/repositories/<workspace>/<slug>/refs/branches/<path:name>", scope="repository")
def one_branch(call: Call, workspace: str, slug: str, name: str) -> Json:
    """One branch; slashes in its name are part of the address."""
    repository = call.repository(workspace, slug)
    if name not in repository.git.branches():
        raise not_found(f"Branch {name} not found")
    return _represent(call, repository)(("branch", name))


@routes.get("/repositories/<workspace>/<slug>/refs/tags/<path:name>", scope="repository")
def one_tag(call: Call, workspace: str, slug: str, name: str) -> Json:
    """One tag."""
    repository = call.repository(workspace, slug)
    if name not in repository.git.tags():
        raise not_found(f"Tag {name} not found")
    return _represent(call, repository)(("tag", name))
