"""How long something took: by the wall clock, and by the working clock that stands still on days without work.

Unit: timedelta, exact to the microsecond. Source: panels.md section 4, "Clock": work is wall minus the workspace's
weekend days and listed holidays in the workspace's time zone; a working day counts all of its hours (24, and 23 or 25 when
the clocks change), so that nobody is punished for when in the day they work.

Both clocks are readings that are subtracted: what adds up on one adds up on the other, without rounding.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from insights.errors import NaiveTime, TimesOutOfOrder
from insights.settings import ClockKind, WorkspaceSettings

ONE_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Calendar:
    """The spans without work in some years, with how much of them lies before each."""

    __slots__ = ("before", "end", "ends", "start", "starts", "years")

    def __init__(self, spans: list[tuple[int, int]], *, start: int, end: int, years: tuple[int, int]) -> None:
        self.start = start
        self.end = end
        self.years = years
        self.starts = [begin for begin, _ in spans]
        self.ends = [end for _, end in spans]
        self.before = [0, *accumulate(end - begin for begin, end in spans)]

    def covers(self, start: int, end: int) -> bool:
        return self.start <= start and end <= self.end

    def idle_until(self, at: int) -> int:
        """Return the microseconds without work from the calendar's start to a moment within it."""
        index = bisect_right(self.starts, at)
        if index and at < self.ends[index - 1]:
            return self.before[index - 1] + at - self.starts[index - 1]
        return self.before[index]


class WorkingClock:
    """Measures spans of time for one workspace. Immutable to its users; it widens its calendar as it needs."""

    def __init__(self, *, time_zone: str, weekend: Collection[int], holidays: Collection[date]) -> None:
        self.zone = ZoneInfo(time_zone)
        self._weekend = frozenset(weekend)
        self._holidays = frozenset(holidays)
        self._calendar: _Calendar | None = None

    def between(self, kind: ClockKind, start: datetime, end: datetime) -> timedelta:
        """Return the time from ``start`` to ``end`` by the clock that is asked for.

        Raises TimesOutOfOrder where ``end`` lies before ``start``, NaiveTime for a time without a zone.
        """
        return self.wall(start, end) if kind is ClockKind.WALL else self.work(start, end)

    def wall(self, start: datetime, end: datetime) -> timedelta:
        """Return the seconds that passed. Raises as ``between``."""
        return timedelta(microseconds=_microseconds(end) - _ordered(start, end))

    def work(self, start: datetime, end: datetime) -> timedelta:
        """Return the time that passed on working days. Raises as ``between``."""
        first, last = _ordered(start, end), _microseconds(end)
        calendar = self._covering(first, last)
        return timedelta(microseconds=last - first - calendar.idle_until(last) + calendar.idle_until(first))

    def after(self, start: datetime, worked: timedelta) -> datetime:
        """Return the first moment by which ``worked`` has passed on working days since ``start``: a deadline.

        Raises ValueError for a negative time.
        """
        if worked < timedelta(0):
            raise ValueError("time worked cannot be negative")
        moment = start
        while missing := worked - self.work(start, moment):
            moment += missing
        return moment

    def local(self, at: datetime) -> datetime:
        """Return the moment in the workspace's time zone."""
        return at.astimezone(self.zone)

    def midnight(self, day: date) -> datetime:
        """Return when a local day starts, in UTC. Where midnight is skipped, the day starts when the clocks move on."""
        return datetime.combine(day, time.min, tzinfo=self.zone).astimezone(UTC)

    def is_working_day(self, day: date) -> bool:
        """Return whether the day counts on the working clock."""
        return day.weekday() not in self._weekend and day not in self._holidays

    def _covering(self, first: int, last: int) -> _Calendar:
        calendar = self._calendar
        if calendar is None or not calendar.covers(first, last):
            known = calendar.years if calendar else ()
            years = (_moment(first).year, _moment(last).year, *known)
            # A year of room on both sides: a repository's history makes its calendar two or three times in all.
            calendar = self._calendar = self._calendar_of(max(min(years) - 1, 2), min(max(years) + 2, 9998))
        return calendar

    def _calendar_of(self, first_year: int, end_year: int) -> _Calendar:
        start, end = date(first_year, 1, 1), date(end_year, 1, 1)
        return _Calendar(
            list(self._idle_spans(start, end)),
            start=_microseconds(self.midnight(start)),
            end=_microseconds(self.midnight(end)),
            years=(first_year, end_year),
        )

    def _idle_spans(self, first: date, end: date) -> Iterator[tuple[int, int]]:
        """Yield the spans without work from ``first`` up to the day ``end``, neighbouring days as one."""
        day, since = first, None
        while day < end:
            is_working = self.is_working_day(day)
            if is_working and since is not None:
                yield _microseconds(self.midnight(since)), _microseconds(self.midnight(day))
                since = None
            elif not is_working and since is None:
                since = day
            day += ONE_DAY
        if since is not None:
            yield _microseconds(self.midnight(since)), _microseconds(self.midnight(end))


def clock_of(settings: WorkspaceSettings) -> WorkingClock:
    """Return the clock of a workspace. Equal settings give the same clock, whose calendar is made once."""
    return _clock(settings.time_zone, settings.weekend, settings.holidays)


@lru_cache(maxsize=256)
def _clock(time_zone: str, weekend: frozenset[int], holidays: frozenset[date]) -> WorkingClock:
    return WorkingClock(time_zone=time_zone, weekend=weekend, holidays=holidays)


def _ordered(start: datetime, end: datetime) -> int:
    first = _microseconds(start)
    if _microseconds(end) < first:
        raise TimesOutOfOrder(start, end)
    return first


def _microseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise NaiveTime(at)
    return (at - _EPOCH) // _MICROSECOND


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
