"""/pullrequests: opening, changing, merging and declining."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import ApiError, bad_request, from_world
from simulator.rest.representations.links import href, repository_api
from simulator.rest.representations.pull_requests import pull_request_details
from simulator.rest.routes import Answer, Routes
from simulator.world import actions
from simulator.world.errors import Missing, WorldError
from simulator.world.model import MergeTask

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import PullRequest, Repository

routes = Routes()

_LIST = "/repositories/<workspace>/<slug>/pullrequests"
_ONE = f"{_LIST}/<number>"


@routes.post(_LIST, scope="pullrequest:write")
def create(call: Call, workspace: str, slug: str) -> Answer:
    """Open a pull request; reading the repository is enough, as in Bitbucket."""
    author = call.user
    repository = call.repository(workspace, slug)
    body = call.json()
    made = actions.open_pull_request(
        call.world,
        repository,
        author=author,
        title=fields.needed_text(body, "title"),
        source=fields.needed_text(body, "source.branch.name"),
        source_repository=_origin(call, body, repository),
        destination=fields.text(body, "destination.branch.name"),
        description=fields.text(body, "description") or fields.text(body, "summary.raw") or "",
        reviewers=fields.users(call.world, body, "reviewers"),
        draft=fields.flag(body, "draft") or False,
        close_source_branch=fields.flag(body, "close_source_branch") or False,
    )
    address = repository_api(call.world, repository, "pullrequests", str(made.id))
    return Answer(pull_request_details(call.world, made), 201, {"Location": address})


def _origin(call: Call, body: Json, repository: Repository) -> Repository:
    """The fork that the source is in; the repository itself if none is named."""
    named = fields.text(body, "source.repository.full_name")
    if named is None:
        return repository
    workspace, _, slug = named.partition("/")
    try:
        return call.repository(workspace, slug)
    except Missing as error:
        raise bad_request(f"source: {error.message}", source=[error.message]) from error


@routes.put(_ONE, scope="pullrequest:write")
def update(call: Call, workspace: str, slug: str, number: str) -> Json:
    """Change an open pull request: its author may, and whoever may write."""
    actor = call.user
    pull_request = call.pull_request(workspace, slug, number)
    if pull_request.author is not actor:
        call.repository(workspace, slug, needs="write")
    body = call.json()
    actions.update_pull_request(
        call.world,
        pull_request,
        actor=actor,
        title=fields.text(body, "title"),
        description=fields.text(body, "description"),
        reviewers=fields.users(call.world, body, "reviewers"),
        destination=fields.text(body, "destination.branch.name"),
        close_source_branch=fields.flag(body, "close_source_branch"),
        draft=fields.flag(body, "draft"),
    )
    return pull_request_details(call.world, pull_request)


@routes.post(f"{_ONE}/decline", scope="pullrequest:write")
def decline(call: Call, workspace: str, slug: str, number: str) -> Json:
    """Decline: its author may, and whoever may write."""
    actor = call.user
    pull_request = call.pull_request(workspace, slug, number)
    if pull_request.author is not actor:
        call.repository(workspace, slug, needs="write")
    actions.decline(call.world, pull_request, actor=actor, reason=fields.text(call.json(), "reason") or "")
    return pull_request_details(call.world, pull_request)


@routes.post(f"{_ONE}/merge", scope="pullrequest:write")
def merge(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Merge; with `async=true` a 202 says where to ask what came of it."""
    pull_request = call.pull_request(workspace, slug, number, needs="write")
    if not call.flag("async", default=False):
        _merge(call, pull_request)
        return Answer(pull_request_details(call.world, pull_request))
    task = MergeTask(pull_request)
    try:
        _merge(call, pull_request)
    except WorldError as error:
        task.problem = error
    task_id = call.world.new_uuid("merge").strip("{}")
    call.world.merge_tasks[task_id] = task
    return Answer(status=202, headers={"Location": _task_address(call, pull_request, task_id)})


def _merge(call: Call, pull_request: PullRequest) -> None:
    body = call.json()
    strategy = fields.text(body, "merge_strategy")
    if strategy not in {None, "merge_commit", "squash", "fast_forward"}:
        raise bad_request("Bad request", merge_strategy=[f"{strategy} is not a valid choice"])
    actions.merge(
        call.world,
        pull_request,
        actor=call.user,
        strategy=strategy,  # type: ignore[arg-type]
        message=fields.text(body, "message"),
        close_source_branch=fields.flag(body, "close_source_branch"),
    )


def _task_address(call: Call, pull_request: PullRequest, task_id: str) -> str:
    return repository_api(
        call.world, pull_request.repository, "pullrequests", str(pull_request.id), "merge/task-status", task_id
    )


@routes.get(f"{_ONE}/merge/task-status/<task_id>", scope="pullrequest")
def merge_task(call: Call, workspace: str, slug: str, number: str, task_id: str) -> Json:
    """What became of an asynchronous merge: pending when first asked, then its result or its error."""
    pull_request = call.pull_request(workspace, slug, number)
    task = call.world.merge_tasks.get(task_id)
    if task is None or task.pull_request is not pull_request:
        raise ApiError(400, "The task does not relate to this pull request.")
    task.polls += 1
    links = {"self": href(_task_address(call, pull_request, task_id))}
    if task.polls == 1:
        return {"task_status": "PENDING", "links": links}
    if isinstance(task.problem, WorldError):
        raise from_world(task.problem)
    return {
        "task_status": "SUCCESS",
        "links": links,
        "merge_result": pull_request_details(call.world, pull_request),
    }
