"""Comments and tasks of pull requests, comments of commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest import fields
from simulator.rest.errors import bad_request, forbidden, not_found
from simulator.rest.representations.accounts import account
from simulator.rest.representations.conversations import commit_comment, pull_request_comment, task
from simulator.rest.representations.links import repository_api, timestamp
from simulator.rest.resources.commits import commit_of
from simulator.rest.routes import Answer, Routes
from simulator.world import actions

if TYPE_CHECKING:
    from simulator.rest.call import Call
    from simulator.rest.json_types import Json
    from simulator.world.model import Comment, PullRequest, Repository, Task

routes = Routes()

_ONE = "/repositories/<workspace>/<slug>/pullrequests/<number>"
_COMMENT = f"{_ONE}/comments/<comment_id>"
_TASK = f"{_ONE}/tasks/<task_id>"
_COMMIT = "/repositories/<workspace>/<slug>/commit/<commit>/comments"


def _found(held: dict[int, Comment], comment_id: str) -> Comment:
    found = held.get(int(comment_id)) if comment_id.isdecimal() else None
    if found is None:
        raise not_found(comment_id)
    return found


def _in_order(held: dict[int, Comment]) -> list[Comment]:
    return sorted(held.values(), key=lambda one: (one.created_on, one.id))


def _visible(call: Call, pull_request: PullRequest) -> list[Comment]:
    """Pending comments are their author's alone."""
    return [one for one in _in_order(pull_request.comments) if not one.pending or one.user is call.principal.user]


@routes.get(f"{_ONE}/comments", scope="pullrequest")
def comments(call: Call, workspace: str, slug: str, number: str) -> Json:
    """All comments, deleted ones too, the oldest first."""
    pull_request = call.pull_request(workspace, slug, number)
    return call.page(_visible(call, pull_request), lambda one: pull_request_comment(call.world, pull_request, one))


