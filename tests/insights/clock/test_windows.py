"""Windows of whole local days and weeks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.look import look
from insights.clock.windows import days_before_that, ends_of_days, last_days, last_weeks
from insights.clock.working import WorkingClock
from insights.result import Window
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.lives import CLOCK, HOUR, at

BERLIN = WorkingClock(time_zone="Europe/Berlin", weekend={5, 6}, holidays=())
NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)


def berlin(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_28_days_end_now_and_hold_each_weekday_four_times():
    window = last_days(28, now=NOW, clock=CLOCK)

    assert (window.start, window.end) == (datetime(2026, 10, 26, 9, 15, tzinfo=UTC), NOW)
    days = [(window.start + timedelta(days=number)).weekday() for number in range(28)]
    assert sorted(days) == sorted(list(range(7)) * 4)


def test_a_window_over_a_change_of_the_clocks_starts_at_the_same_time_of_day():
    # In Berlin the clocks went back on 25 October 2026: 28 local days before 20 November 10:00 are an hour longer.
    window = last_days(28, now=berlin(2026, 11, 20, 10), clock=BERLIN)

    assert window.start == berlin(2026, 10, 23, 10)
    assert window.end - window.start == timedelta(days=28, hours=1)


def test_the_window_before_ends_where_this_one_starts():
    window = last_days(28, now=NOW, clock=CLOCK)
    before = days_before_that(window, days=28, clock=CLOCK)

    assert (before.start, before.end) == (datetime(2026, 9, 28, 9, 15, tzinfo=UTC), window.start)


def test_a_window_holds_its_start_and_not_its_end():
    window = Window(at("Mon 00:00"), at("Tue 00:00"))

    held = [window.holds(at(text)) for text in ("Sun 23:59", "Mon 00:00", "Mon 23:59", "Tue 00:00")]
    assert held == [False, True, True, False]
    assert not window.holds(None)


def test_weeks_start_on_monday_at_local_midnight_and_the_running_one_ends_now():
    # Monday 23 November 2026, 09:15 UTC is 10:15 in Berlin; that week has just begun.
    weeks = last_weeks(3, now=NOW, clock=BERLIN)

    assert [week.window.start for week in weeks] == [
        berlin(2026, 11, 9),
        berlin(2026, 11, 16),
        berlin(2026, 11, 23),
    ]
    assert [week.is_whole for week in weeks] == [True, True, False]
    assert weeks[-1].window.end == NOW


def test_a_week_may_start_on_sunday():
    weeks = last_weeks(2, now=NOW, clock=CLOCK, starts_on=6)

    assert [week.window.start.strftime("%a %d") for week in weeks] == ["Sun 15", "Sun 22"]


@given(
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    starts_on=st.integers(0, 6),
)
def test_weeks_follow_each_other_without_gaps(now, starts_on):
    weeks = last_weeks(26, now=now, clock=BERLIN, starts_on=starts_on)

    assert all(one.window.end == other.window.start for one, other in pairwise(weeks))
    assert all(week.window.start <= week.window.end for week in weeks)
    assert weeks[-1].window.end == now
    assert {BERLIN.local(week.window.start).weekday() for week in weeks} == {starts_on}


def test_days_end_at_local_midnight_and_the_last_no_later_than_the_window():
    ends = list(ends_of_days(Window(berlin(2026, 10, 23, 10), berlin(2026, 10, 27, 0)), BERLIN))

    # Friday to Monday: four ends, the last of them the window's own. Sunday 25 October has 25 hours.
    assert ends == [berlin(2026, 10, day) for day in (24, 25, 26, 27)]
    assert ends[2] - ends[1] == 25 * HOUR


@pytest.mark.parametrize(("kind", "hours"), [(ClockKind.WALL, 63), (ClockKind.WORK, 15)])
def test_a_look_measures_by_the_clock_that_is_asked_for(kind, hours):
    # Fri 18:00 to 2 Mon 09:00: 63 hours by the wall; 6 of Friday and 9 of Monday at work.
    one = look(WorkspaceSettings(), now=at("2 Mon 09:00"), kind=kind)

    assert one.since(at("Fri 18:00")) == hours * HOUR
    assert one.between(at("Fri 18:00"), at("2 Mon 09:00")) == hours * HOUR


def test_a_look_takes_a_moment_in_the_future_for_now():
    one = look(WorkspaceSettings(), now=at("Mon 09:00"))

    assert one.since(at("Mon 09:01")) == timedelta(0)


def test_a_look_knows_the_workspaces_weeks_and_windows():
    one = look(WorkspaceSettings(week_starts_on=6), now=NOW)

    assert one.last_weeks(1)[0].window.start == datetime(2026, 11, 22, tzinfo=UTC)
    assert one.days_before(one.last_days(28), 28).end == one.last_days(28).start
