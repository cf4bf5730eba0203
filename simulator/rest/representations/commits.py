"""Commits, branches and tags as JSON.

Sources: commit-a7235e1ff894.jenkins-branch-source.json (2025), refs-branches-feature-draft.jenkins-branch-source.json
(2026), refs-tags-v0-0-0.jenkins-branch-source.json, and for the forms in webhooks repo-push.jenkins-branch-source--
branch-created.json and --annotated-tag-created.json (2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rest.representations.accounts import account
from simulator.rest.representations.links import commit_message, git_date, href, repository_api, repository_site
from simulator.rest.representations.repositories import repository_reference

if TYPE_CHECKING:
    from simulator.rest.json_types import Json
    from simulator.world.git import Commit, Signature, Tag
    from simulator.world.model import Repository
    from simulator.world.world import World

SHORT = 12
"""Bitbucket cuts the hashes in pull requests to twelve digits."""

MERGE_STRATEGIES = ["merge_commit", "squash", "fast_forward"]
"""As recorded in 2021; since 2025 Bitbucket names three more, which the simulator cannot do."""


def commit_reference(world: World, repository: Repository, commit_hash: str) -> Json:
    """A commit as other objects mention it."""
    return {
        "hash": commit_hash,
        "links": {
            "self": href(repository_api(world, repository, "commit", commit_hash)),
            "html": href(repository_site(world, repository, "commits", commit_hash)),
        },
        "type": "commit",
    }


def author(world: World, signature: Signature) -> Json:
    """Who wrote a commit; `user` only where the e-mail is somebody's."""
    written: Json = {"type": "author", "raw": signature.raw}
    user = world.user_of(signature)
    if user is not None:
        written["user"] = account(world, user)
    return written


def _links(world: World, repository: Repository, commit_hash: str) -> Json:
    base = repository_api(world, repository, "commit", commit_hash)
    return {
        "self": href(base),
        "html": href(repository_site(world, repository, "commits", commit_hash)),
        "diff": href(repository_api(world, repository, "diff", commit_hash)),
        "approve": href(f"{base}/approve"),
        "comments": href(f"{base}/comments"),
        "statuses": href(f"{base}/statuses"),
        "patch": href(repository_api(world, repository, "patch", commit_hash)),
    }


def commit_at_ref(world: World, repository: Repository, commit: Commit) -> Json:
    """A commit as the target of a branch or tag in REST."""
    return {
        "type": "commit",
        "hash": commit.hash,
        "date": git_date(commit.author.at),
        "author": author(world, commit.author),
        "message": commit.message,
        "links": _links(world, repository, commit.hash),
        "parents": [commit_reference(world, repository, parent) for parent in commit.parents],
        "repository": repository_reference(world, repository),
    }


def commit_in_list(world: World, repository: Repository, commit: Commit) -> Json:
    """A commit in a listing of commits."""
    message = commit_message(world, repository, commit.message)
    return commit_at_ref(world, repository, commit) | {"summary": message, "rendered": {"message": message}}


def commit_in_event(world: World, repository: Repository, commit: Commit, *, as_target: bool) -> Json:
    """A commit in a webhook body: at the end of a ref (fewer links), or in the list of those pushed."""
    links = _links(world, repository, commit.hash)
    if as_target:
        links = {name: links[name] for name in ("self", "html")}
    return {
        "type": "commit",
        "hash": commit.hash,
        "date": git_date(commit.author.at),
        "author": author(world, commit.author),
        "committer": {},
        "message": commit.message,
        "summary": commit_message(world, repository, commit.message),
        "links": links,
        "parents": [commit_reference(world, repository, parent) for parent in commit.parents],
        "rendered": {},
        "properties": {},
    }


def commit_of_status(world: World, repository: Repository, commit: Commit) -> Json:
    """A commit inside a build status of a webhook body (repo-commit-status-created.toolchain.json)."""
    return {
        "hash": commit.hash,
        "links": _links(world, repository, commit.hash),
        "author": author(world, commit.author),
        "date": git_date(commit.author.at),
        "message": commit.message,
        "type": "commit",
    }


def _branch(world: World, repository: Repository, name: str, target: Json) -> Json:
    new = f"{repository_site(world, repository, 'pull-requests/new')}?source={name}&t=1"
    return {
        "name": name,
        "target": target,
        "links": {
            "self": href(repository_api(world, repository, "refs/branches", name)),
            "commits": href(repository_api(world, repository, "commits", name)),
            "html": href(repository_site(world, repository, "branch", name)),
            "pullrequest_create": href(new),
        },
        "type": "branch",
        "merge_strategies": list(MERGE_STRATEGIES),
        "sync_strategies": ["merge_commit", "rebase"],
        "default_merge_strategy": repository.default_merge_strategy,
    }


def branch(world: World, repository: Repository, name: str, commit: Commit) -> Json:
    """A branch as REST shows it."""
    return _branch(world, repository, name, commit_at_ref(world, repository, commit))


def branch_in_event(world: World, repository: Repository, name: str, commit: Commit) -> Json:
    """A branch as `old` or `new` of a push."""
    return _branch(world, repository, name, commit_in_event(world, repository, commit, as_target=True))


def _tag(world: World, repository: Repository, tag: Tag, target: Json, *, tagger: Json | None) -> Json:
    return {
        "name": tag.name,
        "type": "tag",
        "message": tag.message,
        "date": git_date(tag.tagger.at) if tag.tagger else None,
        "tagger": tagger,
        "target": target,
        "links": {
            "self": href(repository_api(world, repository, "refs/tags", tag.name)),
            "commits": href(repository_api(world, repository, "commits", tag.name)),
            "html": href(repository_site(world, repository, "commits/tag", tag.name)),
        },
    }


def tag_details(world: World, repository: Repository, tag: Tag, commit: Commit) -> Json:
    """A tag as REST shows it."""
    tagger = author(world, tag.tagger) if tag.tagger else None
    return _tag(world, repository, tag, commit_at_ref(world, repository, commit), tagger=tagger)


def tag_in_event(world: World, repository: Repository, tag: Tag, commit: Commit) -> Json:
    """A tag as `old` or `new` of a push."""
    target = commit_in_event(world, repository, commit, as_target=True)
    return _tag(world, repository, tag, target, tagger={} if tag.tagger else None)
