"""Presence: one row that says when somebody was last here, and since when nobody was."""

from __future__ import annotations

from datetime import timedelta

from models import presence
from tests.tenants import NOON

ABSENCE = timedelta(seconds=30)
MINUTE = timedelta(minutes=1)


def note(session, now):
    return presence.note(session, now=now, absence=ABSENCE)


def test_before_the_first_note_nobody_was_here(session):
    assert presence.seen_at(session) is None
    assert presence.away_since(session) is None


def test_the_first_note_ends_no_absence(session):
    assert note(session, NOON) is None
    assert presence.seen_at(session) == NOON


def test_a_note_soon_after_the_last_one_ends_no_absence(session):
    note(session, NOON)
    assert note(session, NOON + ABSENCE / 2) is None
    assert (presence.seen_at(session), presence.away_since(session)) == (NOON + ABSENCE / 2, None)


def test_a_note_long_after_the_last_one_ends_an_absence_that_is_kept(session):
    note(session, NOON)
    assert note(session, NOON + MINUTE) == MINUTE
    assert presence.away_since(session) == NOON


def test_an_absence_before_the_last_one_was_made_up_for_is_the_same_absence(session):
    for minutes in (0, 1, 2):
        note(session, NOON + minutes * MINUTE)
    assert presence.away_since(session) == NOON


def test_one_of_two_makes_up_for_it(session):
    note(session, NOON)
    note(session, NOON + MINUTE)
    assert presence.make_up(session, NOON)
    assert not presence.make_up(session, NOON)
    assert presence.away_since(session) is None


def test_an_absence_that_has_begun_earlier_is_not_made_up_for(session):
    note(session, NOON)
    note(session, NOON + MINUTE)
    assert not presence.make_up(session, NOON - MINUTE)
    assert presence.away_since(session) == NOON


def test_a_clock_that_was_put_back_makes_no_absence(session):
    note(session, NOON)
    assert note(session, NOON - 60 * MINUTE) is None
    assert presence.seen_at(session) == NOON - 60 * MINUTE
