"""The likely merge window, worked out on paper."""

from datetime import timedelta

import pytest

from insights.clock.look import look
from insights.facts.pull_requests import FileChange
from insights.pull_requests.cohorts import population
from insights.pull_requests.merge_window import MergeWindow, merge_window
from insights.result import WhyNot
from tests.insights.lives import (
    HOUR,
    SETTINGS,
    at,
    commented,
    measured,
    merged_after,
    pull_request,
)

NOW = look(SETTINGS, now=at("2 Thu 00:00"))
# Forty merged ones: pickups of 1 to 40 hours, then 2 hours to the merge. All of one size.
PAST = [merged_after(number * HOUR, number=100 + number) for number in range(1, 41)]


def waiting_since(opened, *events, number=1, **fields):
    return measured(pull_request(*events, opened=opened, number=number, **fields))


def window_of(item, *past, rows=PAST):
    return merge_window(item, population([*rows, item, *past]), NOW)


def test_a_fresh_one_is_compared_with_all_of_them():
    # Remaining times of all forty: 3 to 42 hours. A quarter (10 of 40) are merged by 12 hours, three quarters (30) by 32.
    answer = window_of(waiting_since("2 Thu 00:00"))

    assert answer.value == MergeWindow(12 * HOUR, 32 * HOUR)
    assert (answer.n, len(answer.members)) == (40, 40)


def test_one_that_has_waited_is_compared_with_those_that_waited_as_long():
    # It has waited 10 hours. 31 of the forty had pickups of 10 to 40 hours; from then they took 2 to 32 hours more.
    # A quarter of 31 is reached with the 8th (9 hours), three quarters with the 24th (25 hours).
    answer = window_of(waiting_since("2 Wed 14:00"))

    assert (answer.value, answer.n) == (MergeWindow(9 * HOUR, 25 * HOUR), 31)


def test_fewer_than_thirty_to_compare_hide_it():
    # After 12 hours 29 of the forty had waited as long.
    answer = window_of(waiting_since("2 Wed 12:00"))

    assert (answer.value, answer.why_not, answer.n) == (None, WhyNot.TOO_FEW, 29)


def test_open_ones_count_as_at_least_as_long_as_they_have_taken():
    # Ten more are open, all in pickup for 72 hours: 50 at risk. A quarter: 1 - 13/50 = 0.74 with the 13th: 15 hours.
    # Three quarters are 38 of 50: the 38th takes 40 hours, before any open one leaves the risk.
    still_open = [waiting_since("2 Mon 00:00", number=number) for number in range(2, 12)]
    answer = window_of(waiting_since("2 Thu 00:00"), *still_open)

    assert (answer.value, answer.n) == (MergeWindow(15 * HOUR, 40 * HOUR), 50)


def test_where_too_many_are_open_there_is_no_upper_end_or_nothing():
    twenty = [waiting_since("2 Mon 00:00", number=number) for number in range(2, 22)]
    many = [waiting_since("2 Mon 00:00", number=number) for number in range(2, 200)]

    # 40 of 60 were merged: a quarter is 15 (17 hours), three quarters are 45: never reached.
    assert window_of(waiting_since("2 Thu 00:00"), *twenty).value == MergeWindow(17 * HOUR, None)
    assert window_of(waiting_since("2 Thu 00:00"), *many).why_not is WhyNot.NOT_REACHED


def test_only_the_same_stage_and_size_compare():
    answered = waiting_since("2 Wed 22:00", commented("2 Wed 23:00"))
    large = waiting_since("2 Thu 00:00", files=(FileChange(path="a", lines_added=5_000),))

    # In review for one hour: the forty reviews took an hour, then an hour to the merge: all at one hour more.
    assert window_of(answered).value == MergeWindow(HOUR, HOUR)
    assert (window_of(large).n, window_of(large).why_not) == (0, WhyNot.TOO_FEW)


def test_declined_ones_and_those_merged_more_than_a_year_ago_do_not_compare():
    declined = [
        measured(pull_request(opened="2 Mon 00:00", declined="2 Tue 00:00", number=number)) for number in range(2, 9)
    ]
    old = [merged_after(HOUR, number=300 + n, ready=at("Mon 00:00") - timedelta(days=400)) for n in range(5)]

    assert window_of(waiting_since("2 Thu 00:00"), *declined, *old).n == 40


def test_a_draft_has_no_window():
    assert window_of(waiting_since("2 Wed 00:00", is_draft=True)).why_not is WhyNot.NOT_READY


@pytest.mark.parametrize("fields", [{"files": None}, {"is_activity_known": False}])
def test_without_the_size_or_the_log_nobody_can_say(fields):
    assert window_of(waiting_since("2 Wed 00:00", **fields)).why_not is WhyNot.NOT_KNOWN


@pytest.mark.parametrize(("hours", "held"), [(5, False), (6, True), (20, True), (21, False)])
def test_a_window_holds_both_its_ends(hours, held):
    assert MergeWindow(6 * HOUR, 20 * HOUR).holds(hours * HOUR) is held


def test_a_window_without_an_upper_end_holds_anything_above():
    assert MergeWindow(6 * HOUR, None).holds(999 * HOUR)
