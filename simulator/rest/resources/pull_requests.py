"""/pullrequests: the list and the single pull request, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import query_language
from simulator.rest.errors import bad_request
from simulator.rest.representations.builds import build_status
from simulator.rest.representations.commits import commit_in_list
from simulator.rest.representations.conversations import activity
from simulator.rest.representations.links import repository_api, timestamp
from simulator.rest.representations.pull_requests import (
    HIDDEN_IN_LISTS,
    pull_request_details,
    revision_spec,
)
from simulator.rest.routes import Answer, Routes

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Activity, PullRequest

routes = Routes()

_STATES = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")
_LARGEST_PAGE = 50
_LIST = "/repositories/<workspace>/<slug>/pullrequests"
_ONE = f"{_LIST}/<number>"

HIDDEN = tuple(f"values.{name}" for name in HIDDEN_IN_LISTS)

# What clients filter and sort by most, without building the whole object.
SHORTCUTS = {
    "id": lambda one: one.id,
    "state": lambda one: one.state,
    "draft": lambda one: one.draft,
    "title": lambda one: one.title,
    "created_on": lambda one: timestamp(one.created_on),
    "updated_on": lambda one: timestamp(one.updated_on),
    "closed_on": lambda one: timestamp(one.closed_on),
    "author.uuid": lambda one: one.author.uuid,
    "author.account_id": lambda one: one.author.account_id,
    "author.nickname": lambda one: one.author.nickname,
    "reviewers.uuid": lambda one: [user.uuid for user in one.reviewers],
    "source.branch.name": lambda one: one.source_branch,
    "destination.branch.name": lambda one: one.destination_branch,
}


def states_wanted(call: Call) -> tuple[str, ...]:
    """Only OPEN, unless `state` or `q` says otherwise (rest-api.md 3); raises ApiError (400)."""
    given = [part for one in call.every.get("state", ()) for part in one.split(",") if part]
    if unknown := [one for one in given if one.upper() not in _STATES]:
        raise bad_request(f"Invalid state: {unknown[0]}", state=["Invalid state"])
    if given:
        return tuple(one.upper() for one in given)
    if query_language.names(call.arguments.get("q", ""), "state"):
        return _STATES
    return ("OPEN",)


@routes.get(_LIST, scope="pullrequest")
def pull_requests(call: Call, workspace: str, slug: str) -> Answer:
    """The pull requests into a repository, the newest first."""
    repository = call.repository(workspace, slug)
    states = states_wanted(call)
    found = [one for one in reversed(repository.pull_requests.values()) if one.state in states]
    page = call.page(
        found, lambda one: pull_request_details(call.world, one), largest=_LARGEST_PAGE, shortcuts=SHORTCUTS
    )
    return Answer(page, hidden=HIDDEN)


@routes.get(f"{_LIST}/activity", scope="pullrequest")
def all_activity(call: Call, workspace: str, slug: str) -> Json:
    """The activity log of every pull request of a repository, the newest first."""
    repository = call.repository(workspace, slug)
    entries = [(one, entry) for one in repository.pull_requests.values() for entry in one.activity]
    entries.sort(key=lambda pair: pair[1].at, reverse=True)
    return _log(call, entries)


@routes.get(_ONE, scope="pullrequest")
def one_pull_request(call: Call, workspace: str, slug: str, number: str) -> Json:
    """One pull request, reviewers and participants included."""
    return pull_request_details(call.world, call.pull_request(workspace, slug, number))


@routes.get(f"{_ONE}/activity", scope="pullrequest")
def activity_log(call: Call, workspace: str, slug: str, number: str) -> Json:
    """The activity log of one pull request, the newest first."""
    pull_request = call.pull_request(workspace, slug, number)
    return _log(call, [(pull_request, entry) for entry in reversed(pull_request.activity)])


def _log(call: Call, entries: list[tuple[PullRequest, Activity]]) -> Json:
    """An iterator over activities; recorded without size (activities.gildas--historic.json)."""
    keys = [f"{number}" for number in range(len(entries))]
    return call.iterate(keys, lambda key: activity(call.world, *entries[int(key)]), default=20, largest=_LARGEST_PAGE)


@routes.get(f"{_ONE}/commits", scope="pullrequest")
def commits(call: Call, workspace: str, slug: str, number: str) -> Json:
    """The commits that the source has and the destination had not, the newest first."""
    pull_request = call.pull_request(workspace, slug, number)
    repository = pull_request.repository
    git = repository.git
    return call.iterate(
        git.pull_request_commits(pull_request),
        lambda key: commit_in_list(call.world, repository, git.history[key]),
    )


@routes.get(f"{_ONE}/statuses", scope="pullrequest")
def statuses(call: Call, workspace: str, slug: str, number: str) -> Json:
    """The build statuses of the pull request's commits, the newest first."""
    pull_request = call.pull_request(workspace, slug, number)
    repository = pull_request.repository
    held = [
        status
        for commit in repository.git.pull_request_commits(pull_request)
        for status in repository.build_statuses.get(commit, {}).values()
    ]
    held.sort(key=lambda one: one.created_on, reverse=True)
    shortcuts = {"state": lambda one: one.state, "key": lambda one: one.key}
    return call.page(held, lambda one: build_status(call.world, repository, one), shortcuts=shortcuts)


def _redirect(name: str, target: str) -> None:
    """Let `name` lead to the repository's own address for the same changes (rest-api.md 7)."""

    @routes.get(f"{_ONE}/{name}", scope="pullrequest")
    def redirect(call: Call, workspace: str, slug: str, number: str) -> Answer:
        pull_request = call.pull_request(workspace, slug, number)
        address = repository_api(call.world, pull_request.repository, target)
        return Answer(status=302, headers={"Location": f"{address}/{revision_spec(pull_request)}"})


for _name in ("diff", "diffstat", "patch"):
    _redirect(_name, _name)
_redirect("conflicts", "file-conflicts")
