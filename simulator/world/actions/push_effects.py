"""What follows from refs that moved: the push event, and what it means for pull requests.

Sources: repo-push.*.json (the links and `commits` of each kind of change), pullrequest-updated.*--new-commit.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from simulator.rest.representations.commits import branch_in_event, commit_in_event, tag_in_event
from simulator.rest.representations.links import href, repository_api, repository_site
from simulator.world.actions.announcing import announce, announce_pull_request
from simulator.world.actions.participation import log_update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.world.git import Tag
    from simulator.world.model import PullRequest, Repository, User
    from simulator.world.world import World

COMMITS_SHOWN = 5
"""At most so many commits stand in a change; `truncated` says that there are more (rest-api.md 8)."""


@dataclass(frozen=True, slots=True)
class Change:
    """One ref before and after; hashes. `tag` is given for tags (its state before a deletion)."""

    kind: Literal["branch", "tag"]
    name: str
    old: str | None
    new: str | None
    forced: bool = False
    lists_commits: bool = True
    tag: Tag | None = None


def announce_push(world: World, repository: Repository, changes: Sequence[Change], *, actor: User) -> None:
    """Emit repo:push and what Connect alone knows (repo:branch_created, repo:branch_deleted)."""
    repository.updated_on = world.now()
    push = {"changes": [_change(world, repository, one) for one in changes]}
    announce(world, "repo:push", repository=repository, actor=actor, subject={"push": push})
    for change, body in zip(changes, push["changes"], strict=True):
        if change.kind == "branch" and (change.old is None or change.new is None):
            key = "repo:branch_created" if change.old is None else "repo:branch_deleted"
            branch = body["new"] or body["old"]
            announce(world, key, repository=repository, actor=actor, subject={"branch": branch})


def _side(world: World, repository: Repository, change: Change, commit_hash: str | None) -> dict[str, Any] | None:
    if commit_hash is None:
        return None
    commit = repository.git.commit(commit_hash)
    if change.tag is not None:
        return tag_in_event(world, repository, change.tag, commit)
    return branch_in_event(world, repository, change.name, commit)


def _change(world: World, repository: Repository, change: Change) -> dict[str, Any]:
    body: dict[str, Any] = {
        "old": _side(world, repository, change, change.old),
        "new": _side(world, repository, change, change.new),
        "truncated": False,
        "created": change.old is None,
        "forced": change.forced,
        "closed": change.new is None,
    }
    if change.new is None:
        return body
    body["links"] = _links(world, repository, change, change.new)
    if change.kind == "branch":
        body |= _commits(world, repository, change, change.new)
    return body


def _links(world: World, repository: Repository, change: Change, new: str) -> dict[str, Any]:
    commits = f"{repository_api(world, repository, 'commits')}?include={new}"
    if change.old is None:
        links = {"commits": href(commits)}
        return (
            links
            if change.kind == "tag"
            else links | {"html": href(repository_site(world, repository, "branch", change.name))}
        )
    spec = f"{new}..{change.old}"
    return {
        "commits": href(f"{commits}&exclude={change.old}"),
        "diff": href(repository_api(world, repository, "diff", spec)),
        "html": href(repository_site(world, repository, "branches/compare", spec)),
    }


def _commits(world: World, repository: Repository, change: Change, new: str) -> dict[str, Any]:
    """The newest commits; a new branch shows even those that others had (repo-push.toolchain--create-branch)."""
    if not change.lists_commits:
        return {"commits": []}
    git = repository.git
    listing = git.history.listing([new], [change.old] if change.old else [])
    shown = [git.history[one] for one in listing[:COMMITS_SHOWN]]
    return {
        "commits": [commit_in_event(world, repository, one, as_target=False) for one in shown],
        "truncated": len(listing) > COMMITS_SHOWN,
    }


def follow_branch(world: World, repository: Repository, branch: str, *, actor: User) -> None:
    """Let open pull requests know that `branch` moved: those from it, and those into it.

    Emits pullrequest:updated and pullrequest:push for those from it, pullrequest:fulfilled for those whose commits have
    reached their destination this way.
    """
    tip = repository.git.branches()[branch]
    for pull_request in _open_pull_requests(world, repository, branch):
        pull_request.source_hash = tip
        if pull_request.repository is not repository:
            pull_request.repository.git.fetch(repository.git, tip)
        if pull_request.repository.reset_approvals_on_change:
            for one in pull_request.participants:
                one.state = None if one.state == "approved" else one.state
        log_update(world, pull_request, actor=actor, changes={})
        announce_pull_request(world, "updated", pull_request, actor=actor)
        announce_pull_request(world, "push", pull_request, actor=actor)
    into = [
        one for one in repository.pull_requests.values() if one.state == "OPEN" and one.destination_branch == branch
    ]
    reached = repository.git.history.ancestors([tip]) if into else set()
    for pull_request in into:
        if pull_request.source_hash in reached:
            _fulfil(world, pull_request, tip, actor=actor)
        else:
            pull_request.destination_hash = tip


def _open_pull_requests(world: World, repository: Repository, branch: str) -> list[PullRequest]:
    return [
        one
        for home in world.repositories.values()
        for one in home.pull_requests.values()
        if one.state == "OPEN" and one.source_repository is repository and one.source_branch == branch
    ]


def _fulfil(world: World, pull_request: PullRequest, tip: str, *, actor: User) -> None:
    """Its commits have reached the destination without a merge of Bitbucket's own."""
    pull_request.state, pull_request.merge_commit = "MERGED", tip
    pull_request.closed_by, pull_request.closed_on = actor, world.now()
    log_update(world, pull_request, actor=actor, changes={"status": {"old": "open", "new": "fulfilled"}})
    announce_pull_request(world, "fulfilled", pull_request, actor=actor)
