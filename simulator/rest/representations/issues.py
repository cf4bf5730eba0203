"""Issues, their comments and their log as JSON.

Sources: issues-get.atlassian-python-api.json, issues-post.atlassian-python-api--body.json; comments and changes from the
description (schemas issue_comment, issue_change).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.accounts import account
from simulator.rest.representations.links import href, rendered, repository_api, repository_site, timestamp
from simulator.rest.representations.repositories import repository_reference

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.issues import Issue, IssueChange
    from simulator.world.model import Comment, Repository
    from simulator.world.world import World


def named(world: World, repository: Repository, kind: str, names: list[str], name: str | None) -> Json | None:
    """A component, milestone or version of the tracker by its name; None for none."""
    if name is None:
        return None
    number = names.index(name) + 1
    address = repository_api(world, repository, f"{kind}s", str(number))
    return {"type": kind, "id": number, "name": name, "links": {"self": href(address)}}


def _links(world: World, repository: Repository, issue: Issue) -> Json:
    base = repository_api(world, repository, "issues", str(issue.id))
    slug = "-".join(issue.title.lower().split())
    return {
        "attachments": href(f"{base}/attachments"),
        "self": href(base),
        "watch": href(f"{base}/watch"),
        "comments": href(f"{base}/comments"),
        "html": href(repository_site(world, repository, "issues", str(issue.id), slug)),
        "vote": href(f"{base}/vote"),
    }


def issue_reference(world: World, repository: Repository, issue: Issue) -> Json:
    """An issue as its comments mention it."""
    links = _links(world, repository, issue)
    return {
        "type": "issue",
        "id": issue.id,
        "title": issue.title,
        "repository": repository_reference(world, repository),
        "links": {"self": links["self"], "html": links["html"]},
    }


def issue_details(world: World, repository: Repository, issue: Issue) -> Json:
    """A whole issue."""
    tracker = repository.issue_tracker
    return {
        "type": "issue",
        "id": issue.id,
        "repository": repository_reference(world, repository),
        "links": _links(world, repository, issue),
        "title": issue.title,
        "content": rendered(issue.raw),
        "reporter": account(world, issue.reporter),
        "assignee": account(world, issue.assignee) if issue.assignee else None,
        "state": issue.state,
        "kind": issue.kind,
        "priority": issue.priority,
        "component": named(world, repository, "component", tracker.components, issue.component),
        "milestone": named(world, repository, "milestone", tracker.milestones, issue.milestone),
        "version": named(world, repository, "version", tracker.versions, issue.version),
        "votes": len(issue.voters),
        "watches": len(issue.watchers),
        "created_on": timestamp(issue.created_on),
        "updated_on": timestamp(issue.updated_on),
        "edited_on": timestamp(issue.edited_on),
    }


def issue_comment(world: World, repository: Repository, issue: Issue, comment: Comment) -> Json:
    """A comment on an issue."""
    number = str(issue.id)
    page = repository_site(world, repository, "issues", number)
    return {
        "type": "issue_comment",
        "id": comment.id,
        "created_on": timestamp(comment.created_on),
        "updated_on": timestamp(comment.updated_on),
        "content": rendered("" if comment.deleted else comment.raw),
        "user": account(world, comment.user),
        "deleted": comment.deleted,
        "issue": issue_reference(world, repository, issue),
        "links": {
            "self": href(repository_api(world, repository, "issues", number, "comments", str(comment.id))),
            "html": href(f"{page}#comment-{comment.id}"),
        },
    }


def issue_change(world: World, repository: Repository, issue: Issue, change: IssueChange) -> Json:
    """One entry of an issue's log."""
    address = repository_api(world, repository, "issues", str(issue.id), "changes", str(change.id))
    return {
        "type": "issue_change",
        "id": change.id,
        "name": "change",
        "created_on": timestamp(change.created_on),
        "user": account(world, change.user),
        "issue": issue_reference(world, repository, issue),
        "changes": dict(change.changes),
        "message": rendered(change.message),
        "links": {
            "self": href(address),
            "issue": href(repository_api(world, repository, "issues", str(issue.id))),
        },
    }
