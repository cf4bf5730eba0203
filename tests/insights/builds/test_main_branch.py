"""The main branch's light, worked out on paper."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.builds.main_branch import Light, light_spans, main_branch
from insights.clock.look import look
from insights.facts.pull_requests import BuildFacts, BuildState
from insights.result import WhyNot, Window
from tests.insights.lives import DAY, HOUR, MONDAY, SETTINGS, at

PASSED, FAILED, RUNNING, STOPPED = (
    BuildState.SUCCESSFUL,
    BuildState.FAILED,
    BuildState.INPROGRESS,
    BuildState.STOPPED,
)
COMMITS = ("c1", "c2", "c3", "c4", "c5", "c6", "c7")
NOW = look(SETTINGS, now=at("3 Mon 00:00"))
WEEK = Window(at("Mon 00:00"), at("2 Mon 00:00"))


def build(commit, state, said, *, key="ci", created=None, seen=False):
    return BuildFacts(
        commit=commit, key=key, state=state, created_at=at(created or said), at=at(said), was_seen_running=seen
    )


def lights(*builds, until="3 Mon 00:00"):
    return [(span.light, span.commit, span.start) for span in light_spans(builds, COMMITS, until=at(until))]


def test_the_newest_commit_whose_builds_have_all_ended_decides():
    found = lights(
        build("c1", PASSED, "Mon 09:00"),
        build("c2", FAILED, "Mon 10:00"),
        build("c3", RUNNING, "Mon 11:00"),
    )

    assert found == [(Light.GREEN, "c1", at("Mon 09:00")), (Light.RED, "c2", at("Mon 10:00"))]


def test_an_older_commit_that_ends_later_changes_nothing():
    found = lights(build("c2", PASSED, "Mon 10:00"), build("c1", FAILED, "Mon 11:00"))

    assert found == [(Light.GREEN, "c2", at("Mon 10:00"))]


def test_every_key_of_a_commit_must_have_ended_and_one_failed_is_red():
    found = lights(
        build("c1", PASSED, "Mon 09:00", key="lint"),
        build("c1", FAILED, "Mon 11:00", key="test", created="Mon 08:59", seen=True),
    )

    # The test began before lint was through: nothing was decided until it ended.
    assert found == [(Light.RED, "c1", at("Mon 11:00"))]


def test_a_build_that_runs_again_hands_the_word_to_the_commit_before():
    found = lights(
        build("c1", PASSED, "Mon 08:00"),
        build("c2", FAILED, "Mon 09:00"),
        build("c2", PASSED, "Mon 12:00", created="Mon 11:00", seen=True),
    )

    assert found == [
        (Light.GREEN, "c1", at("Mon 08:00")),
        (Light.RED, "c2", at("Mon 09:00")),
        (Light.GREEN, "c1", at("Mon 11:00")),
        (Light.GREEN, "c2", at("Mon 12:00")),
    ]


def test_a_commit_whose_builds_were_all_stopped_says_nothing():
    found = lights(
        build("c1", FAILED, "Mon 09:00"),
        build("c2", STOPPED, "Mon 10:00"),
        build("c3", STOPPED, "Mon 11:00", key="lint"),
        build("c3", PASSED, "Mon 11:30"),
    )

    assert [(light, commit) for light, commit, _ in found] == [(Light.RED, "c1"), (Light.GREEN, "c3")]


def test_builds_of_other_branches_and_of_the_future_are_not_looked_at():
    assert lights(build("elsewhere", FAILED, "Mon 09:00"), build("c1", FAILED, "Wed 09:00"), until="Tue 00:00") == []


def test_red_time_and_time_to_green_over_a_window():
    reports = [
        build("c1", PASSED, "Mon 00:00"),
        build("c2", FAILED, "Mon 12:00"),
        build("c3", FAILED, "Mon 20:00"),  # still red: one interval of Mon 12 - Tue 00
        build("c4", PASSED, "Tue 00:00"),
        build("c5", FAILED, "Sun 12:00"),  # until after the window
        build("c6", PASSED, "2 Mon 12:00"),
    ]
    answer = main_branch(reports, COMMITS, NOW, window=WEEK)

    # Red in the window: Mon 12 - Tue 00 = 12 h, Sun 12 - 2 Mon 00 = 12 h: 24 of 168 hours. One red time ended in it.
    assert answer.value.red_share == pytest.approx(24 / 168)
    assert (answer.value.red_times, answer.value.time_to_green) == (1, None)
    assert (answer.value.light, answer.value.since, answer.value.commit) == (Light.GREEN, at("2 Mon 12:00"), "c6")
    assert answer.n == 6


def test_red_that_began_before_the_window_counts_from_its_start_and_its_length_in_full():
    reports = [build("c1", FAILED, "Mon 00:00"), build("c2", PASSED, "Wed 00:00")]
    answer = main_branch(reports, COMMITS, NOW, window=Window(at("Tue 00:00"), at("Fri 00:00")))

    # One of three days was red.
    assert (answer.value.red_share, answer.value.red_times) == (pytest.approx(1 / 3), 1)


def test_the_median_time_to_green_needs_five_red_times():
    reports = []
    commits = []
    for number in range(5):
        start = MONDAY + number * DAY
        for offset, state in ((0, FAILED), (number + 1, PASSED)):
            commits.append(f"{number}-{state}")
            moment = start + offset * HOUR
            reports.append(BuildFacts(commit=commits[-1], key="ci", state=state, created_at=moment, at=moment))

    # Red for 1, 2, 3, 4 and 5 hours: 3 in the middle, 15 of the 504 hours of three weeks.
    answer = main_branch(reports, commits, NOW, window=Window(MONDAY, at("4 Mon 00:00")))
    assert answer.value.time_to_green.p50 == 3 * HOUR
    assert answer.value.red_share == pytest.approx(15 / 504)


def test_the_light_now_is_as_old_as_its_colour_and_not_as_its_commit():
    reports = [build("c1", PASSED, "Mon 09:00"), build("c2", PASSED, "Tue 09:00"), build("c3", PASSED, "Wed 09:00")]
    answer = main_branch(reports, COMMITS, NOW)

    assert (answer.value.since, answer.value.commit) == (at("Mon 09:00"), "c3")


def test_without_builds_nothing_is_said():
    assert main_branch([], COMMITS, NOW).why_not is WhyNot.NO_DATA


REPORTS = st.lists(
    st.builds(
        lambda commit, key, state, minutes, length, seen: BuildFacts(
            commit=commit,
            key=key,
            state=state,
            created_at=MONDAY + timedelta(minutes=minutes),
            at=MONDAY + timedelta(minutes=minutes + length),
            was_seen_running=seen,
        ),
        st.sampled_from(COMMITS),
        st.sampled_from(["ci", "lint"]),
        st.sampled_from([PASSED, FAILED, RUNNING, STOPPED]),
        st.integers(0, 5_000),
        st.integers(0, 300),
        st.booleans(),
    ),
    max_size=20,
)


def state_at(reports, moment):
    """The definition, word for word: the newest commit on which every key has ended, as of a moment."""
    said = {}
    steps = sorted(
        (when, report.commit, report.key, state)
        for report in reports
        for when, state in (
            *([(report.created_at, RUNNING)] if report.was_seen_running and report.created_at < report.at else []),
            (report.at, report.state),
        )
        if when <= moment
    )
    for _, commit, key, state in steps:
        said.setdefault(commit, {})[key] = state
    for commit in reversed(COMMITS):
        states = set(said.get(commit, {}).values())
        if states and RUNNING not in states and states != {STOPPED}:
            return Light.RED if FAILED in states else Light.GREEN
    return None


@given(reports=REPORTS, data=st.data())
def test_at_every_moment_it_shows_what_the_definition_says(reports, data):
    spans = light_spans(data.draw(st.permutations(reports)), COMMITS, until=at("3 Mon 00:00"))
    for minutes in range(0, 5_400, 97):
        moment = MONDAY + timedelta(minutes=minutes)
        shown = [span.light for span in spans if span.start <= moment and (span.end is None or moment < span.end)]
        expected = state_at(reports, moment)
        # Where everything decided runs again, the last word stays on the sign until the next.
        assert len(shown) <= 1
        if expected is not None:
            assert shown == [expected]
