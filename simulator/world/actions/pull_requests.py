"""A pull request's life but for its reviews: opened, changed, merged, declined, superseded."""

# ruff: noqa: PLR0913 - an action takes the facts of what happens by keyword

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest.representations.accounts import account
from simulator.world.actions.announcing import announce_pull_request
from simulator.world.actions.participation import log_update, signature, taking_part
from simulator.world.actions.push_effects import Change, announce_push, follow_branch
from simulator.world.errors import Conflict, Invalid
from simulator.world.messages import merge_message
from simulator.world.model import Participant, PullRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.world.model import MergeStrategy, PullRequestState, Repository, User
    from simulator.world.world import World

_STRATEGIES = ("merge_commit", "squash", "fast_forward")


def open_pull_request(
    world: World,
    repository: Repository,
    *,
    author: User,
    title: str,
    source: str,
    destination: str | None = None,
    description: str = "",
    reviewers: Sequence[User] | None = None,
    draft: bool = False,
    close_source_branch: bool = False,
    source_repository: Repository | None = None,
) -> PullRequest:
    """Open one; `source` and `destination` are branch names, reviewers default to the repository's default ones.

    Emits pullrequest:created.
    """
    with world.lock:
        origin = source_repository or repository
        target = destination or repository.main_branch or "main"
        tip, base = _branch(origin, source, "source"), _branch(repository, target, "destination")
        if not title.strip():
            raise Invalid("Bad request", fields={"title": "required key not provided"})
        if origin is not repository:
            repository.git.fetch(origin.git, tip)
        if repository.git.history.is_ancestor(tip, base):
            raise Invalid("There are no changes to be pulled")
        wanted = repository.default_reviewers if reviewers is None else reviewers
        if reviewers is None:
            wanted = [one for one in wanted if one is not author]
        now = world.now()
        made = PullRequest(
            id=max(repository.pull_requests, default=0) + 1,
            repository=repository,
            source_repository=origin,
            author=author,
            title=title,
            description=description,
            source_branch=source,
            source_hash=tip,
            destination_branch=target,
            destination_hash=base,
            created_on=now,
            updated_on=now,
            draft=draft,
            close_source_branch=close_source_branch,
            participants=[Participant(one, "REVIEWER") for one in _askable(wanted, author)],
        )
        repository.pull_requests[made.id] = made
        log_update(world, made, actor=author, changes={})
        announce_pull_request(world, "created", made, actor=author)
        return made


def _branch(repository: Repository, name: str, end: str) -> str:
    """A branch's commit; raises Invalid in the recorded words (error-badrequest-nobranch.gildas.json)."""
    found = repository.git.branches().get(name)
    if found is None:
        problem = f"branch not found: {name}"
        raise Invalid(f"{end}: {problem}", fields={end: [problem]})
    return found


def _askable(users: Sequence[User], author: User) -> Sequence[User]:
    if author in users:
        problem = f"{author.display_name} is the author and cannot be included as a reviewer."
        raise Invalid(problem, fields={"reviewers": [problem]})
    return users


def _must_be_open(pull_request: PullRequest) -> None:
    if pull_request.state != "OPEN":
        raise Invalid("This pull request is already closed.")


def update_pull_request(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    title: str | None = None,
    description: str | None = None,
    reviewers: Sequence[User] | None = None,
    destination: str | None = None,
    close_source_branch: bool | None = None,
    draft: bool | None = None,
) -> PullRequest:
    """Change what is given. Emits pullrequest:updated (only if something changed)."""
    with world.lock:
        _must_be_open(pull_request)
        changes: dict[str, Any] = {}
        wanted = {
            "title": title,
            "description": description,
            "draft": draft,
            "close_source_branch": close_source_branch,
        }
        for name, value in wanted.items():
            old = getattr(pull_request, name)
            if value is not None and value != old:
                setattr(pull_request, name, value)
                changes[name] = {"old": old, "new": value}
        if destination is not None and destination != pull_request.destination_branch:
            changes["destination"] = _redirected(pull_request, destination)
        if reviewers is not None:
            changes |= _asked(world, pull_request, reviewers)
        if changes:
            log_update(world, pull_request, actor=actor, changes=changes)
            announce_pull_request(world, "updated", pull_request, actor=actor)
        return pull_request


def _redirected(pull_request: PullRequest, destination: str) -> dict[str, Any]:
    tip = _branch(pull_request.repository, destination, "destination")
    old, pull_request.destination_branch = pull_request.destination_branch, destination
    pull_request.destination_hash = tip
    return {"old": {"branch": {"name": old}}, "new": {"branch": {"name": destination}}}


