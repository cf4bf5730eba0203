"""Working hours: when somebody has done so many hours of work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.world.story.calendar import Calendar
from simulator.world.story.cast import BOTS, PEOPLE, Person

END = datetime(2026, 11, 24, tzinfo=UTC)
BERLIN = Person("b", "B", 60, "Europe/Berlin", (), starts=9, ends=17)
TOKYO = Person("t", "T", 540, "Asia/Tokyo", (), starts=9, ends=17)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar(END)


def test_work_begins_when_the_day_does_where_they_are(calendar: Calendar):
    assert calendar.after(BERLIN, MONDAY, 0) == MONDAY + timedelta(hours=8)
    assert calendar.after(TOKYO, MONDAY - timedelta(hours=3), 0) == MONDAY


def test_hours_pass_within_the_day(calendar: Calendar):
    assert calendar.after(BERLIN, MONDAY + timedelta(hours=9), 2.5) == MONDAY + timedelta(hours=11, minutes=30)


def test_what_is_not_done_by_the_evening_goes_on_in_the_morning(calendar: Calendar):
    assert calendar.after(BERLIN, MONDAY + timedelta(hours=15), 2) == MONDAY + timedelta(days=1, hours=9)


def test_nobody_works_at_the_weekend_but_those_who_do(calendar: Calendar):
    friday_evening = MONDAY + timedelta(days=4, hours=20)
    assert calendar.after(BERLIN, friday_evening, 0) == MONDAY + timedelta(days=7, hours=8)
    eager = Person("e", "E", 60, "Europe/Berlin", (), starts=9, ends=17, weekends=True)
    assert calendar.after(eager, friday_evening, 0) == MONDAY + timedelta(days=5, hours=8)


def test_nobody_works_on_holiday(calendar: Calendar):
    away = Person("a", "A", 60, "Europe/Berlin", (), starts=9, ends=17, away=((8, 3),))
    assert calendar.after(away, MONDAY, 0) == MONDAY + timedelta(days=3, hours=8)


def test_a_week_of_work_takes_a_week(calendar: Calendar):
    assert calendar.after(BERLIN, MONDAY, 40) == MONDAY + timedelta(days=7, hours=8)


def test_somebody_who_never_works_is_an_error(calendar: Calendar):
    with pytest.raises(ValueError, match="never works"):
        calendar.after(Person("n", "N", 0, "UTC", (), starts=9, ends=9), MONDAY, 1)


def test_twelve_people_in_many_places_and_two_bots():
    assert len(PEOPLE) == 12
    assert len({person.key for person in PEOPLE}) == 12
    assert len({person.offset_minutes for person in PEOPLE}) >= 7
    assert [person.kind for person in BOTS] == ["app_user", "app_user"]


@pytest.mark.parametrize("area", ["api", "web", "deploy"])
def test_every_repository_has_enough_who_know_it(area: str):
    assert len([person for person in PEOPLE if area in person.areas]) >= 4
