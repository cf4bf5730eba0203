"""What has to be asked after the lists: holes in the history, builds that may still speak, what was read too long ago."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights.facts.pull_requests import BuildState, PullRequestState
from models.history.build_reports import BuildReportRow
from models.history.commits import CommitRow
from models.history.follow_ups import FollowUpKind
from models.history.pull_requests import PullRequestRow
from sync.questions import GRACE
from sync.reconcile.wanted import GIVEN_UP_AFTER, SETTLED_AFTER, holes, is_settled, of_pull_request, reachable
from tests.tenants import NOON

HOUR = timedelta(hours=1)
A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)


class TestHoles:
    def test_a_history_that_is_whole_has_none(self):
        assert holes({C: (B,), B: (A,), A: ()}, [C]) == set()

    def test_a_commit_that_is_not_held_is_one(self):
        assert holes({C: (B,), A: ()}, [C]) == {B}

    def test_a_tip_that_is_not_held_is_one(self):
        assert holes({}, [C]) == {C}

    def test_each_way_down_ends_at_its_first(self):
        assert holes({D: (B, C), A: ()}, [D]) == {B, C}

    def test_what_no_tip_reaches_does_not_matter(self):
        assert holes({C: (), D: (B,)}, [C]) == set()

    def test_a_circle_ends(self):
        assert holes({A: (B,), B: (A,)}, [A]) == set()


class TestReachable:
    def test_a_commit_reaches_itself_and_all_before_it(self):
        assert reachable({D: (B, C), B: (A,), C: (A,), A: ()}, D) == {A, B, C, D}

    def test_where_the_history_ends_the_walk_ends(self):
        assert reachable({C: (B,)}, C) == {B, C}


def commit(*, read=None, at=NOON):
    return CommitRow(repository_id=1, hash=A, short_hash=A[:12], committed_at=at, builds_as_of=read)


def report(state, at, key="unit"):
    return BuildReportRow(repository_id=1, commit=A, key=key, at=at, state=state, created_at=at)


class TestBuilds:
    def test_they_are_not_settled_before_they_were_read(self):
        assert not is_settled(commit(), [], now=NOON + timedelta(days=9))

    def test_a_commit_without_builds_is_settled_after_two_days(self):
        assert not is_settled(commit(read=NOON + SETTLED_AFTER - HOUR), [], now=NOON + timedelta(days=9))
        assert is_settled(commit(read=NOON + SETTLED_AFTER), [], now=NOON + timedelta(days=9))

    def test_the_last_word_begins_the_wait_anew(self):
        said = [report(BuildState.SUCCESSFUL, NOON + timedelta(days=3))]
        now = NOON + timedelta(days=9)
        assert not is_settled(commit(read=NOON + timedelta(days=4)), said, now=now)
        assert is_settled(commit(read=NOON + timedelta(days=5)), said, now=now)

    def test_one_that_runs_is_looked_at_until_nobody_believes_it_any_more(self):
        said = [report(BuildState.INPROGRESS, NOON)]
        read = commit(read=NOON + timedelta(days=9))
        assert not is_settled(read, said, now=NOON + GIVEN_UP_AFTER - HOUR)
        assert is_settled(read, said, now=NOON + GIVEN_UP_AFTER)

    def test_only_the_latest_word_of_a_key_counts(self):
        said = [report(BuildState.INPROGRESS, NOON), report(BuildState.FAILED, NOON + HOUR)]
        assert is_settled(commit(read=NOON + timedelta(days=4)), said, now=NOON + timedelta(days=9))

    def test_a_commit_from_the_future_settles_too(self):
        """Its author's clock says 2099."""
        future = commit(at=NOON + timedelta(days=20_000), read=NOON + timedelta(days=9))
        assert is_settled(future, [], now=NOON + timedelta(days=7))


def pull_request(**members):
    told = {"updated_at": NOON, "head": "a" * 12, "files_head": "a" * 12, "commits_head": "a" * 12, "is_watched": True}
    return PullRequestRow(
        repository_id=1, number=1, created_at=NOON, as_of=NOON, state=PullRequestState.OPEN, **{**told, **members}
    )


READ = {"activity_as_of": NOON + GRACE + HOUR, "tasks_as_of": NOON + GRACE + HOUR}


class TestPullRequests:
    BEFORE = NOON - timedelta(days=9)

    def test_what_was_read_after_its_last_change_is_not_asked_again(self):
        assert of_pull_request(pull_request(**READ), [], watched_since=self.BEFORE) == set()

    @pytest.mark.parametrize(
        ("column", "kind"), [("activity_as_of", FollowUpKind.ACTIVITY), ("tasks_as_of", FollowUpKind.TASKS)]
    )
    def test_what_was_read_before_it_or_never_is(self, column, kind):
        for read_at in (None, NOON - HOUR, NOON):
            row = pull_request(**{**READ, column: read_at})
            assert of_pull_request(row, [], watched_since=self.BEFORE) == {kind}

    def test_a_clock_over_there_that_is_a_little_ahead_hides_nothing(self):
        row = pull_request(**{**READ, "activity_as_of": NOON + GRACE - timedelta(seconds=1)})
        assert of_pull_request(row, [], watched_since=self.BEFORE) == {FollowUpKind.ACTIVITY}

    def test_what_happened_before_we_watched_is_the_backfills(self):
        assert of_pull_request(pull_request(), [], watched_since=NOON + HOUR) == set()

    def test_another_head_has_other_files_and_commits(self):
        row = pull_request(**READ, head="b" * 12)
        wanted = of_pull_request(row, [], watched_since=self.BEFORE)
        assert wanted == {FollowUpKind.DIFFSTAT, FollowUpKind.PULL_REQUEST_COMMITS}

    def test_another_number_of_tasks_has_them_read(self):
        row = pull_request(**READ, task_count=2)
        assert of_pull_request(row, [], watched_since=self.BEFORE) == {FollowUpKind.TASKS}
