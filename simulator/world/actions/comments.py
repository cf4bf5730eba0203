"""What people say: comments and tasks on pull requests, comments on commits."""

# ruff: noqa: PLR0913 - an action takes the facts of what happens by keyword

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.rest.representations.commits import commit_reference
from simulator.rest.representations.conversations import commit_comment
from simulator.world.actions.announcing import announce, announce_comment
from simulator.world.actions.participation import comment_of, taking_part, task_of
from simulator.world.errors import Conflict, Forbidden, Invalid, Missing
from simulator.world.model import Activity, Comment, Inline, Task

if TYPE_CHECKING:
    from simulator.world.model import PullRequest, Repository, User
    from simulator.world.world import World

QUIET_EDITS = timedelta(minutes=10)
"""An edit is announced only if so much time passed since the last one (rest-api.md 8)."""


def _new_comment(
    world: World, held: dict[int, Comment], *, actor: User, text: str, parent: int | None, inline: Inline | None
) -> Comment:
    if not text.strip():
        raise Invalid("Bad request", fields={"content": "This field is required."})
    if parent is not None and parent not in held:
        raise Invalid("Bad request", fields={"parent": f"Comment {parent} does not exist"})
    now = world.now()
    made = Comment(world.next_id(), actor, text, now, now, parent_id=parent, inline=inline)
    held[made.id] = made
    return made


def comment(
    world: World,
    pull_request: PullRequest,
    *,
    actor: User,
    text: str,
    parent: int | None = None,
    inline: Inline | None = None,
    pending: bool = False,
) -> Comment:
    """Say something; `parent` is the id of the comment answered. Emits pullrequest:comment_created.

    A pending comment is seen by nobody yet: it enters no log and no event.
    """
    with world.lock:
        made = _new_comment(world, pull_request.comments, actor=actor, text=text, parent=parent, inline=inline)
        made.pending = pending
        if not pending:
            taking_part(pull_request, actor).participated_on = made.created_on
            pull_request.updated_on = made.created_on
            pull_request.activity.append(Activity("comment", made.created_on, actor, comment_id=made.id))
            announce_comment(world, "comment_created", pull_request, made, actor=actor)
        return made


def update_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User, text: str) -> Comment:
    """Change a comment of one's own. Emits pullrequest:comment_updated if ten minutes passed since the last change."""
    with world.lock:
        found = _own(comment_of(pull_request, comment_id), actor)
        quiet = world.now() - found.updated_on < QUIET_EDITS
        found.raw, found.updated_on = text, world.now()
        pull_request.updated_on = world.now()
        if not quiet:
            announce_comment(world, "comment_updated", pull_request, found, actor=actor)
        return found


def _own(found: Comment, actor: User) -> Comment:
    if found.user is not actor:
        raise Forbidden("You do not have permission to edit this comment.")
    return found


def delete_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Delete a comment; it keeps its place. Emits pullrequest:comment_deleted."""
    with world.lock:
        found = comment_of(pull_request, comment_id)
        found.deleted, found.updated_on = True, world.now()
        pull_request.updated_on = world.now()
        announce_comment(world, "comment_deleted", pull_request, found, actor=actor)
        return found


def resolve_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Resolve a thread by its first comment. Emits pullrequest:comment_resolved."""
    with world.lock:
        found = comment_of(pull_request, comment_id)
        if found.resolved_by is not None:
            raise Conflict("The comment is already resolved.")
        if found.parent_id is not None:
            raise Forbidden("Only the first comment of a thread can be resolved.")
        found.resolved_by, found.resolved_on = actor, world.now()
        pull_request.updated_on = world.now()
        announce_comment(world, "comment_resolved", pull_request, found, actor=actor)
        return found


def reopen_comment(world: World, pull_request: PullRequest, comment_id: int, *, actor: User) -> Comment:
    """Reopen a thread. Emits pullrequest:comment_reopened."""
    with world.lock:
        found = comment_of(pull_request, comment_id)
        if found.resolved_by is None:
            raise Missing("The comment is not resolved.")
        found.resolved_by, found.resolved_on = None, None
        pull_request.updated_on = world.now()
        announce_comment(world, "comment_reopened", pull_request, found, actor=actor)
        return found


def add_task(world: World, pull_request: PullRequest, *, actor: User, text: str, comment_id: int | None = None) -> Task:
    """Add a task. Bitbucket tells no webhook of it."""
    with world.lock:
        if comment_id is not None:
            comment_of(pull_request, comment_id)
        if not text.strip():
            raise Invalid("Bad request", fields={"content": "This field is required."})
        now = world.now()
        made = Task(world.next_id(), actor, text, now, now, comment_id=comment_id)
        pull_request.tasks[made.id] = made
        pull_request.updated_on = now
        return made


def update_task(
    world: World,
    pull_request: PullRequest,
    task_id: int,
    *,
    actor: User,
    text: str | None = None,
    resolved: bool | None = None,
) -> Task:
    """Change or resolve a task. Bitbucket tells no webhook of it."""
    with world.lock:
        found = task_of(pull_request, task_id)
        now = world.now()
        found.raw, found.updated_on = text or found.raw, now
        if resolved is not None:
            found.state = "RESOLVED" if resolved else "UNRESOLVED"
            found.resolved_by, found.resolved_on = (actor, now) if resolved else (None, None)
        pull_request.updated_on = now
        return found


def delete_task(
    world: World,
    pull_request: PullRequest,
    task_id: int,
    *,
    actor: User,  # noqa: ARG001 - every action names its actor
) -> None:
    """Remove a task. Bitbucket tells no webhook of it."""
    with world.lock:
        task_of(pull_request, task_id)
        del pull_request.tasks[task_id]
        pull_request.updated_on = world.now()


def comment_on_commit(
    world: World,
    repository: Repository,
    commit: str,
    *,
    actor: User,
    text: str,
    parent: int | None = None,
    inline: Inline | None = None,
) -> Comment:
    """Say something about a commit. Emits repo:commit_comment_created."""
    with world.lock:
        commit_hash = repository.git.commit(commit).hash
        held = repository.commit_comments.setdefault(commit_hash, {})
        made = _new_comment(world, held, actor=actor, text=text, parent=parent, inline=inline)
        subject = {
            "comment": commit_comment(world, repository, commit_hash, made),
            "commit": commit_reference(world, repository, commit_hash),
        }
        announce(world, "repo:commit_comment_created", repository=repository, actor=actor, subject=subject)
        return made
