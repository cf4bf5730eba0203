"""What of pull requests was never asked for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights.facts.pull_requests import PullRequestState
from models import backfills, repositories
from models.history import gaps, pull_requests
from models.history.gaps import Gap, Scope
from models.history.pull_requests import PullRequestRow
from models.repositories import RepositoryFacts
from tests.tenants import ALICE_OTHER_REPOSITORY, ALICE_REPOSITORY, NOON

SINCE = NOON - timedelta(days=100)
HEAD = "a" * 12


@pytest.fixture
def heron(session, alice):
    row, _ = repositories.record(session, alice, RepositoryFacts(ALICE_REPOSITORY), as_of=NOON, now=NOON)
    backfills.ensure(session, row, since=SINCE, now=NOON)
    return row


@pytest.fixture
def hold(session, heron):
    def hold(number, *, days_ago=1, state=PullRequestState.OPEN, head=HEAD, **members):
        at = NOON - timedelta(days=days_ago)
        row = PullRequestRow(
            repository_id=heron.id,
            number=number,
            created_at=at,
            updated_at=at,
            as_of=NOON,
            state=state,
            head=head,
            closed_at=None if state is PullRequestState.OPEN else at,
            **members,
        )
        pull_requests.store(session, [row])

    return hold


def all_with(session, heron, gap, scope=Scope.OPEN):
    found, below = [], None
    while (below := gaps.next_with(session, heron, gap, scope, since=SINCE, below=below)) is not None:
        found.append(below)
    return found


def test_they_are_gone_through_from_the_newest_down(session, heron, hold):
    for number in (1, 2, 3):
        hold(number)
    assert all_with(session, heron, Gap.ACTIVITY) == [3, 2, 1]


def test_an_activity_log_is_missing_until_it_was_read_or_events_have_told_all(session, heron, hold):
    hold(1)
    hold(2, activity_as_of=NOON)
    hold(3, is_watched=True)
    assert all_with(session, heron, Gap.ACTIVITY) == [1]


def test_a_diffstat_and_commits_are_missing_of_every_new_head(session, heron, hold):
    hold(1)
    hold(2, files_head=HEAD, commits_head=HEAD)
    hold(3, files_head="b" * 12, commits_head="b" * 12)
    hold(4, head="a" * 40, files_head=HEAD, commits_head=HEAD)
    hold(5, head=None)
    assert all_with(session, heron, Gap.FILES) == all_with(session, heron, Gap.COMMITS) == [3, 1]


def test_tasks_are_missing_until_they_were_read_since_settled_ones_are_in_no_list(session, heron, hold):
    hold(1, task_count=0)
    hold(2, task_count=2)
    hold(3, task_count=2, tasks_as_of=NOON)
    hold(4, task_count=0, is_watched=True)
    hold(5, task_count=2, is_watched=True)
    assert all_with(session, heron, Gap.TASKS) == [5, 2, 1]


def test_nothing_says_whether_builds_were_asked_for(session, heron, hold):
    hold(1)
    hold(2, head=None)
    assert all_with(session, heron, Gap.BUILDS) == [1]


def test_closed_ones_are_looked_at_as_far_back_as_is_read(session, heron, hold):
    hold(1, days_ago=101, state=PullRequestState.MERGED)
    hold(2, days_ago=99, state=PullRequestState.MERGED)
    hold(3, days_ago=500)
    assert all_with(session, heron, Gap.ACTIVITY, Scope.CLOSED) == [2]
    assert all_with(session, heron, Gap.ACTIVITY, Scope.OPEN) == [3]


def test_some_are_asked_about_together(session, heron, hold):
    hold(1)
    hold(2, files_head=HEAD)
    hold(3, state=PullRequestState.DECLINED)
    hold(4)
    found = gaps.with_gap(session, heron, Gap.FILES, frozenset({1, 2, 3}), since=SINCE)
    assert found == {1, 3}


def test_merges_are_told_with_what_their_commits_are_looked_up_by(session, heron, hold):
    merged = PullRequestState.MERGED
    hold(1, state=merged, merge_commit="c" * 12)
    hold(2, state=merged, merge_commit="d" * 12)
    hold(3, state=merged)
    hold(4, state=merged, merge_commit="e" * 12, commits_head=HEAD)
    hold(5, state=merged, merge_commit="f" * 12, head=None)
    found = gaps.merges_without_commits(session, heron, since=SINCE)
    assert list(found.items()) == [(2, (HEAD, "d" * 12)), (1, (HEAD, "c" * 12))]


def test_they_are_counted_for_several_repositories_in_one_statement(session, alice, heron, hold):
    other, _ = repositories.record(session, alice, RepositoryFacts(ALICE_OTHER_REPOSITORY), as_of=NOON, now=NOON)
    backfills.ensure(session, other, since=SINCE, now=NOON)
    hold(1)
    hold(2, activity_as_of=NOON, files_head=HEAD)
    hold(3, state=PullRequestState.MERGED, days_ago=5)
    hold(4, state=PullRequestState.MERGED, days_ago=50, activity_as_of=NOON)
    hold(5, state=PullRequestState.MERGED, days_ago=500)
    told = gaps.tallies(session, [heron.id, other.id], lately=NOON - timedelta(days=28))
    assert set(told) == {heron.id}
    tally = told[heron.id]
    assert tally.found == {Scope.OPEN: 2, Scope.CLOSED: 2}
    assert (tally.gaps[Gap.ACTIVITY, Scope.OPEN], tally.gaps[Gap.ACTIVITY, Scope.CLOSED]) == (1, 1)
    assert (tally.gaps[Gap.FILES, Scope.OPEN], tally.gaps[Gap.FILES, Scope.CLOSED]) == (1, 2)
    assert tally.closed_lately == 1


def test_another_repository_s_are_not_seen(session, alice, hold):
    other, _ = repositories.record(session, alice, RepositoryFacts(ALICE_OTHER_REPOSITORY), as_of=NOON, now=NOON)
    hold(1)
    assert all_with(session, other, Gap.ACTIVITY) == []
