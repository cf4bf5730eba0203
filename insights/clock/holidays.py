"""Holidays from a calendar file (iCalendar, RFC 5545), as workspaces upload them.

Of the format, what calendars of public holidays use: all-day events, one or several days long, cancelled or not, perhaps
repeated every year. Whatever else stands in the file is named in ``skipped`` so that nobody believes it counts.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from insights.clock.working import ONE_DAY
from insights.errors import HolidaysInvalid

LONGEST_DAYS = 31
MOST_DAYS = 5_000
LAST_YEAR = 2_060

_NAME_AND_VALUE = re.compile(
    r"(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;[^:;=]+=(?:\"[^\"]*\"|[^:;\"]*))*):(?P<value>.*)"
)


class Holiday(Struct, frozen=True, order=True):
    """One day without work and what it is called."""

    day: date
    name: str


class HolidayCalendar(Struct, frozen=True):
    """The holidays in their order, and a sentence for each event that was not understood."""

    holidays: tuple[Holiday, ...]
    skipped: tuple[str, ...]

    @property
    def days(self) -> frozenset[date]:
        """The days alone, as the settings keep them."""
        return frozenset(holiday.day for holiday in self.holidays)


def holidays_from_ics(text: str) -> HolidayCalendar:
    """Read a calendar file. Raises HolidaysInvalid for a text that is no calendar or means more than 5,000 days."""
    lines = _unfolded(text)
    if not lines or lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise HolidaysInvalid("This is not a calendar file: it does not start with BEGIN:VCALENDAR.")
    found: set[Holiday] = set()
    skipped: list[str] = []
    for event in _events(lines):
        name = _plain(event.get("SUMMARY", "")) or "Holiday"
        start = _date(event.get("DTSTART", ""))
        if start is None or (reason := _why_not(event, start)):
            skipped.append(f"{name}: {reason if start else 'it does not last whole days.'}")
            continue
        found.update(Holiday(day, name) for day in _days(event, start))
        if len(found) > MOST_DAYS:
            raise HolidaysInvalid(f"The calendar names more than {MOST_DAYS} days.")
    return HolidayCalendar(tuple(sorted(found)), tuple(skipped))


def _unfolded(text: str) -> list[str]:
    """Join lines that were folded: one that starts with a space or tab goes on from the one before."""
    return re.sub(r"\r?\n[ \t]", "", text.lstrip("\ufeff")).splitlines()


def _events(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the properties of each event that is not cancelled; the first of a name counts."""
    event: dict[str, str] | None = None
    for line in lines:
        match line.strip().upper():
            case "BEGIN:VEVENT":
                event = {}
            case "END:VEVENT" if event is not None:
                if event.get("STATUS", "").upper() != "CANCELLED":
                    yield event
                event = None
            case _ if event is not None and (found := _NAME_AND_VALUE.fullmatch(line)):
                event.setdefault(found["name"].upper(), found["value"].strip())


def _why_not(event: dict[str, str], start: date) -> str | None:
    """Return why an event is not understood, as the rest of a sentence."""
    end = _date(event.get("DTEND", event["DTSTART"]))
    if end is None or "DURATION" in event:
        return "its end is not a day."
    if not timedelta(0) <= end - start <= timedelta(days=LONGEST_DAYS):
        return f"it ends before it starts or is longer than {LONGEST_DAYS} days."
    is_plain = "RRULE" not in event or _is_yearly(_rule_of(event["RRULE"]), start)
    return None if is_plain else "it repeats in a way that is not understood."


def _is_yearly(rule: dict[str, str], start: date) -> bool:
    """Return whether a rule says no more than "every so many years on this day"."""
    same_day = {"BYMONTH": str(start.month), "BYMONTHDAY": str(start.day)}
    return (
        rule.get("FREQ") == "YEARLY"
        and all(rule[name] == same_day.get(name) for name in rule if name.startswith("BY"))
        and all(re.fullmatch("[1-9][0-9]{0,3}", rule.get(name, "1")) for name in ("INTERVAL", "COUNT"))
        and ("UNTIL" not in rule or _date(rule["UNTIL"][:8]) is not None)
    )


def _days(event: dict[str, str], start: date) -> Iterator[date]:
    """Yield every day of an event, repeated where it is."""
    end = _date(event.get("DTEND", "")) or start
    length = max((end - start).days, 1)
    for first in _starts(start, event.get("RRULE")):
        yield from (first + offset * ONE_DAY for offset in range(length))


def _starts(start: date, rule: str | None) -> Iterator[date]:
    parts = _rule_of(rule or "FREQ=YEARLY;COUNT=1")
    until = _date(parts.get("UNTIL", "")[:8]) or date(LAST_YEAR, 12, 31)
    left = int(parts.get("COUNT", LAST_YEAR))
    for year in range(start.year, LAST_YEAR + 1, int(parts.get("INTERVAL", 1))):
        day = _same_day(start, year)
        if left and day is not None and day <= until:
            left -= 1
            yield day


def _same_day(start: date, year: int) -> date | None:
    try:
        return start.replace(year=year)
    except ValueError:  # 29 February
        return None


def _rule_of(rule: str) -> dict[str, str]:
    return dict(part.upper().split("=", 1) for part in rule.split(";") if "=" in part)


def _date(text: str) -> date | None:
    if not re.fullmatch(r"\d{8}", text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Return a text value without its escapes."""
    return re.sub(r"\\([\\;,nN])", lambda found: " " if found[1] in "nN" else found[1], text).strip()
