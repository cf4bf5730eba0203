"""Pass rate, flaky builds and durations."""

import pytest

from insights.builds.pass_rate import KeyRate, build_duration, pass_rate
from insights.clock.look import look
from insights.facts.pull_requests import BuildFacts, BuildState
from insights.result import Exclusion, WhyNot
from tests.insights.lives import HOUR, MONDAY, SETTINGS, at

PASSED, FAILED, RUNNING, STOPPED = (
    BuildState.SUCCESSFUL,
    BuildState.FAILED,
    BuildState.INPROGRESS,
    BuildState.STOPPED,
)
NOW = look(SETTINGS, now=at("2 Mon 00:00"))
COMMITS = [f"c{number}" for number in range(30)]


def build(commit, state, *, key="ci", hour=0, length=1, seen=True):
    start = MONDAY + hour * HOUR
    return BuildFacts(
        commit=commit, key=key, state=state, created_at=start, at=start + length * HOUR, was_seen_running=seen
    )


def test_the_last_word_of_each_key_on_each_commit_counts():
    reports = [
        build("c1", PASSED),
        build("c2", FAILED),
        build("c3", FAILED),
        build("c3", PASSED, hour=5),  # run again: flaky, and passed
        build("c1", PASSED, key="lint"),
        build("c2", RUNNING, key="lint"),
        build("c3", STOPPED, key="lint"),
    ]
    answer = pass_rate(reports, COMMITS, NOW)

    # ci: c1 passed, c2 failed, c3 passed: 2 of 3. lint: c1 passed: 1 of 1. Together 3 of 4; one flaky pair.
    assert (answer.value.share, answer.value.flaky, answer.n) == (0.75, 1, 4)
    assert answer.value.by_key == (KeyRate("ci", 3, pytest.approx(2 / 3), 1), KeyRate("lint", 1, 1.0, 0))


def test_a_stop_after_a_verdict_takes_nothing_back():
    answer = pass_rate([build("c1", FAILED), build("c1", STOPPED, hour=3)], COMMITS, NOW)

    assert (answer.value.share, answer.n) == (0.0, 1)


def test_other_branches_and_other_times_are_not_looked_at():
    reports = [build("elsewhere", FAILED), build("c1", FAILED, hour=-24 * 40)]

    assert pass_rate(reports, COMMITS, NOW).why_not is WhyNot.NO_DATA


def test_only_runs_that_were_seen_from_their_start_have_a_duration():
    reports = [build(f"c{number}", PASSED, length=number) for number in range(1, 6)]
    reports += [build("c9", FAILED, length=9, seen=False), build("c8", RUNNING, length=8)]
    answer = build_duration(reports, COMMITS, NOW)

    # 1 to 5 hours: 3 in the middle. The one reported when it was over is counted as left out; a running one has no end.
    assert (answer.value.p50, answer.n) == (3 * HOUR, 5)
    assert answer.exclusions == {Exclusion.NEVER_SEEN_RUNNING: 1}


def test_too_few_runs_have_no_median():
    assert build_duration([build("c1", PASSED)], COMMITS, NOW).why_not is WhyNot.TOO_FEW
    assert build_duration([], COMMITS, NOW).why_not is WhyNot.NO_DATA
