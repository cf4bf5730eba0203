"""When people work: from a moment and an amount of working time to the moment when it is done."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.story.cast import Person

_SATURDAY = 5
_LONGEST_SEARCH_DAYS = 400


class Calendar:
    """Everybody's working hours; `end` is where the story stops and what holidays are counted from."""

    def __init__(self, end: datetime) -> None:
        self._end = end

    def is_working_day(self, person: Person, local_day: datetime) -> bool:
        """Whether `person` works on that day of theirs."""
        if local_day.weekday() >= _SATURDAY and not person.weekends:
            return False
        before_end = (self._end.date() - local_day.date()).days
        return not any(start - length < before_end <= start for start, length in person.away)

    def after(self, person: Person, at: datetime, hours: float) -> datetime:
        """When `person`, starting at `at` at the earliest, has worked `hours` more."""
        local = (at + timedelta(minutes=person.offset_minutes)).replace(tzinfo=None)
        left = timedelta(hours=hours)
        for _ in range(_LONGEST_SEARCH_DAYS):
            midnight = datetime.combine(local.date(), time())
            opens, closes = midnight + timedelta(hours=person.starts), midnight + timedelta(hours=person.ends)
            if self.is_working_day(person, midnight) and local < closes:
                begins = max(local, opens)
                if begins + left < closes:
                    return self._universal(person, begins + left)
                left -= closes - begins
            local = midnight + timedelta(days=1)
        raise ValueError(f"{person.key} never works")

    def _universal(self, person: Person, local: datetime) -> datetime:
        return (local - timedelta(minutes=person.offset_minutes)).replace(tzinfo=UTC)
