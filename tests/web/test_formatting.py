"""How numbers, times and names are written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import formatting


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=7), "7 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=1), "1 d"),
        (timedelta(days=1, hours=4, minutes=59), "1 d 4 h"),
        (timedelta(days=9, hours=23), "9 d 23 h"),
        (timedelta(days=10), "10 d"),
        (timedelta(days=74, hours=23), "74 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(span, written):
    assert formatting.duration(span).replace("\N{NO-BREAK SPACE}", " ") == written


def test_no_line_breaks_within_a_duration():
    assert " " not in formatting.duration(timedelta(days=1, hours=4))


def test_in_a_tile_it_breaks_between_its_units_and_nowhere_else():
    parts = formatting.for_a_tile(">\N{NO-BREAK SPACE}" + formatting.duration(timedelta(hours=11, minutes=48))).split(
        " "
    )
    assert parts == [">\N{NO-BREAK SPACE}11\N{NO-BREAK SPACE}h", "48\N{NO-BREAK SPACE}min"]


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(seconds=3), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=61), "1 h"),
        (timedelta(days=2, hours=20), "2 d"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_an_age_has_one_unit_and_is_never_nothing(span, written):
    assert formatting.short_age(span).replace("\N{NO-BREAK SPACE}", " ") == written


def test_a_span_for_machines_is_iso_8601():
    assert formatting.iso_duration(timedelta(days=1, hours=4, minutes=20, seconds=59)) == "P1DT4H20M"
    assert formatting.iso_duration(timedelta(0)) == "P0DT0H0M"


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9000)))
def test_every_span_can_be_written(span):
    assert formatting.duration(span)
    assert formatting.iso_duration(span).startswith("P")


def test_a_moment_is_written_in_utc_whatever_zone_it_came_in():
    moment = datetime(2026, 11, 23, 14, 5, 59, tzinfo=timezone(timedelta(hours=2)))

    assert formatting.iso_time(moment) == "2026-11-23T12:05:59Z"
    assert formatting.full_time(moment) == "Mon 23 Nov 2026, 12:05 UTC"
    assert formatting.iso_time(moment.astimezone(UTC)) == formatting.iso_time(moment)


@pytest.mark.parametrize(("number", "written"), [(0, "0"), (999, "999"), (12345, "12,345"), (1234567, "1,234,567")])
def test_large_counts_are_grouped(number, written):
    assert formatting.count(number) == written


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Silva", "AS"),
        ("ana", "A"),
        ("Mei Lin Zhang", "MZ"),
        ("Aïcha ben Ali", "AA"),
        ("(bot) Heron", "H"),
        ("", "?"),
        ("***", "?"),
    ],
)
def test_somebody_without_a_picture_has_initials(name, letters):
    assert formatting.initials(name) == letters


def test_a_person_keeps_their_colour_and_the_style_sheet_has_it():
    uuids = [f"{{aaaaaaaa-0000-4000-8000-{number:012d}}}" for number in range(200)]

    colours = {formatting.avatar_colour(uuid) for uuid in uuids}
    assert colours == set(range(formatting.AVATAR_COLOURS))
    assert formatting.avatar_colour(uuids[3]) == formatting.avatar_colour(uuids[3])


@pytest.mark.parametrize(
    ("people", "written"),
    [([], ""), (["Ana"], "Ana"), (["Ana", "Tom"], "Ana or Tom"), (["Ana", "Tom", "Eve"], "Ana, Tom or Eve")],
)
def test_a_list_of_names_reads_as_a_person_would_say_it(people, written):
    assert formatting.names(people) == written


def test_a_commit_message_is_its_first_line_cut_where_it_is_long():
    assert formatting.first_line("\n Fix the heron \n\nBecause.") == "Fix the heron"
    assert formatting.first_line("x" * 500, most_characters=20) == "x" * 19 + "…"
