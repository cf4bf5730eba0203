"""What people push: commits, branches and tags, created, moved and deleted."""

# ruff: noqa: PLR0913 - an action takes the facts of what happens by keyword

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.world.actions.participation import signature
from simulator.world.actions.push_effects import Change, announce_push, follow_branch
from simulator.world.errors import Conflict, Invalid, Missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.world.git import Commit, Signature
    from simulator.world.model import Repository, User
    from simulator.world.world import World

_NOTES = "NOTES.md"


def push_commit(
    world: World,
    repository: Repository,
    *,
    actor: User,
    branch: str,
    message: str,
    files: Mapping[str, bytes | str | None] | None = None,
    author: Signature | None = None,
) -> Commit:
    """Put one commit on `branch` (None as content deletes the file; no files: one line is added to NOTES.md).

    Emits repo:push, then pullrequest:updated and pullrequest:push for each open pull request from that branch. A branch
    that does not exist begins at the main branch's newest commit.
    """
    with world.lock:
        git = repository.git
        old = git.branches().get(branch)
        parent = old or git.branches().get(repository.main_branch or "")
        changes = {path: _bytes(content) for path, content in (files or {}).items()}
        if not changes:
            changes = {_NOTES: _noted(repository, parent, message)}
        made = git.commit_files(
            branch,
            files=changes,
            message=message,
            author=author or signature(world, actor),
            committer=signature(world, actor),
            parent=parent,
        )
        announce_push(world, repository, [Change("branch", branch, old, made.hash)], actor=actor)
        follow_branch(world, repository, branch, actor=actor)
        return made


def _bytes(content: bytes | str | None) -> bytes | None:
    return content.encode() if isinstance(content, str) else content


def _noted(repository: Repository, parent: str | None, message: str) -> bytes:
    try:
        held = repository.git.file_content(parent, _NOTES) if parent else b""
    except Missing:
        held = b""
    return held + f"- {message.strip().splitlines()[0] if message.strip() else 'A note'}\n".encode()


def force_push(world: World, repository: Repository, *, actor: User, branch: str, target: str | None = None) -> Commit:
    """Rewrite `branch` to `target` (default: its newest commit rewritten). Emits as push_commit, `forced` true."""
    with world.lock:
        git = repository.git
        if branch not in git.branches():
            raise Missing(f"Branch {branch} not found")
        old = git.commit(branch)
        made = git.commit(target) if target else git.rewrite(old, author=signature(world, actor))
        git.keep(old.hash)
        git.set_branch(branch, made.hash)
        announce_push(world, repository, [Change("branch", branch, old.hash, made.hash, forced=True)], actor=actor)
        follow_branch(world, repository, branch, actor=actor)
        return made


def create_branch(world: World, repository: Repository, *, actor: User, name: str, target: str) -> str:
    """Create a branch at `target` (branch, tag or hash); answers the hash. Emits repo:push and repo:branch_created."""
    with world.lock:
        git = repository.git
        if name in git.branches():
            raise Invalid(f'Branch "{name}" already exists.', fields={"name": ["BRANCH_ALREADY_EXISTS"]})
        made = git.commit(target).hash
        git.set_branch(name, made)
        announce_push(world, repository, [Change("branch", name, None, made)], actor=actor)
        return made


def delete_branch(world: World, repository: Repository, *, actor: User, name: str) -> None:
    """Delete a branch; its open pull requests stay open, as in Bitbucket. Emits repo:push and repo:branch_deleted."""
    with world.lock:
        git = repository.git
        old = git.branches().get(name)
        if old is None:
            raise Missing(f"Branch {name} not found")
        if name == repository.main_branch:
            raise Conflict("The main branch cannot be deleted.")
        git.keep(old)
        git.set_branch(name, None)
        announce_push(world, repository, [Change("branch", name, old, None)], actor=actor)


def create_tag(
    world: World, repository: Repository, *, actor: User, name: str, target: str, message: str | None = None
) -> str:
    """Create a tag (annotated if it has a message); answers the commit's hash. Emits repo:push."""
    with world.lock:
        git = repository.git
        if name in git.tags():
            raise Invalid(f'tag "{name}" already exists', fields={"name": [f'tag "{name}" already exists']})
        made = git.commit(target).hash
        git.set_tag(name, made, message=message, tagger=signature(world, actor) if message else None)
        change = Change("tag", name, None, made, tag=git.tags()[name])
        announce_push(world, repository, [change], actor=actor)
        return made


def delete_tag(world: World, repository: Repository, *, actor: User, name: str) -> None:
    """Delete a tag. Emits repo:push."""
    with world.lock:
        git = repository.git
        tag = git.tags().get(name)
        if tag is None:
            raise Missing(f"Tag {name} not found")
        git.set_tag(name, None)
        announce_push(world, repository, [Change("tag", name, tag.target, None, tag=tag)], actor=actor)
