"""What kind of branch one is."""

from datetime import timedelta

import pytest

from insights.branches.classes import BranchClass, branch_classes
from insights.branches.pull_requests_of_branch import PullRequestsOfBranch, by_branch
from insights.facts.repository import BranchFacts
from insights.pull_requests.context import context_of
from insights.result import WhyNot
from insights.settings import BranchingModel, WorkspaceSettings
from tests.insights.lives import ACCOUNTS, ALICE, BOB, MONDAY, RENOVATE, pull_request

SETTINGS = WorkspaceSettings(
    main_branch="main", branching_model=BranchingModel(development="develop"), long_lived_branches=("release/*",)
)
CONTEXT = context_of(SETTINGS, ACCOUNTS)


def branch(name="feature/x", *, days=0.0, tip="t" * 40, **fields):
    author = fields.pop("author", ALICE)
    return BranchFacts(name=name, tip=tip, tip_author=author, tip_at=MONDAY - timedelta(days=days), **fields)


def classed(one, *, arrived=(), known=None, context=CONTEXT):
    pull_requests = {one.name: known} if known else {}
    answer = branch_classes([one], arrived=arrived, pull_requests=pull_requests, context=context, now=MONDAY)
    return answer.value[0]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, BranchClass.ACTIVE),
        (6.99, BranchClass.ACTIVE),
        (7, BranchClass.QUIET),
        (29.99, BranchClass.QUIET),
        (30, BranchClass.IDLE),
        (90, BranchClass.IDLE),
        (90.01, BranchClass.STALE),
        (999, BranchClass.STALE),
    ],
)
def test_a_branch_is_classed_by_the_age_of_its_newest_commit(days, expected):
    assert classed(branch(days=days)).branch_class is expected


def test_the_number_of_days_is_a_setting():
    context = context_of(WorkspaceSettings(active_days=2, quiet_days=5, stale_days=10), ACCOUNTS)

    found = [classed(branch(days=days), context=context).branch_class for days in (1, 3, 6, 11)]
    assert found == [BranchClass.ACTIVE, BranchClass.QUIET, BranchClass.IDLE, BranchClass.STALE]


@pytest.mark.parametrize("name", ["main", "develop", "release/4"])
def test_a_long_lived_branch_is_never_anything_else(name):
    one = branch(name, days=999)

    assert classed(one, arrived={one.tip}).branch_class is BranchClass.LONG_LIVED


def test_an_open_pull_request_keeps_an_old_branch_from_being_stale_or_left_over():
    known = PullRequestsOfBranch(open=7, merged_heads=frozenset({"t" * 40}))
    found = classed(branch(days=200), known=known, arrived={"t" * 40})

    assert (found.branch_class, found.open_pull_request) == (BranchClass.IDLE, 7)


def test_a_branch_whose_commits_have_all_arrived_is_left_over():
    one = branch(days=8)

    assert classed(one, arrived={one.tip}).branch_class is BranchClass.MERGED_LEFTOVER


def test_a_branch_merged_by_squash_is_left_over_where_its_tip_is_what_was_merged():
    squashed = PullRequestsOfBranch(merged_heads=frozenset({"t" * 40}))

    assert classed(branch(), known=squashed).branch_class is BranchClass.MERGED_LEFTOVER
    # With a commit after the merge it is somebody's work again.
    assert classed(branch(tip="n" * 40), known=squashed).branch_class is BranchClass.ACTIVE


def test_a_branch_that_was_just_made_is_not_left_over():
    # Its tip is the base's own commit, and that may be old: we saw the branch appear yesterday.
    new = branch(days=300, first_seen_at=MONDAY - timedelta(days=1))

    assert classed(new, arrived={new.tip}).branch_class is BranchClass.ACTIVE
    old = branch(days=300, first_seen_at=MONDAY - timedelta(days=20))
    assert classed(old, arrived={old.tip}).branch_class is BranchClass.MERGED_LEFTOVER


def test_a_branch_just_merged_with_its_pull_request_is_left_over_at_once():
    merged = PullRequestsOfBranch(merged_heads=frozenset({"other"}))
    one = branch(days=1)

    assert classed(one, arrived={one.tip}, known=merged).branch_class is BranchClass.MERGED_LEFTOVER


def test_a_clock_that_runs_behind_makes_no_branch_younger_than_nothing():
    assert classed(branch(days=-1)).age == timedelta(0)


def test_the_longest_without_a_sign_of_life_comes_first():
    branches = [branch("b", days=3), branch("c", days=30), branch("a", days=3)]
    answer = branch_classes(branches, arrived=(), pull_requests={}, context=CONTEXT, now=MONDAY)

    assert [one.name for one in answer.value] == ["c", "a", "b"]
    assert answer.n == 3


def test_a_repository_without_branches_has_none():
    answer = branch_classes([], arrived=(), pull_requests={}, context=CONTEXT, now=MONDAY)

    assert answer.why_not is WhyNot.NO_DATA


@pytest.mark.parametrize(
    ("tip_author", "pull_request_author", "owner"),
    [
        (ALICE, BOB, ALICE),
        (RENOVATE, BOB, BOB),
        (None, BOB, BOB),
        (RENOVATE, RENOVATE, None),
        (None, None, None),
    ],
)
def test_the_owner_is_the_person_of_the_newest_commit_else_the_pull_requests_author(
    tip_author, pull_request_author, owner
):
    known = PullRequestsOfBranch(author=pull_request_author)

    assert classed(branch(author=tip_author), known=known).owner == owner


def test_pull_requests_tell_of_their_own_branches_and_not_of_a_forks():
    found = by_branch(
        [
            pull_request(opened="Mon 09:00", number=1, source_branch="x", merged="Mon 10:00", head="h1"),
            pull_request(opened="Tue 09:00", number=2, source_branch="x", merged="Tue 10:00", head="h2", author=BOB),
            pull_request(opened="Wed 09:00", number=3, source_branch="x", author=None),
            pull_request(opened="Wed 09:00", number=4, source_branch="y", declined="Wed 10:00", head="h4"),
            pull_request(opened="Wed 09:00", number=5, source_branch="main", is_from_fork=True),
        ]
    )

    assert found == {
        "x": PullRequestsOfBranch(open=3, author=BOB, merged_heads=frozenset({"h1", "h2"})),
        "y": PullRequestsOfBranch(author=ALICE),
    }
