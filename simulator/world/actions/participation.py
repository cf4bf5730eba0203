"""What several actions do to a pull request: who takes part, what the log says, when it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.world.errors import Missing
from simulator.world.git import Signature
from simulator.world.model import Activity, Comment, Participant, Task, Update

if TYPE_CHECKING:
    from simulator.world.model import PullRequest, User
    from simulator.world.world import World


def taking_part(pull_request: PullRequest, user: User) -> Participant:
    """The user's part in a pull request, a new one if they had none."""
    found = pull_request.participant(user)
    if found is None:
        found = Participant(user)
        pull_request.participants.append(found)
    return found


def log_update(world: World, pull_request: PullRequest, *, actor: User, changes: dict[str, Any]) -> None:
    """Note in the log how the pull request stands after a change."""
    now = world.now()
    pull_request.updated_on = now
    pull_request.activity.append(Activity("update", now, actor, update=Update.of(pull_request, changes=changes)))


def comment_of(pull_request: PullRequest, comment_id: int) -> Comment:
    """A comment that has not been deleted; raises Missing."""
    found = pull_request.comments.get(comment_id)
    if found is None or found.deleted:
        raise Missing(str(comment_id))
    return found


def task_of(pull_request: PullRequest, task_id: int) -> Task:
    """A task; raises Missing."""
    found = pull_request.tasks.get(task_id)
    if found is None:
        raise Missing(str(task_id))
    return found


def signature(world: World, user: User) -> Signature:
    """As whom Bitbucket commits on the user's behalf."""
    return Signature(user.display_name, user.email or f"{user.nickname}@users.noreply.bitbucket.example", world.now())
