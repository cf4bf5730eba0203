"""Holidays from calendar files as people find them on the web."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.clock.holidays import Holiday, holidays_from_ics
from insights.errors import HolidaysInvalid


def calendar(*events):
    body = "\r\n".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{body}\r\nEND:VCALENDAR\r\n"


def days_of(*events):
    return [holiday.day.isoformat() for holiday in holidays_from_ics(calendar(*events)).holidays]


def test_an_all_day_event_is_one_holiday():
    found = holidays_from_ics(calendar("DTSTART;VALUE=DATE:20261225\r\nSUMMARY:Christmas"))

    assert found.holidays == (Holiday(date(2026, 12, 25), "Christmas"),)
    assert (found.days, found.skipped) == (frozenset({date(2026, 12, 25)}), ())


def test_the_end_is_the_day_after_the_last():
    assert days_of("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227") == [
        "2026-12-24",
        "2026-12-25",
        "2026-12-26",
    ]


def test_an_end_on_the_day_itself_is_read_as_one_day():
    assert days_of("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261224") == ["2026-12-24"]


def test_a_yearly_holiday_comes_every_year():
    assert days_of("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;COUNT=3") == [
        "2024-05-01",
        "2025-05-01",
        "2026-05-01",
    ]
    assert days_of("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20280501T000000Z") == [
        "2024-05-01",
        "2026-05-01",
        "2028-05-01",
    ]
    assert len(days_of("DTSTART;VALUE=DATE:20240501\r\nRRULE:FREQ=YEARLY")) == 37  # up to 2060


def test_the_29th_of_february_comes_in_leap_years_only():
    assert days_of("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY;COUNT=2") == ["2024-02-29", "2028-02-29"]


def test_folded_lines_and_escapes_are_read_as_one():
    text = calendar("DTSTART;VALUE=DATE:20260406\r\nSUMMARY:Easter\\, the Mon\r\n day\\n(public)")

    assert holidays_from_ics(text).holidays[0].name == "Easter, the Monday (public)"


def test_a_parameter_in_quotes_may_hold_a_colon():
    text = calendar('DTSTART;X-FROM="http://example.com/a;b":20260406\r\nSUMMARY:x')

    assert holidays_from_ics(text).days == {date(2026, 4, 6)}


def test_a_cancelled_event_is_none():
    assert days_of("STATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260406") == []


def test_unix_line_ends_and_a_byte_order_mark_are_fine():
    text = "\ufeff" + calendar("DTSTART;VALUE=DATE:20260406").replace("\r\n", "\n")

    assert holidays_from_ics(text).days == {date(2026, 4, 6)}


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART:20260406T090000Z", "whole days"),
        ("SUMMARY:no start", "whole days"),
        ("DTSTART;VALUE=DATE:20260231", "whole days"),
        ("DTSTART;VALUE=DATE:20260406\r\nDTEND:20260407T120000Z", "end is not a day"),
        ("DTSTART;VALUE=DATE:20260406\r\nDURATION:P1D", "end is not a day"),
        ("DTSTART;VALUE=DATE:20260406\r\nDTEND;VALUE=DATE:20260401", "before it starts"),
        ("DTSTART;VALUE=DATE:20260406\r\nDTEND;VALUE=DATE:20270406", "longer than 31"),
        ("DTSTART;VALUE=DATE:20260406\r\nRRULE:FREQ=WEEKLY", "repeats"),
        ("DTSTART;VALUE=DATE:20260406\r\nRRULE:FREQ=YEARLY;BYDAY=1MO", "repeats"),
        ("DTSTART;VALUE=DATE:20260406\r\nRRULE:FREQ=YEARLY;BYMONTH=5", "repeats"),
        ("DTSTART;VALUE=DATE:20260406\r\nRRULE:FREQ=YEARLY;COUNT=0", "repeats"),
        ("DTSTART;VALUE=DATE:20260406\r\nRRULE:FREQ=YEARLY;UNTIL=soon", "repeats"),
    ],
)
def test_what_is_not_understood_is_named_and_does_not_count(event, why):
    found = holidays_from_ics(calendar(event, "DTSTART;VALUE=DATE:20261225"))

    assert found.days == {date(2026, 12, 25)}
    assert len(found.skipped) == 1
    assert why in found.skipped[0]


@pytest.mark.parametrize("text", ["", "<html>", "BEGIN:VEVENT\nEND:VEVENT"])
def test_it_refuses_what_is_no_calendar(text):
    with pytest.raises(HolidaysInvalid, match="not a calendar"):
        holidays_from_ics(text)


def test_it_refuses_a_calendar_that_would_fill_the_memory():
    flood = [
        f"DTSTART;VALUE=DATE:1900{month:02}01\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:{n}"
        for month in range(1, 10)
        for n in range(9)
    ]

    with pytest.raises(HolidaysInvalid, match="more than 5000"):
        holidays_from_ics(calendar(*flood))


@given(text=st.text(max_size=300))
def test_it_reads_or_refuses_any_text(text):
    try:
        found = holidays_from_ics("BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + text + "\nEND:VEVENT\nEND:VCALENDAR")
    except HolidaysInvalid:
        return
    assert len(found.holidays) + len(found.skipped) <= 5_000
