"""How pages write times, names and numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from simulator.host.formatting import ago, day, first_line, hue, initials, short, size

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "1 week ago"),
        (timedelta(days=29), "4 weeks ago"),
        (timedelta(days=30), "1 month ago"),
        (timedelta(days=364), "12 months ago"),
        (timedelta(days=365), "1 year ago"),
        (timedelta(days=3650), "10 years ago"),
        (timedelta(hours=-2), "in 2 hours"),
    ],
)
def test_a_distance_in_time_is_said_in_its_largest_unit(distance, words):
    assert ago(NOW - distance, NOW) == words


def test_a_day_has_no_leading_zero():
    assert day(datetime(2026, 3, 4, tzinfo=UTC)) == "4 Mar 2026"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lindqvist", "AL"),
        ("Ana Maria da Silva", "AS"),
        ("bittern", "B"),
        ("marsh-api", "MA"),
        ("some_name", "SN"),
        ("Zoë Byrne", "ZB"),
        ("", "?"),
        ("  ", "?"),
        ("(bot) renovate", "R"),
        ("李 明", "李明"),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_name(name, expected):
    assert initials(name) == expected


def test_a_name_keeps_its_colour():
    assert hue("Ada") == hue("Ada")
    assert {hue(f"name {number}") for number in range(100)} != {hue("Ada")}
    assert all(0 <= hue(f"name {number}") < 360 for number in range(100))


@pytest.mark.parametrize(
    ("message", "line"), [("One\n\nTwo", "One"), ("\n\nOne\n", "One"), ("", ""), ("One two", "One two")]
)
def test_a_message_has_a_subject(message, line):
    assert first_line(message) == line


def test_a_hash_is_cut():
    assert short("0123456789abcdef") == "0123456"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (12_345, "12.3 KB"),
        (5_000_000, "5.0 MB"),
        (7_000_000_000, "7.0 GB"),
    ],
)
def test_a_size_has_a_unit(count, text):
    assert size(count) == text
