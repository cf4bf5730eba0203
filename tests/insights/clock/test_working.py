"""The working clock stands still on weekends and holidays of the workspace's zone, and adds up exactly."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.working import WorkingClock, clock_of
from insights.errors import NaiveTime, TimesOutOfOrder
from insights.settings import ClockKind, WorkspaceSettings
from tests.insights.lives import at

HOUR = timedelta(hours=1)
UTC_CLOCK = WorkingClock(time_zone="UTC", weekend={5, 6}, holidays=())
BERLIN = WorkingClock(time_zone="Europe/Berlin", weekend={5, 6}, holidays={date(2026, 12, 25)})


def berlin(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_what_is_opened_on_friday_evening_and_answered_on_saturday_took_four_hours():
    # The published example: Fri 20:00 to Sat 08:00. Friday has 4 hours left, Saturday counts nothing.
    assert UTC_CLOCK.work(at("Fri 20:00"), at("Sat 08:00")) == 4 * HOUR
    assert UTC_CLOCK.wall(at("Fri 20:00"), at("Sat 08:00")) == 12 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("Mon 09:00", "Mon 17:30", 8.5),  # within a day
        ("Mon 22:00", "Tue 06:00", 8),  # a working day has 24 hours: nights count
        ("Sat 03:00", "Sun 21:00", 0),  # a weekend has none
        ("Sat 12:00", "2 Mon 02:00", 2),  # starts on the weekend: the clock runs from Monday 00:00
        ("Thu 00:00", "2 Tue 00:00", 72),  # Thu, Fri, Mon
        ("Mon 00:00", "3 Mon 00:00", 240),  # two weeks of five days
        ("Wed 10:00", "Wed 10:00", 0),
    ],
)
def test_working_time_leaves_the_weekend_out(start, end, hours):
    assert UTC_CLOCK.work(at(start), at(end)) == hours * HOUR


def test_a_weekend_is_that_of_the_workspaces_zone():
    # In Tokyo (UTC+9) the weekend of 7 and 8 March starts on Friday 15:00 UTC and ends on Sunday 15:00 UTC.
    tokyo = WorkingClock(time_zone="Asia/Tokyo", weekend={5, 6}, holidays=())

    assert tokyo.work(at("Fri 14:00"), at("Sun 16:00")) == 2 * HOUR


def test_a_weekend_may_be_friday_and_saturday():
    dubai = WorkingClock(time_zone="UTC", weekend={4, 5}, holidays=())

    assert dubai.work(at("Thu 00:00"), at("2 Mon 00:00")) == 48 * HOUR  # Thu and Sun


def test_a_holiday_counts_nothing_even_beside_a_weekend():
    # Christmas 2026 is a Friday: from Thursday noon to Monday noon there are 12 + 12 hours.
    assert BERLIN.work(berlin(2026, 12, 24, 12), berlin(2026, 12, 28, 12)) == 24 * HOUR


def test_a_holiday_on_a_weekend_takes_nothing_away():
    clock = WorkingClock(time_zone="UTC", weekend={5, 6}, holidays={date(2026, 3, 7)})

    assert clock.work(at("Fri 00:00"), at("2 Tue 00:00")) == 48 * HOUR


def test_a_working_day_on_which_the_clocks_go_forward_has_23_hours():
    # With a Friday-and-Saturday weekend, Sunday 29 March 2026 is a working day; in Berlin 02:00 becomes 03:00.
    clock = WorkingClock(time_zone="Europe/Berlin", weekend={4, 5}, holidays=())

    assert clock.work(berlin(2026, 3, 29), berlin(2026, 3, 30)) == 23 * HOUR


def test_a_working_day_on_which_the_clocks_go_back_has_25_hours():
    clock = WorkingClock(time_zone="Europe/Berlin", weekend={4, 5}, holidays=())

    assert clock.work(berlin(2026, 10, 25), berlin(2026, 10, 26)) == 25 * HOUR


def test_the_hour_that_is_lost_on_a_weekend_is_not_missed():
    # Fri 27 March 22:00 to Mon 30 March 02:00 in Berlin: 2 hours of Friday, 2 of Monday; wall: 51 hours, not 52.
    start, end = berlin(2026, 3, 27, 22), berlin(2026, 3, 30, 2)

    assert (BERLIN.work(start, end), BERLIN.wall(start, end)) == (4 * HOUR, 51 * HOUR)


def test_a_day_starts_when_the_clocks_move_on_where_midnight_is_skipped():
    # Beirut, 29 March 2026: 00:00 becomes 01:00, which is 22:00 UTC of the day before.
    clock = WorkingClock(time_zone="Asia/Beirut", weekend={5, 6}, holidays=())

    assert clock.midnight(date(2026, 3, 29)) == datetime(2026, 3, 28, 22, tzinfo=UTC)


def test_a_clock_reaches_as_far_as_it_is_asked():
    # From Monday 2 January 2006 to Monday 1 January 2046 there are exactly 2,087 weeks (14,609 days), of 120 hours each.
    start, end = datetime(2006, 1, 2, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
    clock = WorkingClock(time_zone="UTC", weekend={5, 6}, holidays=())

    assert clock.work(at("Mon 00:00"), at("Tue 00:00")) == 24 * HOUR
    assert clock.work(start, end) == 2087 * 120 * HOUR
    assert clock.work(at("Mon 00:00"), at("Tue 00:00")) == 24 * HOUR


def test_equal_settings_share_a_clock():
    assert clock_of(WorkspaceSettings()) is clock_of(WorkspaceSettings(required_approvals=2))
    assert clock_of(WorkspaceSettings()) is not clock_of(WorkspaceSettings(time_zone="Asia/Tokyo"))


def test_the_kind_of_clock_is_chosen_by_name():
    assert UTC_CLOCK.between(ClockKind.WALL, at("Fri 00:00"), at("Sun 00:00")) == 48 * HOUR
    assert UTC_CLOCK.between(ClockKind.WORK, at("Fri 00:00"), at("Sun 00:00")) == 24 * HOUR


def test_a_deadline_skips_the_weekend():
    assert UTC_CLOCK.after(at("Fri 22:00"), 4 * HOUR) == at("2 Mon 02:00")
    assert UTC_CLOCK.after(at("Fri 22:00"), timedelta(0)) == at("Fri 22:00")
    assert UTC_CLOCK.after(at("Sat 10:00"), HOUR) == at("2 Mon 01:00")


def test_a_deadline_cannot_lie_in_the_past():
    with pytest.raises(ValueError, match="negative"):
        UTC_CLOCK.after(at("Mon 00:00"), -HOUR)


def test_it_refuses_a_span_that_ends_before_it_starts():
    with pytest.raises(TimesOutOfOrder, match="lies before"):
        UTC_CLOCK.work(at("Tue 00:00"), at("Mon 00:00"))
    with pytest.raises(TimesOutOfOrder):
        UTC_CLOCK.wall(at("Tue 00:00"), at("Mon 00:00"))


def test_it_refuses_a_time_without_a_zone():
    with pytest.raises(NaiveTime, match="no time zone"):
        UTC_CLOCK.work(datetime(2026, 3, 2), at("Tue 00:00"))  # noqa: DTZ001 - that is the point


# Hypothesis puts the zone to naive limits itself.
DECADES = datetime(2015, 1, 1), datetime(2035, 1, 1)  # noqa: DTZ001
YEAR = datetime(2025, 1, 1), datetime(2026, 1, 1)  # noqa: DTZ001
MOMENTS = st.datetimes(*DECADES, timezones=st.just(UTC))
CLOCKS = st.builds(
    WorkingClock,
    time_zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Asia/Beirut"]
    ),
    weekend=st.sets(st.integers(0, 6), max_size=6),
    holidays=st.sets(st.dates(date(2014, 1, 1), date(2036, 1, 1)), max_size=5),
)


@given(clock=CLOCKS, moments=st.lists(MOMENTS, min_size=2, max_size=6).map(sorted))
def test_spans_that_follow_each_other_add_up_exactly(clock, moments):
    parts = [clock.work(start, end) for start, end in pairwise(moments)]

    assert sum(parts, timedelta(0)) == clock.work(moments[0], moments[-1])
    assert all(timedelta(0) <= part for part in parts)


@given(clock=CLOCKS, moments=st.lists(MOMENTS, min_size=2, max_size=2).map(sorted))
def test_working_time_is_never_longer_than_wall_time(clock, moments):
    assert clock.work(*moments) <= clock.wall(*moments)


@given(clock=CLOCKS, start=MOMENTS, hours=st.integers(0, 500))
def test_a_deadline_is_reached_when_its_time_has_been_worked(clock, start, hours):
    assert clock.work(start, clock.after(start, hours * HOUR)) == hours * HOUR


@given(
    clock=CLOCKS,
    moments=st.lists(st.datetimes(*YEAR, timezones=st.just(UTC)), min_size=2, max_size=2).map(sorted),
)
def test_it_agrees_with_counting_day_by_day(clock, moments):
    """The plain way: for each local day, the part of the span that lies in it, if the day is worked."""
    start, end = moments
    total, day = timedelta(0), clock.local(start).date()
    while (midnight := clock.midnight(day)) < end:
        next_midnight = clock.midnight(day + timedelta(days=1))
        if clock.is_working_day(day):
            total += max(min(end, next_midnight) - max(start, midnight), timedelta(0))
        day += timedelta(days=1)

    assert clock.work(start, end) == total
