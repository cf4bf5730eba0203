"""Column types that behave alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from models.base import is_storable, storable
from models.installations import Installation
from tests.tenants import NOON

EAST = timezone(timedelta(hours=5, minutes=30))


def stored(session, row, **values):
    """The values as they come back from the database."""
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    session.expire(row)
    return [getattr(row, name) for name in values]


@pytest.mark.parametrize(
    "moment",
    [
        NOON,
        NOON.replace(microsecond=123_456),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_as_it_was(session, alice, moment):
    (back,) = stored(session, alice, proven_at=moment)
    assert back == moment
    assert back.tzinfo is UTC or back.utcoffset() == timedelta(0)


def test_a_moment_elsewhere_is_the_same_moment(session, alice):
    assert stored(session, alice, proven_at=NOON.astimezone(EAST)) == [NOON]


def test_no_moment_stays_none(session, alice):
    assert stored(session, alice, proven_at=None) == [None]


def test_a_moment_without_a_zone_is_refused(session, alice):
    alice.proven_at = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001 -- the point of the test
    with pytest.raises(StatementError, match="without a time zone"):
        session.flush()


def test_moments_sort_and_compare_as_time_does(session, alice):
    for moment in (NOON, NOON + timedelta(microseconds=1), NOON + timedelta(days=400)):
        stored(session, alice, proven_at=moment)
        before = select(Installation.id).where(Installation.proven_at < moment)
        upto = select(Installation.id).where(Installation.proven_at <= moment.astimezone(EAST))
        assert session.scalar(before) is None
        assert session.scalar(upto) == alice.id


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Alice & Co", "Alice & Co"),
        ("", ""),
        ("Zoë 🐦", "Zoë 🐦"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\udc00", "a\ufffd"),
        ("x" * 256, "x" * 255),
        ("🐦" * 256, "🐦" * 255),
        ("\x00" * 300, "\ufffd" * 255),
    ],
)
def test_text_of_others_is_stored_alike_on_both_databases(session, alice, text, kept):
    assert stored(session, alice, principal_name=text) == [kept]


def test_a_surrogate_pair_in_two_halves_becomes_its_character():
    assert storable("\ud83d\udc26") == "🐦"


@pytest.mark.parametrize(
    ("text", "answer"),
    [("abc", True), ("abcd", False), ("a\x00", False), ("\ud800", False), ("", True), ("🐦🐦🐦", True)],
)
def test_it_knows_what_can_be_looked_for(text, answer):
    assert is_storable(text, length=3) is answer


def test_a_state_that_does_not_exist_is_refused_by_the_database(session, alice):
    session.flush()
    with pytest.raises(IntegrityError):
        session.connection().exec_driver_sql("UPDATE installations SET state = 'perhaps'")
