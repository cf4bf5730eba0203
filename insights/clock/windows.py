"""The spans of time that figures are worked out over.

Source: panels.md section 4, "Windows": 28 days are four whole weeks, so that every weekday counts equally often; weeks start on
the workspace's first day of the week (Monday) at local midnight. Arithmetic is on local days: a window over a change of
the clocks is an hour longer or shorter, and starts at the same time of day.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from insights.clock.working import ONE_DAY, WorkingClock
from insights.result import Window

RECENT_DAYS = 28
BASELINE_DAYS = 90
YEAR_DAYS = 364
"""Fifty-two whole weeks."""
TREND_WEEKS = 26
SPARKLINE_WEEKS = 12


class Week(Struct, frozen=True):
    """A local week; the running one is not whole, and ends now."""

    window: Window
    is_whole: bool


def last_days(days: int, *, now: datetime, clock: WorkingClock) -> Window:
    """Return the window of the last ``days`` local days up to now."""
    return Window(_days_before(now, days, clock), now)


def days_before_that(window: Window, *, days: int, clock: WorkingClock) -> Window:
    """Return the window of ``days`` local days that ends where another starts: what it is compared with."""
    return Window(_days_before(window.start, days, clock), window.start)


def last_weeks(count: int, *, now: datetime, clock: WorkingClock, starts_on: int = 0) -> tuple[Week, ...]:
    """Return ``count`` weeks, oldest first; the last is the running one, which ends now."""
    today = clock.local(now).date()
    monday = today - (today.weekday() - starts_on) % 7 * ONE_DAY
    weeks = []
    for back in range(count - 1, -1, -1):
        first = monday - back * 7 * ONE_DAY
        start, end = clock.midnight(first), clock.midnight(first + 7 * ONE_DAY)
        weeks.append(Week(Window(start, min(end, now)), is_whole=end <= now))
    return tuple(weeks)


def ends_of_days(window: Window, clock: WorkingClock) -> Iterator[datetime]:
    """Yield the moments at which the local days of a window end, the last of them no later than the window's end."""
    day = clock.local(window.start).date() + ONE_DAY
    while (midnight := clock.midnight(day)) <= window.end:
        yield midnight
        day += ONE_DAY


def _days_before(at: datetime, days: int, clock: WorkingClock) -> datetime:
    # Subtracting from a local time keeps the time of day; the zone's offset is looked up again afterwards.
    return (clock.local(at) - timedelta(days=days)).astimezone(UTC)
