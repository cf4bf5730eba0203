"""What happens in an issue tracker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.rest.representations.issues import issue_comment, issue_details
from simulator.world.actions.announcing import announce
from simulator.world.errors import Invalid
from simulator.world.issues import KINDS, PRIORITIES, STATES, Issue, IssueChange
from simulator.world.model import Comment

if TYPE_CHECKING:
    from simulator.world.model import Repository, User
    from simulator.world.world import World

_CHOICES = {"state": STATES, "kind": KINDS, "priority": PRIORITIES}
_NAMES = {"component": "components", "milestone": "milestones", "version": "versions"}


def _checked(repository: Repository, wanted: dict[str, Any]) -> dict[str, Any]:
    """What is to be changed, as far as it is given; raises Invalid."""
    given = {name: value for name, value in wanted.items() if value is not None}
    for name, value in given.items():
        if name in _CHOICES and value not in _CHOICES[name]:
            raise Invalid("Bad request", fields={name: f"{value} is not a valid choice"})
        if name in _NAMES and value not in getattr(repository.issue_tracker, _NAMES[name]):
            raise Invalid("Bad request", fields={name: f"{value} does not exist"})
    return given


def report_issue(
    world: World,
    repository: Repository,
    *,
    actor: User,
    title: str,
    text: str = "",
    **wanted: Any,  # noqa: ANN401
) -> Issue:
    """Report one; `wanted` are state, kind, priority, assignee, component, milestone, version. Emits issue:created."""
    with world.lock:
        held = repository.issue_tracker.issues
        now = world.now()
        made = Issue(max(held, default=0) + 1, actor, title, text, now, now, **_checked(repository, wanted))
        made.watchers.append(actor)
        held[made.id] = made
        subject = {"issue": issue_details(world, repository, made)}
        announce(world, "issue:created", repository=repository, actor=actor, subject=subject)
        return made


def change_issue(
    world: World,
    repository: Repository,
    issue: Issue,
    *,
    actor: User,
    message: str = "",
    **wanted: Any,  # noqa: ANN401
) -> IssueChange | None:
    """Change what is given (title, raw and what report_issue takes). Emits issue:updated; None if nothing changed."""
    with world.lock:
        changes: dict[str, Any] = {}
        for name, value in _checked(repository, wanted).items():
            old = getattr(issue, name)
            if old != value:
                setattr(issue, name, value)
                changes["content" if name == "raw" else name] = {"old": _word(old), "new": _word(value)}
        if not changes:
            return None
        issue.updated_on = issue.edited_on = world.now()
        entry = IssueChange(world.next_id(), actor, world.now(), changes, message)
        issue.log.append(entry)
        subject = {"issue": issue_details(world, repository, issue), "changes": changes}
        announce(world, "issue:updated", repository=repository, actor=actor, subject=subject)
        return entry


def _word(value: object) -> str:
    return getattr(value, "display_name", None) or str(value or "")


def comment_on_issue(world: World, repository: Repository, issue: Issue, *, actor: User, text: str) -> Comment:
    """Say something about an issue. Emits issue:comment_created."""
    with world.lock:
        now = world.now()
        made = Comment(world.next_id(), actor, text, now, now)
        issue.comments[made.id] = made
        issue.updated_on = now
        subject = {
            "comment": issue_comment(world, repository, issue, made),
            "issue": issue_details(world, repository, issue),
        }
        announce(world, "issue:comment_created", repository=repository, actor=actor, subject=subject)
        return made