@routes.post(f"{_ONE}/comments", scope="pullrequest")
def add_comment(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Comment, answer (`parent`), comment on a line (`inline`)."""
    pull_request, body = call.pull_request(workspace, slug, number), call.json()
    made = actions.comment(
        call.world,
        pull_request,
        actor=call.user,
        text=fields.needed_text(body, "content.raw"),
        parent=fields.number(body, "parent.id"),
        inline=fields.inline(body),
        pending=fields.flag(body, "pending") or False,
    )
    address = repository_api(call.world, pull_request.repository, "pullrequests", number, "comments", str(made.id))
    return Answer(pull_request_comment(call.world, pull_request, made), 201, {"Location": address})


@routes.get(_COMMENT, scope="pullrequest")
def one_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Json:
    """One comment."""
    pull_request = call.pull_request(workspace, slug, number)
    return pull_request_comment(call.world, pull_request, _found(pull_request.comments, comment_id))


@routes.put(_COMMENT, scope="pullrequest")
def change_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Json:
    """Change a comment of the caller's own."""
    pull_request = call.pull_request(workspace, slug, number)
    found = _found(pull_request.comments, comment_id)
    text = fields.needed_text(call.json(), "content.raw")
    actions.update_comment(call.world, pull_request, found.id, actor=call.user, text=text)
    return pull_request_comment(call.world, pull_request, found)


@routes.delete(_COMMENT, scope="pullrequest")
def delete_comment(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Answer:
    """Delete one's own comment, or as administrator anybody's."""
    pull_request, actor = call.pull_request(workspace, slug, number), call.user
    found = _found(pull_request.comments, comment_id)
    if found.user is not actor and not call.principal.may("admin", pull_request.repository):
        raise forbidden("You do not have permission to delete this comment.")
    actions.delete_comment(call.world, pull_request, found.id, actor=actor)
    return Answer(status=204)


@routes.post(f"{_COMMENT}/resolve", scope="pullrequest")
def resolve(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Json:
    """Resolve a thread."""
    pull_request = call.pull_request(workspace, slug, number)
    found = _found(pull_request.comments, comment_id)
    actions.resolve_comment(call.world, pull_request, found.id, actor=call.user)
    user = account(call.world, call.user)
    return {"type": "comment_resolution", "user": user, "created_on": timestamp(found.resolved_on)}


@routes.delete(f"{_COMMENT}/resolve", scope="pullrequest")
def reopen(call: Call, workspace: str, slug: str, number: str, comment_id: str) -> Answer:
    """Reopen a thread."""
    pull_request = call.pull_request(workspace, slug, number)
    actions.reopen_comment(call.world, pull_request, _found(pull_request.comments, comment_id).id, actor=call.user)
    return Answer(status=204)


def _task(pull_request: PullRequest, task_id: str) -> Task:
    found = pull_request.tasks.get(int(task_id)) if task_id.isdecimal() else None
    if found is None:
        raise not_found(task_id)
    return found


@routes.get(f"{_ONE}/tasks", scope="pullrequest")
def tasks(call: Call, workspace: str, slug: str, number: str) -> Json:
    """All tasks, the newest first as recorded (pullrequests-1-tasks-get.atlassian-python-api.json)."""
    pull_request = call.pull_request(workspace, slug, number)
    newest = sorted(pull_request.tasks.values(), key=lambda one: (one.created_on, one.id), reverse=True)
    return call.page(newest, lambda one: task(call.world, pull_request, one))


@routes.post(f"{_ONE}/tasks", scope="pullrequest")
def add_task(call: Call, workspace: str, slug: str, number: str) -> Answer:
    """Add a task, perhaps on a comment."""
    pull_request, body = call.pull_request(workspace, slug, number), call.json()
    made = actions.add_task(
        call.world,
        pull_request,
        actor=call.user,
        text=fields.needed_text(body, "content.raw"),
        comment_id=fields.number(body, "comment.id"),
    )
    address = repository_api(call.world, pull_request.repository, "pullrequests", number, "tasks", str(made.id))
    return Answer(task(call.world, pull_request, made), 201, {"Location": address})


@routes.get(_TASK, scope="pullrequest")
def one_task(call: Call, workspace: str, slug: str, number: str, task_id: str) -> Json:
    """One task."""
    pull_request = call.pull_request(workspace, slug, number)
    return task(call.world, pull_request, _task(pull_request, task_id))


@routes.put(_TASK, scope="pullrequest")
def change_task(call: Call, workspace: str, slug: str, number: str, task_id: str) -> Json:
    """Change a task's text, or resolve and reopen it."""
    pull_request, body = call.pull_request(workspace, slug, number), call.json()
    state = fields.text(body, "state")
    if state not in {None, "RESOLVED", "UNRESOLVED"}:
        raise bad_request("Bad request", state=f"{state} is not a valid choice")
    changed = actions.update_task(
        call.world,
        pull_request,
        _task(pull_request, task_id).id,
        actor=call.user,
        text=fields.text(body, "content.raw"),
        resolved=None if state is None else state == "RESOLVED",
    )
    return task(call.world, pull_request, changed)


@routes.delete(_TASK, scope="pullrequest")
def delete_task(call: Call, workspace: str, slug: str, number: str, task_id: str) -> Answer:
    """Remove a task."""
    pull_request = call.pull_request(workspace, slug, number)
    actions.delete_task(call.world, pull_request, _task(pull_request, task_id).id, actor=call.user)
    return Answer(status=204)


def _comments_of(call: Call, workspace: str, slug: str, commit: str) -> tuple[Repository, str, dict[int, Comment]]:
    repository = call.repository(workspace, slug)
    commit_hash = commit_of(repository, commit).hash
    return repository, commit_hash, repository.commit_comments.get(commit_hash, {})


@routes.get(_COMMIT, scope="repository")
def commit_comments(call: Call, workspace: str, slug: str, commit: str) -> Json:
    """A commit's comments, the oldest first."""
    repository, commit_hash, held = _comments_of(call, workspace, slug, commit)
    return call.page(_in_order(held), lambda one: commit_comment(call.world, repository, commit_hash, one))


@routes.post(_COMMIT, scope="repository")
def add_commit_comment(call: Call, workspace: str, slug: str, commit: str) -> Answer:
    """Comment on a commit."""
    repository, commit_hash, _ = _comments_of(call, workspace, slug, commit)
    body = call.json()
    made = actions.comment_on_commit(
        call.world,
        repository,
        commit_hash,
        actor=call.user,
        text=fields.needed_text(body, "content.raw"),
        parent=fields.number(body, "parent.id"),
        inline=fields.inline(body),
    )
    address = repository_api(call.world, repository, "commit", commit_hash, "comments", str(made.id))
    return Answer(commit_comment(call.world, repository, commit_hash, made), 201, {"Location": address})


@routes.get(f"{_COMMIT}/<comment_id>", scope="repository")
def one_commit_comment(call: Call, workspace: str, slug: str, commit: str, comment_id: str) -> Json:
    """One comment of a commit."""
    repository, commit_hash, held = _comments_of(call, workspace, slug, commit)
    return commit_comment(call.world, repository, commit_hash, _found(held, comment_id))


@routes.put(f"{_COMMIT}/<comment_id>", scope="repository")
def change_commit_comment(call: Call, workspace: str, slug: str, commit: str, comment_id: str) -> Answer:
    """Change one's own comment of a commit; the description says 201 for this one."""
    repository, commit_hash, held = _comments_of(call, workspace, slug, commit)
    found = _found(held, comment_id)
    if found.user is not call.user:
        raise forbidden("You do not have permission to edit this comment.")
    found.raw = fields.needed_text(call.json(), "content.raw")
    found.updated_on = call.world.now()
    return Answer(commit_comment(call.world, repository, commit_hash, found), 201)


@routes.delete(f"{_COMMIT}/<comment_id>", scope="repository")
def delete_commit_comment(call: Call, workspace: str, slug: str, commit: str, comment_id: str) -> Answer:
    """Delete one's own comment of a commit."""
    _, _, held = _comments_of(call, workspace, slug, commit)
    found = _found(held, comment_id)
    if found.user is not call.user:
        raise forbidden("You do not have permission to delete this comment.")
    found.deleted, found.updated_on = True, call.world.now()
    return Answer(status=204)