def _asked(world: World, pull_request: PullRequest, reviewers: Sequence[User]) -> dict[str, Any]:
    """Make exactly `reviewers` the reviewers; those who lose the role stay participants if they did something."""
    before, wanted = pull_request.reviewers, _askable(reviewers, pull_request.author)
    added = [one for one in wanted if one not in before]
    removed = [one for one in before if one not in wanted]
    for user in added:
        taking_part(pull_request, user).role = "REVIEWER"
    for user in removed:
        part = taking_part(pull_request, user)
        part.role = "PARTICIPANT"
        if part.participated_on is None:
            pull_request.participants.remove(part)
    change = {"added": added, "removed": removed}
    told = {word: [account(world, one) for one in users] for word, users in change.items() if users}
    return {"reviewers": told} if told else {}


def mark_ready(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Take a draft out of draft. Emits pullrequest:updated."""
    return update_pull_request(world, pull_request, actor=actor, draft=False)


def convert_to_draft(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Make it a draft again. Emits pullrequest:updated."""
    return update_pull_request(world, pull_request, actor=actor, draft=True)


def merge(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    strategy: MergeStrategy | None = None,
    message: str | None = None,
    close_source_branch: bool | None = None,
) -> PullRequest:
    """Merge it for real in git.

    Emits repo:push, pullrequest:fulfilled, and repo:push with repo:branch_deleted for a closed source branch.
    """
    with world.lock:
        _must_be_open(pull_request)
        if pull_request.draft:
            raise Invalid("You can't merge a draft pull request.")
        repository = pull_request.repository
        chosen = strategy or repository.default_merge_strategy
        if chosen not in _STRATEGIES:
            raise Invalid("Bad request", fields={"merge_strategy": [f"{chosen} is not a valid choice"]})
        before = repository.git.branches().get(pull_request.destination_branch)
        if before is None:
            raise Conflict("The destination branch does not exist any more.")
        made = repository.git.merge(
            source=pull_request.source_hash,
            destination=pull_request.destination_branch,
            message=message or merge_message(pull_request),
            author=signature(world, actor),
            strategy=chosen,
        )
        pull_request.destination_hash, pull_request.merge_commit = before, made.hash
        _close(world, pull_request, "MERGED", actor=actor, word="fulfilled")
        change = Change("branch", pull_request.destination_branch, before, made.hash, lists_commits=False)
        announce_push(world, repository, [change], actor=actor)
        announce_pull_request(world, "fulfilled", pull_request, actor=actor)
        if pull_request.close_source_branch if close_source_branch is None else close_source_branch:
            _drop_source(world, pull_request, actor=actor)
        follow_branch(world, repository, pull_request.destination_branch, actor=actor)
        return pull_request


def _drop_source(world: World, pull_request: PullRequest, *, actor: User) -> None:
    """Delete the source branch if it is still there, and nobody's main branch."""
    origin, name = pull_request.source_repository, pull_request.source_branch
    if origin is None or name == origin.main_branch or name not in origin.git.branches():
        return
    old = origin.git.branches()[name]
    origin.git.keep(old)
    origin.git.set_branch(name, None)
    announce_push(world, origin, [Change("branch", name, old, None)], actor=actor)


def _close(world: World, pull_request: PullRequest, state: PullRequestState, *, actor: User, word: str) -> None:
    pull_request.state = state
    pull_request.closed_by, pull_request.closed_on = actor, world.now()
    log_update(world, pull_request, actor=actor, changes={"status": {"old": "open", "new": word}})


def decline(world: World, pull_request: PullRequest, *, actor: User, reason: str = "") -> PullRequest:
    """Decline it. Emits pullrequest:rejected."""
    with world.lock:
        _must_be_open(pull_request)
        pull_request.reason = reason
        _close(world, pull_request, "DECLINED", actor=actor, word="rejected")
        announce_pull_request(world, "rejected", pull_request, actor=actor)
        return pull_request


def supersede(world: World, pull_request: PullRequest, *, actor: User) -> PullRequest:
    """Close it because another one took its place. Emits pullrequest:superseded."""
    with world.lock:
        _must_be_open(pull_request)
        _close(world, pull_request, "SUPERSEDED", actor=actor, word="superseded")
        announce_pull_request(world, "superseded", pull_request, actor=actor)
        return pull_request
