"""Pull requests and the people in them as JSON.

Sources: pullrequests-pagelen-50.jenkins-branch-source.json (2026), pullrequests-1-merge-post.atlassian-python-api--
body.json (`closed_on`), participant.gildas.json, pullrequest-updated.jenkins-branch-source.json (2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.accounts import account
from simulator.rest.representations.commits import SHORT, commit_reference
from simulator.rest.representations.links import href, rendered, repository_api, repository_site, timestamp
from simulator.rest.representations.repositories import repository_reference

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.model import Participant, PullRequest, Repository
    from simulator.world.world import World

HIDDEN_IN_LISTS = ("reviewers", "participants", "rendered")
"""Lists leave these out unless `fields` asks for them (rest-api.md 2)."""


def participant(world: World, one: Participant) -> Json:
    """Somebody's part in a pull request or a commit."""
    return {
        "type": "participant",
        "user": account(world, one.user),
        "role": one.role,
        "approved": one.approved,
        "state": one.state,
        "participated_on": timestamp(one.participated_on),
    }


def endpoint(world: World, repository: Repository | None, branch: str, commit_hash: str) -> Json:
    """Source or destination of a pull request; a deleted fork leaves `repository` null."""
    return {
        "branch": {"name": branch, "links": {}, "sync_strategies": ["merge_commit", "rebase"]},
        "commit": commit_reference(world, repository, commit_hash[:SHORT]) if repository else None,
        "repository": repository_reference(world, repository) if repository else None,
    }


def source(world: World, pull_request: PullRequest) -> Json:
    """Where the changes come from."""
    return endpoint(world, pull_request.source_repository, pull_request.source_branch, pull_request.source_hash)


def destination(world: World, pull_request: PullRequest) -> Json:
    """Where the changes go; recorded without `links` in its branch."""
    end = endpoint(world, pull_request.repository, pull_request.destination_branch, pull_request.destination_hash)
    return end | {"branch": {"name": pull_request.destination_branch}}


def pull_request_reference(world: World, pull_request: PullRequest) -> Json:
    """A pull request as comments and activities mention it."""
    number = str(pull_request.id)
    return {
        "type": "pullrequest",
        "id": pull_request.id,
        "title": pull_request.title,
        "draft": pull_request.draft,
        "links": {
            "self": href(repository_api(world, pull_request.repository, "pullrequests", number)),
            "html": href(repository_site(world, pull_request.repository, "pull-requests", number)),
        },
    }


def revision_spec(pull_request: PullRequest) -> str:
    """The changes of a pull request as diff and diffstat addresses name them (the separator is a carriage return)."""
    origin = pull_request.source_repository or pull_request.repository
    ends = f"{pull_request.source_hash[:SHORT]}%0D{pull_request.destination_hash[:SHORT]}"
    return f"{origin.full_name}:{ends}?from_pullrequest_id={pull_request.id}&topic=true"


def _links(world: World, pull_request: PullRequest) -> Json:
    repository = pull_request.repository
    base = repository_api(world, repository, "pullrequests", str(pull_request.id))
    links = {
        "self": href(base),
        "html": href(repository_site(world, repository, "pull-requests", str(pull_request.id))),
    }
    for name in ("commits", "approve", "request-changes"):
        links[name] = href(f"{base}/{name}")
    for name in ("diff", "diffstat"):
        links[name] = href(f"{repository_api(world, repository, name)}/{revision_spec(pull_request)}")
    for name in ("comments", "activity", "merge", "decline", "statuses"):
        links[name] = href(f"{base}/{name}")
    return links


def pull_request_details(world: World, pull_request: PullRequest) -> Json:
    """A whole pull request, as its own address and webhooks show it (lists: see HIDDEN_IN_LISTS)."""
    merged = pull_request.merge_commit
    closed = {"closed_on": timestamp(pull_request.closed_on)} if pull_request.closed_on else {}
    return {
        "comment_count": sum(not one.deleted and not one.pending for one in pull_request.comments.values()),
        "task_count": sum(one.state == "UNRESOLVED" for one in pull_request.tasks.values()),
        "type": "pullrequest",
        "id": pull_request.id,
        "title": pull_request.title,
        "description": pull_request.description,
        "rendered": {
            "title": rendered(pull_request.title),
            "description": rendered(pull_request.description),
        },
        "state": pull_request.state,
        "draft": pull_request.draft,
        "queued": False,
        "merge_commit": commit_reference(world, pull_request.repository, merged[:SHORT]) if merged else None,
        "close_source_branch": pull_request.close_source_branch,
        "closed_by": account(world, pull_request.closed_by) if pull_request.closed_by else None,
        "author": account(world, pull_request.author),
        "reason": pull_request.reason,
        "created_on": timestamp(pull_request.created_on),
        "updated_on": timestamp(pull_request.updated_on),
        **closed,
        "destination": destination(world, pull_request),
        "source": source(world, pull_request),
        "reviewers": [account(world, one) for one in pull_request.reviewers],
        "participants": [participant(world, one) for one in pull_request.participants],
        "links": _links(world, pull_request),
        "summary": rendered(pull_request.description),
    }
