"""What the seeded team has besides its code: groups, invitations and one tracker, the same for the same seed."""

from __future__ import annotations

from datetime import date

import pytest

from simulator.world.issues import KINDS, PRIORITIES, STATES
from simulator.world.story.production import tell
from simulator.world.world import World

TODAY = date(2026, 11, 23)


def small_world(seed):
    world = World(seed=seed)
    workspace = tell(world, today=TODAY, small=True)
    return world, workspace, next(world.in_workspace(workspace))


@pytest.fixture(scope="module")
def office():
    world, workspace, repository = small_world(1)
    yield workspace, repository
    world.close()


def test_three_groups_reach_the_repository(office):
    workspace, repository = office
    levels = {group.slug: level for group, level in repository.group_privileges.items()}
    assert levels == {"administrators": "admin", "developers": "write", "reviewers": "read"}
    assert {user.uuid for user in workspace.groups["administrators"].members} == {
        uuid for uuid, role in workspace.members.items() if role == "owner"
    }


def test_somebody_is_invited_to_a_group_and_somebody_to_the_repository(office):
    workspace, repository = office
    assert [one.groups[0].slug for one in workspace.group_invitations.values()] == ["developers"]
    assert [one.permission for one in repository.invitations.values()] == ["read"]


def test_the_tracker_holds_issues_of_known_words_in_the_order_of_their_numbers(office):
    _, repository = office
    issues = list(repository.issue_tracker.issues.values())
    assert repository.has_issues
    assert [one.id for one in issues] == list(range(1, len(issues) + 1))
    assert [one.created_on for one in issues] == sorted(one.created_on for one in issues)
    assert {one.state for one in issues} <= set(STATES)
    assert {one.kind for one in issues} <= set(KINDS)
    assert {one.priority for one in issues} <= set(PRIORITIES)


def test_another_seed_tells_other_issues(office):
    _, repository = office
    world, _, other = small_world(2)
    _, _, again = (same := small_world(1))
    titles, others, same_titles = (
        [one.title for one in each.issue_tracker.issues.values()] for each in (repository, other, again)
    )
    world.close()
    same[0].close()
    assert titles == same_titles != others
