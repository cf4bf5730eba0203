"""One look at the figures: when, and by which clock durations are measured."""

from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock import windows
from insights.clock.working import WorkingClock, clock_of
from insights.result import Window
from insights.settings import ClockKind, WorkspaceSettings


class Look(Struct, frozen=True, kw_only=True):
    """The moment of asking, the workspace's clock, and which of its two readings is wanted."""

    now: datetime
    clock: WorkingClock
    kind: ClockKind = ClockKind.WORK
    week_starts_on: int = 0

    def since(self, start: datetime) -> timedelta:
        """Return the time from a moment up to now; zero for one in the future, as other machines' clocks run ahead."""
        return self.clock.between(self.kind, min(start, self.now), self.now)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the time between two moments."""
        return self.clock.between(self.kind, start, end)

    def last_days(self, days: int) -> Window:
        """Return the window of the last local days up to now."""
        return windows.last_days(days, now=self.now, clock=self.clock)

    def days_before(self, window: Window, days: int) -> Window:
        """Return the window of local days that ends where another starts."""
        return windows.days_before_that(window, days=days, clock=self.clock)

    def last_weeks(self, count: int) -> tuple[windows.Week, ...]:
        """Return the last weeks, oldest first; the running one is the last."""
        return windows.last_weeks(count, now=self.now, clock=self.clock, starts_on=self.week_starts_on)


def look(settings: WorkspaceSettings, *, now: datetime, kind: ClockKind = ClockKind.WORK) -> Look:
    """Return a look for a workspace."""
    return Look(now=now, clock=clock_of(settings), kind=kind, week_starts_on=settings.week_starts_on)
