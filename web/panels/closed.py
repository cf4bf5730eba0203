"""The pull requests that were closed of late, as a process keeps them, and what was worked out of them.

A merge changes one of them, and one of their days. What a figure needs of each day is kept while that day's stay the very same
ones, so that a view after a merge goes through one day and not through three months.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar, cast

from insights.pull_requests.measurement import Measurement
from insights.pull_requests.tally import Tally
from insights.result import Window

T = TypeVar("T")

FIGURE_LASTS: Final = timedelta(minutes=10)
"""So long a figure of the past stands while nothing is closed: its window moves on by no more than that."""

MOST_FIGURES: Final = 200
"""Kept of one repository: those of filters that nobody chooses again go with the rest."""

MOST_KEPT: Final = 1000
"""Of days and weeks of one repository. A hundred days are looked at for each figure; those that are past go with the rest."""

MANY_CHANGES: Final = 50
"""From so many on, all are put in order anew."""

_DAY: Final = timedelta(days=1)

Moment = Callable[[Measurement], datetime | None]
Take = Callable[[Iterable[Measurement], Window], Tally]


def closing(item: Measurement) -> datetime:
    """Return when one was closed; where that is lost, when it was opened: there it is looked for."""
    return item.stamps.closed or item.stamps.opened


@dataclass(frozen=True)
class Days:
    """Some pull requests by the UTC day of one of their moments; under None those that have none."""

    moment: Moment
    days: Mapping[date | None, tuple[Measurement, ...]]
    kept: dict[object, tuple[tuple[tuple[Measurement, ...], ...], Any]] = field(default_factory=dict, repr=False)
    """What was worked out of some days, with what they held then. Shared with those that follow after a change."""

    @classmethod
    def of(cls, items: Iterable[Measurement], moment: Moment) -> "Days":
        """Sort them by their days."""
        found: dict[date | None, list[Measurement]] = {}
        for item in items:
            found.setdefault(_day(moment(item)), []).append(item)
        return cls(moment, {day: tuple(some) for day, some in found.items()})

    def with_changes(self, gone: Iterable[Measurement], come: Iterable[Measurement]) -> "Days":
        """Return these less some and with others. Days that nothing happened to are the very same."""
        days = dict(self.days)
        for item in gone:
            day = _day(self.moment(item))
            days[day] = tuple(one for one in days[day] if one.id != item.id)
        for item in come:
            day = _day(self.moment(item))
            days[day] = (*days.get(day, ()), item)
        return Days(self.moment, days, self.kept)

    def tally(self, name: object, window: Window, take: Take) -> Tally:
        """Return the tally of a window. The name says all that taking it depends on, besides the window."""
        parts = []
        for day in _days_of(window):
            if held := self.days.get(day):
                make = _taking(take, held, window)
                is_whole = window.start <= _midnight(day) and _midnight(day + _DAY) <= window.end
                parts.append(self._kept((name, day), (held,), make) if is_whole else make())
        return Tally.together(parts)

    def figure(self, name: object, window: Window, make: Callable[[], T]) -> T:
        """Return a figure over a window that lies in the past for good, kept while its days hold the very same ones."""
        return self._kept((name, window), tuple(self.days.get(day, ()) for day in _days_of(window)), make)

    def _kept(self, name: object, source: tuple[tuple[Measurement, ...], ...], make: Callable[[], T]) -> T:
        made_of, value = self.kept.get(name, (None, None))
        if made_of is None or any(one is not other for one, other in zip(made_of, source, strict=True)):
            value = make()
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[name] = (source, value)
        return cast("T", value)


@dataclass(frozen=True)
class Closed:
    """Those that were closed, in the order of their closing, and the figures that were worked out from them alone."""

    items: tuple[Measurement, ...] = ()
    by_number: Mapping[int, Measurement] = field(default_factory=dict, repr=False)
    figures: dict[object, tuple[datetime, Any]] = field(default_factory=dict, repr=False)
    days: dict[Moment, Days] = field(default_factory=dict, repr=False)
    """The same by their days, for each moment that somebody has asked for."""

    @classmethod
    def of(cls, items: Iterable[Measurement]) -> "Closed":
        """Put them in order."""
        ordered = tuple(sorted(items, key=closing))
        return cls(ordered, {item.id: item for item in ordered})

    def with_ended(self, ended: Collection[Measurement], *, without: Collection[int]) -> "Closed":
        """Return these less some, with others in their places: cheaper than putting all in order for one that was merged."""
        gone = [self.by_number[number] for number in without if number in self.by_number]
        by_number = dict(self.by_number)
        for item in gone:
            del by_number[item.id]
        by_number.update((item.id, item) for item in ended)
        if len(gone) + len(ended) >= MANY_CHANGES:
            return Closed.of(by_number.values())
        items = list(self.items)
        for item in gone:
            del items[_place(items, item)]
        for item in ended:
            insort(items, item, key=closing)
        days = {moment: one.with_changes(gone, ended) for moment, one in self.days.copy().items()}
        return Closed(tuple(items), by_number, days=days)

    def since(self, start: datetime) -> tuple[Measurement, ...]:
        """Return those closed from a moment on."""
        return self.items[bisect_left(self.items, start, key=closing) :]

    def by_day(self, moment: Moment) -> Days:
        """Return them by their days."""
        if moment not in self.days:
            self.days[moment] = Days.of(self.items, moment)
        return self.days[moment]

    def figure(self, name: object, make: Callable[[], T], *, now: datetime) -> T:
        """Return a figure of these, worked out a moment ago or now. The name says all that it depends on besides."""
        return kept_a_while(self.figures, name, make, now=now)


def kept_a_while(known: dict[object, tuple[datetime, Any]], name: object, make: Callable[[], T], *, now: datetime) -> T:
    """Return what was worked out a moment ago, or now."""
    made_at, value = known.get(name, (None, None))
    if made_at is None or not timedelta(0) <= now - made_at < FIGURE_LASTS:
        value = make()
        if len(known) >= MOST_FIGURES:
            known.clear()
        known[name] = (now, value)
    return cast("T", value)


def _place(items: Sequence[Measurement], item: Measurement) -> int:
    """Return where one stands, among those that were closed at the same moment."""
    place = bisect_left(items, closing(item), key=closing)
    while items[place].id != item.id:
        place += 1
    return place


def _taking(take: Take, held: tuple[Measurement, ...], window: Window) -> Callable[[], Tally]:
    return lambda: take(held, window)


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(UTC).date()


def _days_of(window: Window) -> Iterator[date]:
    """Yield the UTC days that a window reaches into."""
    day = window.start.astimezone(UTC).date()
    while _midnight(day) < window.end:
        yield day
        day += _DAY


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
