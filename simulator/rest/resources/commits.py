"""/commit and /commits: one commit, and walks through the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.errors import not_found
from simulator.rest.representations.commits import commit_in_list
from simulator.rest.representations.pull_requests import HIDDEN_IN_LISTS, participant, pull_request_details
from simulator.rest.routes import Answer, Routes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.git import Commit
    from simulator.world.model import Repository

routes = Routes()

_PAGE = 30
"""The default size of a page of commits, as recorded (rest-api.md 1)."""


def commit_of(repository: Repository, name: str) -> Commit:
    """The commit that `name` stands for; raises ApiError (404)."""
    found = repository.git.find(name)
    if found is None:
        raise not_found("Changeset not found.")
    return found


@routes.get("/repositories/<workspace>/<slug>/commit/<commit>", scope="repository")
def one_commit(call: Call, workspace: str, slug: str, commit: str) -> Json:
    """One commit by hash, short or whole, or by the name of a branch or tag."""
    repository = call.repository(workspace, slug)
    found = commit_of(repository, commit)
    people = repository.commit_participants.get(found.hash, [])
    body = commit_in_list(call.world, repository, found)
    return body | {"participants": [participant(call.world, one) for one in people]}


def _arguments(call: Call, name: str) -> list[str]:
    return [*call.every.get(name, ()), *call.form.get(name, ())]


def history(call: Call, repository: Repository, include: Sequence[str], exclude: Sequence[str]) -> Json:
    """A page of the commits reachable from `include` (all branches if none) but not from `exclude`."""
    tips = [commit_of(repository, name).hash for name in include] or list(repository.git.branches().values())
    hidden = [commit_of(repository, name).hash for name in exclude]
    listing = repository.git.history.listing(tips, hidden)
    paths = _arguments(call, "path")
    if paths:
        listing = repository.git.touching(listing, paths)
    return call.iterate(
        listing, lambda key: commit_in_list(call.world, repository, repository.git.history[key]), default=_PAGE
    )


@routes.get("/repositories/<workspace>/<slug>/commits", scope="repository")
@routes.post("/repositories/<workspace>/<slug>/commits", scope="repository")
def commits(call: Call, workspace: str, slug: str) -> Json:
    """The repository's commits; POST takes long lists of include and exclude in its body."""
    repository = call.repository(workspace, slug)
    return history(call, repository, _arguments(call, "include"), _arguments(call, "exclude"))


@routes.get("/repositories/<workspace>/<slug>/commits/<path:revision>", scope="repository")
@routes.post("/repositories/<workspace>/<slug>/commits/<path:revision>", scope="repository")
def commits_from(call: Call, workspace: str, slug: str, revision: str) -> Json:
    """The commits that `revision` reaches; a branch called `a..b` does not exist, so `..` excludes."""
    repository = call.repository(workspace, slug)
    include, exclude = _arguments(call, "include"), _arguments(call, "exclude")
    older, dots, newer = revision.partition("..")
    if dots and revision not in repository.git.branches():
        return history(call, repository, [newer, *include], [older, *exclude])
    return history(call, repository, [revision, *include], exclude)


@routes.get("/repositories/<workspace>/<slug>/commit/<commit>/pullrequests", scope="pullrequest")
def pull_requests_with(call: Call, workspace: str, slug: str, commit: str) -> Answer:
    """The pull requests that brought a commit, or would."""
    repository = call.repository(workspace, slug)
    wanted = commit_of(repository, commit).hash
    found = [one for one in repository.pull_requests.values() if wanted in repository.git.pull_request_commits(one)]
    page = call.page(found, lambda one: pull_request_details(call.world, one))
    return Answer(page, hidden=tuple(f"values.{name}" for name in HIDDEN_IN_LISTS))
