"""Comments, tasks and the activity log as JSON.

Sources: pullrequest-comment.drone-go-scm.json (2023), pullrequest-review.drone-go-scm.json (inline),
pullrequests-1-tasks-get.atlassian-python-api.json, pullrequest-activity-*.gildas.json (2025); `resolution` from the
description (schema comment_resolution).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.accounts import account
from simulator.rest.representations.commits import commit_reference
from simulator.rest.representations.links import href, rendered, repository_api, repository_site, timestamp
from simulator.rest.representations.pull_requests import endpoint, pull_request_reference

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.model import Activity, Comment, PullRequest, Repository, Task, Update
    from simulator.world.world import World


def _comment(world: World, comment: Comment, *, kind: str, self_link: str, html_link: str) -> Json:
    raw = "" if comment.deleted else comment.raw
    body: Json = {
        "id": comment.id,
        "created_on": timestamp(comment.created_on),
        "updated_on": timestamp(comment.updated_on),
        "content": rendered(raw),
        "user": account(world, comment.user),
        "deleted": comment.deleted,
    }
    if comment.parent_id is not None:
        parent = self_link.rsplit("/", 1)[0] + f"/{comment.parent_id}"
        body["parent"] = {"type": kind, "id": comment.parent_id, "links": {"self": href(parent)}}
    if comment.inline is not None:
        place = comment.inline
        body["inline"] = {"path": place.path, "from": place.from_line, "to": place.to_line}
    if comment.resolved_by is not None:
        body["resolution"] = {
            "type": "comment_resolution",
            "user": account(world, comment.resolved_by),
            "created_on": timestamp(comment.resolved_on),
        }
    return body | {"type": kind, "links": {"self": href(self_link), "html": href(html_link)}}


def pull_request_comment(world: World, pull_request: PullRequest, comment: Comment) -> Json:
    """A comment on a pull request."""
    base = repository_api(world, pull_request.repository, "pullrequests", str(pull_request.id), "comments")
    page = repository_site(world, pull_request.repository, "pull-requests", str(pull_request.id))
    body = _comment(
        world,
        comment,
        kind="pullrequest_comment",
        self_link=f"{base}/{comment.id}",
        html_link=f"{page}/_/diff#comment-{comment.id}",
    )
    reference = pull_request_reference(world, pull_request)
    return body | {"pending": comment.pending, "pullrequest": reference}


def commit_comment(world: World, repository: Repository, commit_hash: str, comment: Comment) -> Json:
    """A comment on a commit."""
    base = repository_api(world, repository, "commit", commit_hash, "comments")
    page = repository_site(world, repository, "commits", commit_hash)
    body = _comment(
        world,
        comment,
        kind="commit_comment",
        self_link=f"{base}/{comment.id}",
        html_link=f"{page}#comment-{comment.id}",
    )
    return body | {"commit": commit_reference(world, repository, commit_hash)}


def task(world: World, pull_request: PullRequest, one: Task) -> Json:
    """A task on a pull request."""
    base = repository_api(world, pull_request.repository, "pullrequests", str(pull_request.id))
    page = repository_site(world, pull_request.repository, "pull-requests", str(pull_request.id))
    body: Json = {
        "id": one.id,
        "state": one.state,
        "content": rendered(one.raw),
        "creator": account(world, one.creator),
        "created_on": timestamp(one.created_on),
        "updated_on": timestamp(one.updated_on),
        "resolved_on": timestamp(one.resolved_on),
        "resolved_by": account(world, one.resolved_by) if one.resolved_by else None,
        "pending": one.pending,
        "links": {
            "self": href(f"{base}/tasks/{one.id}"),
            "html": href(f"{page}/_/diff#task-{one.id}"),
        },
    }
    if one.comment_id is not None:
        link = {"self": href(f"{base}/comments/{one.comment_id}")}
        body["comment"] = {"id": one.comment_id, "type": "pullrequest_comment", "links": link}
    return body


def activity(world: World, pull_request: PullRequest, entry: Activity) -> Json:
    """One entry of the activity log: the pull request, and `update`, `approval`, `changes_requested` or `comment`."""
    reference = pull_request_reference(world, pull_request)
    if entry.kind == "comment" and entry.comment_id is not None:
        body: Json = pull_request_comment(world, pull_request, pull_request.comments[entry.comment_id])
    elif entry.update is not None:
        body = _update(world, pull_request, entry, entry.update)
    else:
        user = account(world, entry.user)
        body = {"date": timestamp(entry.at), "user": user, "pullrequest": reference}
    return {"pull_request": reference, entry.kind: body}


def _update(world: World, pull_request: PullRequest, entry: Activity, update: Update) -> Json:
    end = endpoint(world, pull_request.repository, update.destination_branch, update.destination_hash)
    start = endpoint(world, pull_request.source_repository, update.source_branch, update.source_hash)
    return {
        "state": update.state,
        "draft": update.draft,
        "title": update.title,
        "description": update.description,
        "reviewers": [account(world, one) for one in update.reviewers],
        "changes": dict(update.changes),
        "reason": update.reason,
        "author": account(world, entry.user),
        "date": timestamp(entry.at),
        "destination": end | {"branch": {"name": update.destination_branch}},
        "source": start | {"branch": {"name": update.source_branch}},
    }
