"""When in the week."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.facts.repository import CommitFacts
from insights.flow.punch_card import answer_card, answer_times, commit_card
from insights.result import Exclusion, WhyNot
from insights.settings import WorkspaceSettings
from tests.insights.lives import (
    ALICE,
    DAY,
    DIRECTORY,
    RABBIT,
    RENOVATE,
    SETTINGS,
    approved,
    at,
    commented,
    pull_request,
    pushed,
)

NOW = look(SETTINGS, now=at("3 Mon 00:00"))


def commit(when, offset, *, author=ALICE, parents=("p",)):
    moment = at(when) if isinstance(when, str) else when
    return CommitFacts(
        hash="h", author=author, authored_at=moment, committed_at=moment, offset_minutes=offset, parents=parents
    )


def punched(answer):
    return {
        (day, hour): count for day, hours in enumerate(answer.value.hours) for hour, count in enumerate(hours) if count
    }


def test_commits_are_punched_by_the_authors_own_clock():
    answer = commit_card(
        [
            commit("Mon 23:30", 60),  # Tuesday 00:30 in Berlin
            commit("Mon 23:30", -300),  # Monday 18:30 in New York
            commit("Mon 23:30", 345),  # Tuesday 05:15 in Kathmandu
            commit("Mon 23:30", 0),
        ],
        NOW,
        DIRECTORY,
    )

    assert punched(answer) == {(1, 0): 1, (0, 18): 1, (1, 5): 1, (0, 23): 1}
    assert answer.n == 4


def test_bots_merges_and_commits_without_a_zone_are_left_out_and_counted():
    answer = commit_card(
        [
            commit("Mon 09:00", 0),
            commit("Mon 09:00", 0, author=RENOVATE),
            commit("Mon 09:00", 0, parents=("p", "q")),
            commit("Mon 09:00", None),
            commit(at("Mon 09:00") - 100 * DAY, 0),
        ],
        NOW,
        DIRECTORY,
    )

    assert answer.n == 1
    assert answer.exclusions == {Exclusion.BOT_AUTHOR: 1, Exclusion.MERGE_COMMIT: 1, Exclusion.OFFSET_UNKNOWN: 1}


def test_answers_are_punched_by_the_workspaces_clock():
    # 22:30 UTC on Sunday 29 March 2026 is 00:30 on Monday in Berlin, where summer time has begun that day.
    berlin = look(WorkspaceSettings(time_zone="Europe/Berlin"), now=datetime(2026, 4, 10, tzinfo=UTC))

    assert punched(answer_card([datetime(2026, 3, 29, 22, 30, tzinfo=UTC)], berlin)) == {(0, 0): 1}


def test_only_other_peoples_words_are_answers():
    facts = pull_request(
        commented("Mon 10:00"),
        commented("Mon 11:00", by=ALICE),
        commented("Mon 12:00", by=RABBIT),
        pushed("Mon 13:00"),
        approved("Mon 14:00"),
        opened="Mon 09:00",
    )

    assert list(answer_times(facts, DIRECTORY)) == [at("Mon 10:00"), at("Mon 14:00")]


def test_an_empty_card_is_silent():
    assert answer_card([], NOW).why_not is WhyNot.NO_DATA
    assert commit_card([commit("Mon 09:00", None)], NOW, DIRECTORY).why_not is WhyNot.NO_DATA


@given(minutes=st.lists(st.integers(0, 60 * 24 * 13), min_size=1, max_size=50))
def test_every_answer_is_punched_once(minutes):
    answer = answer_card([at("Mon 00:00") + number * (DAY / 1440) for number in minutes], NOW)

    assert sum(map(sum, answer.value.hours)) == answer.n == len(minutes)
    assert [len(hours) for hours in answer.value.hours] == [24] * 7
