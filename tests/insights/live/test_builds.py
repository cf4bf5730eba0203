"""The state of a commit from its build reports."""

import pytest

from insights.live.builds import BuildSummary, CommitState, summarise
from insights.live.facts import Build, BuildState
from tests.insights.live.cast import ago


def build(key, state, at=None):
    return Build(key=key, state=BuildState(state), updated_at=at)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], CommitState.NONE),
        (["SUCCESSFUL"], CommitState.PASSED),
        (["SUCCESSFUL", "STOPPED"], CommitState.PASSED),
        (["STOPPED"], CommitState.STOPPED),
        (["SUCCESSFUL", "INPROGRESS"], CommitState.RUNNING),
        (["SUCCESSFUL", "INPROGRESS", "FAILED"], CommitState.FAILED),
    ],
)
def test_the_worst_news_of_all_keys_is_the_commits_state(states, expected):
    summary = summarise(build(f"key-{index}", state) for index, state in enumerate(states))

    assert (summary.state, summary.total) == (expected, len(states))


def test_a_build_that_was_run_again_and_passed_has_passed():
    summary = summarise([build("unit", "SUCCESSFUL", ago(minutes=1)), build("unit", "FAILED", ago(hours=1))])

    assert summary == BuildSummary(state=CommitState.PASSED, passed=1)


def test_a_build_that_passed_and_then_failed_has_failed():
    summary = summarise([build("unit", "FAILED", ago(minutes=1)), build("unit", "SUCCESSFUL", ago(hours=1))])

    assert summary == BuildSummary(state=CommitState.FAILED, failed=1)


def test_without_times_the_report_that_comes_last_counts():
    assert summarise([build("unit", "FAILED"), build("unit", "SUCCESSFUL")]).state is CommitState.PASSED


def test_it_counts_the_keys_of_each_state():
    summary = summarise(
        [build("a", "SUCCESSFUL"), build("b", "SUCCESSFUL"), build("c", "FAILED"), build("d", "INPROGRESS")]
    )

    assert (summary.passed, summary.failed, summary.running, summary.stopped) == (2, 1, 1, 0)
