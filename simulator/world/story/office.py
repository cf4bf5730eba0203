"""What an office has besides its code: groups and what they may do, people who are invited, and one old issue tracker.

Bitbucket took its trackers away in August 2026 (rest-api.md 0). The first repository keeps one all the same, so that there is
something to show; in the others the answer is the one that Bitbucket gives today.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from simulator.world.groups import Group, GroupInvitation, RepositoryInvitation, create_group, join
from simulator.world.issues import KINDS, Issue
from simulator.world.story import vocabulary as words
from simulator.world.story.cast import OWNERS, PEOPLE

if TYPE_CHECKING:
    from simulator.world.model import Repository, RepositoryPermission, User, Workspace

_ISSUES = 84
_DAYS_OF_ISSUES = 300
_STATES = ("resolved", "closed", "new", "open", "wontfix", "duplicate", "on hold", "invalid")
_STATE_WEIGHTS = (34, 14, 12, 10, 5, 4, 3, 2)
_PRIORITIES = ("trivial", "minor", "major", "critical", "blocker")
_PRIORITY_WEIGHTS = (8, 25, 45, 15, 4)


def furnish(workspace: Workspace, users: dict[str, User], *, end: datetime) -> None:
    """Give the workspace its groups and invitations."""
    ada = users[OWNERS[0]]
    for name, keys in (
        ("Administrators", OWNERS),
        ("Developers", tuple(person.key for person in PEOPLE)),
        ("Reviewers", tuple(person.key for person in PEOPLE[:5])),
    ):
        group = create_group(workspace, name)
        for key in keys:
            join(workspace, group, users[key])
    workspace.groups["developers"].permission = "write"
    invited = GroupInvitation("new.colleague@example.com", ada, end - timedelta(days=2, hours=5))
    invited.groups.append(workspace.groups["developers"])
    workspace.group_invitations[invited.email] = invited


def open_doors(repository: Repository, users: dict[str, User], *, end: datetime) -> None:
    """Say what the groups may do with a repository, and whom it waits for."""
    granted: dict[str, RepositoryPermission] = {"administrators": "admin", "developers": "write", "reviewers": "read"}
    groups: dict[str, Group] = repository.workspace.groups
    for slug, level in granted.items():
        repository.group_privileges[groups[slug]] = level
    auditor = RepositoryInvitation("auditor@example.com", "read", users[OWNERS[0]], end - timedelta(days=6))
    repository.invitations[auditor.email] = auditor


def keep_tracker(repository: Repository, users: dict[str, User], *, seed: int | str, end: datetime) -> None:
    """Give a repository a tracker with the issues of ten months, the same for the same seed."""
    rng = random.Random(f"{seed}/issues/{repository.slug}")
    repository.has_issues = True
    people = [users[person.key] for person in PEOPLE]
    begun = end - timedelta(days=_DAYS_OF_ISSUES)
    moments = sorted(begun + timedelta(days=_DAYS_OF_ISSUES * rng.random()) for _ in range(_ISSUES))
    for number, at in enumerate(moments, start=1):
        repository.issue_tracker.issues[number] = _issue(number, at, people, rng, end)


def _issue(number: int, at: datetime, people: list[User], rng: random.Random, end: datetime) -> Issue:
    state = rng.choices(_STATES, _STATE_WEIGHTS)[0]
    noun, other = rng.sample(words.NOUNS, 2)
    title = rng.choice(
        (
            f"The {noun} is empty after the {other} changes",
            f"Show the {noun} beside the {other}",
            f"{noun.capitalize()} and {other} disagree",
            f"Let the {noun} be exported",
            f"Slow {noun} when the {other} is large",
        )
    )
    return Issue(
        id=number,
        reporter=rng.choice(people),
        title=title,
        raw=f"Seen with the {noun} of a customer.",
        created_on=at,
        updated_on=min(at + timedelta(days=20 * rng.random()), end),
        state=state,
        kind=rng.choices(KINDS, (55, 25, 5, 15))[0],
        priority=rng.choices(_PRIORITIES, _PRIORITY_WEIGHTS)[0],
        assignee=rng.choice([*people, None]),
    )
