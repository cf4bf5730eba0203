"""Arrival and departure."""

import pytest

from insights.clock.look import look
from insights.flow.arrivals import arrivals
from insights.result import Exclusion, WhyNot
from tests.insights.lives import DAY, RENOVATE, SETTINGS, at, measured, pull_request

NOW = look(SETTINGS, now=at("3 Wed 12:00"))


def one(number, opened, **fields):
    return measured(pull_request(opened=opened, first=opened, number=number, **fields))


ROWS = [
    one(1, at("Mon 00:00") - DAY, merged="Mon 12:00"),
    one(2, "Mon 09:00", merged="2 Tue 09:00"),
    one(3, "Tue 09:00", declined="Wed 09:00"),
    one(4, "2 Mon 00:00"),
    one(5, "2 Wed 09:00", is_draft=True),
    one(6, "3 Tue 09:00", merged="3 Wed 09:00"),
    one(7, "Mon 09:00", author=RENOVATE),
]


def test_each_week_says_what_came_and_what_went_and_what_was_left():
    answer = arrivals(ROWS, NOW, weeks=3)

    # Week 1: opened 2, 3; merged 1; closed 1, 3; left: 2. Week 2: opened 4 (at its very start), 5; merged 2; left: 4, 5.
    # Week 3, up to now: 6 came and went.
    told = [(week.opened, week.merged, week.closed, week.open_at_end) for week in answer.value.weeks]
    assert told == [(2, 1, 2, 1), (2, 1, 1, 2), (1, 1, 1, 2)]
    # Closed 4 of 5 opened.
    assert answer.value.closure_ratio == pytest.approx(4 / 5)
    assert (answer.exclusions, answer.window.start) == ({Exclusion.BOT_AUTHOR: 1}, at("Mon 00:00"))


def test_what_stays_plus_what_comes_less_what_goes_is_what_is_left():
    weeks = arrivals(ROWS, NOW, weeks=3).value.weeks
    left = 1  # open before the first week
    for week in weeks:
        left += week.opened - week.closed
        assert week.open_at_end == left


def test_where_nothing_came_there_is_no_ratio():
    answer = arrivals([one(1, at("Mon 00:00") - DAY, merged="Mon 12:00")], NOW, weeks=3)

    assert answer.value.closure_ratio is None
    assert arrivals([], NOW).why_not is WhyNot.NO_DATA
