"""The hour of the night: by the workspace's clock, spread, and the same every night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sync.reconcile.night import NIGHT_BEGINS, NIGHT_LASTS, next_night

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def test_it_is_the_coming_night_of_the_workspace():
    at = next_night(NOON, zone=TOKYO, key="heron").astimezone(TOKYO)
    assert at.date() == datetime(2026, 11, 24, tzinfo=TOKYO).date()
    assert NIGHT_BEGINS.hour <= at.hour < NIGHT_BEGINS.hour + NIGHT_LASTS / timedelta(hours=1)


def test_it_is_the_same_every_night_but_never_now():
    first = next_night(NOON, zone=UTC, key="heron")
    assert next_night(first, zone=UTC, key="heron") == first + timedelta(days=1)
    assert next_night(first - timedelta(seconds=1), zone=UTC, key="heron") == first


def test_they_are_spread():
    """However many repositories a workspace has, their comparisons do not begin together."""
    nights = sorted(next_night(NOON, zone=UTC, key=f"{number}") for number in range(400))
    by_hour = [sum(night.hour == hour for night in nights) for hour in range(1, 5)]
    assert sum(by_hour) == 400
    assert min(by_hour) > 60


@given(
    st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "UTC"]),
    st.text(max_size=8),
)
def test_it_is_within_two_days_whatever_the_clocks_do(now, zone, key):
    assert now < next_night(now, zone=ZoneInfo(zone), key=key) <= now + timedelta(days=2)
