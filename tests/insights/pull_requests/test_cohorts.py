"""Cohorts: members and exclusions add up to what the window held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.facts.pull_requests import FileChange, PullRequestState
from insights.flow.headline import MERGED
from insights.pull_requests.cohorts import (
    Cohort,
    Filter,
    became_ready_in,
    closed_in,
    merged_by_week,
    merged_in,
    open_now,
    opened_in,
    population,
    with_known_activity,
)
from insights.pull_requests.population import Series
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stamps import Flag
from insights.result import Exclusion, WhyNot, Window
from tests.insights.lives import (
    DAY,
    RENOVATE,
    SETTINGS,
    approved,
    at,
    measured,
    pull_request,
    readied,
)
from tests.insights.pull_requests.strategies import lives

WEEK = Window(at("Mon 00:00"), at("2 Mon 00:00"))


def one(number, *events, opened="Mon 09:00", **fields):
    return measured(pull_request(*events, opened=opened, number=number, **fields))


ROWS = [
    one(1, approved("Mon 10:00"), merged="Mon 12:00"),
    one(2, merged="2 Mon 00:00"),  # after the window, which does not hold its end
    one(3, declined="Tue 09:00"),
    one(4, declined="Tue 09:00", state=PullRequestState.SUPERSEDED),
    one(5),
    one(6, merged="Tue 09:00", author=RENOVATE),
    one(7, merged="Tue 09:00", destination_branch="feature/base"),
    one(8, readied("2 Tue 09:00"), merged="2 Wed 09:00"),
    one(9, merged="Wed 09:00", source_branch="release/1"),
    one(10, state=PullRequestState.MERGED),  # nobody knows when it was merged
]


def ids(cohort):
    return [item.id for item in cohort]


def test_merged_in_a_window_with_everyone_left_out_counted_once():
    cohort = merged_in(ROWS, WEEK)

    assert ids(cohort) == [1]
    assert cohort.exclusions == {
        Exclusion.DECLINED: 1,
        Exclusion.SUPERSEDED: 1,
        Exclusion.BOT_AUTHOR: 1,
        Exclusion.OTHER_DESTINATION: 1,
        Exclusion.SYNC: 1,
        Exclusion.MERGE_TIME_UNKNOWN: 1,
    }


def test_ready_in_a_window_whatever_became_of_them():
    assert ids(became_ready_in(ROWS, WEEK)) == [1, 2, 3, 4, 5]
    assert ids(became_ready_in(ROWS, Window(at("2 Mon 00:00"), at("3 Mon 00:00")))) == [8]


def test_opened_closed_and_open_now():
    assert ids(opened_in(ROWS, WEEK)) == [1, 2, 3, 4, 5, 8]
    assert ids(closed_in(ROWS, WEEK)) == [1, 3, 4]
    assert ids(open_now(ROWS)) == [5]
    assert ids(population(ROWS)) == [1, 2, 3, 4, 5, 8]


def test_the_bots_series_holds_bots_of_the_same_population():
    cohort = merged_in(ROWS, WEEK, chosen=Filter(series=Series.BOT))

    assert ids(cohort) == [6]
    assert cohort.exclusions[Exclusion.HUMAN_AUTHOR] == 1
    assert cohort.exclusions[Exclusion.SYNC] == 1


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(destination="main"), [11, 12]),
        (Filter(destination="develop"), []),
        (Filter(buckets=frozenset({SizeBucket.XL})), [12]),
        (Filter(ids=frozenset({11, 99})), [11]),
    ],
)
def test_what_a_filter_hides_is_neither_in_nor_counted(chosen, expected):
    rows = [
        one(11, merged="Mon 12:00"),
        one(12, merged="Mon 12:00", files=(FileChange(path="a", lines_added=900),)),
    ]
    cohort = merged_in(rows, WEEK, chosen=chosen)

    assert (ids(cohort), cohort.exclusions) == (expected, {})


def test_leaving_out_by_a_further_reason_keeps_the_count():
    cohort = merged_in(ROWS, WEEK).without(Exclusion.UNREVIEWED, lambda item: item.has(Flag.UNREVIEWED))
    assert (ids(cohort), Exclusion.UNREVIEWED in cohort.exclusions) == ([1], False)

    empty = cohort.without(Exclusion.TOO_YOUNG, lambda _: True)
    assert (ids(empty), empty.exclusions[Exclusion.TOO_YOUNG]) == ([], 1)


def test_unread_activity_logs_are_left_out_where_answers_matter():
    rows = [one(1, merged="Mon 12:00", is_activity_known=False), one(2, merged="Mon 12:00")]
    cohort = with_known_activity(merged_in(rows, WEEK))

    assert (ids(cohort), cohort.exclusions) == ([2], {Exclusion.ACTIVITY_UNKNOWN: 1})


def test_an_answer_carries_who_was_left_out_and_the_footnotes():
    rows = [one(1, merged="Mon 12:00", first_commit_at=None), one(2, merged="Mon 12:00"), one(3, declined="Mon 12:00")]
    answer = merged_in(rows, WEEK).answer(MERGED, 2)

    assert (answer.n, answer.value, answer.members, answer.window) == (2, 2, (1, 2), WEEK)
    assert answer.exclusions == {Exclusion.DECLINED: 1}
    assert answer.flags == {"first_commit_assumed": 1, "never_approved": 2}


def test_a_silent_answer_says_whether_there_was_nothing_or_too_little():
    assert merged_in([], WEEK).answer(MERGED, None).why_not is WhyNot.NO_DATA
    assert merged_in(ROWS, WEEK).answer(MERGED, None).why_not is WhyNot.TOO_FEW
    assert merged_in(ROWS, WEEK).answer(MERGED, None, otherwise=WhyNot.NOT_REACHED).why_not is WhyNot.NOT_REACHED


def test_members_fall_into_the_weeks_they_were_merged_in():
    rows = [
        one(1, opened=at("Mon 00:00") - DAY, first_commit_at=None, merged="Mon 00:00"),
        one(2, merged="Sun 23:59"),
        one(3, merged="2 Mon 00:00"),
        one(4, merged="3 Tue 09:00"),
    ]
    weeks = look(SETTINGS, now=at("3 Mon 12:00")).last_weeks(3)
    groups = merged_by_week(merged_in(rows, Window(at("Mon 00:00"), at("4 Mon 00:00"))), weeks)

    assert [[item.id for item in group] for group in groups] == [[1, 2], [3], []]


@given(facts=st.lists(lives(), max_size=15), data=st.data())
def test_members_and_exclusions_add_up_in_any_order(facts, data):
    rows = [measured(one) for one in facts]
    everything = Window(at("Mon 00:00"), at("20 Mon 00:00"))
    closed = [row for row in rows if row.state is not PullRequestState.OPEN]
    cohort = merged_in(rows, everything)

    assert len(cohort) + sum(cohort.exclusions.values()) == len(closed)
    again = merged_in(data.draw(st.permutations(rows)), everything)
    assert sorted(map(repr, again)) == sorted(map(repr, cohort))
    assert again.exclusions == cohort.exclusions


def test_an_empty_cohort_has_no_exclusions():
    assert (len(Cohort(())), Cohort(()).exclusions) == (0, {})
