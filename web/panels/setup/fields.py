"""The settings as a form has them: every field as text or as a choice of several, read with every problem at once."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from insights.clock.holidays import MOST_DAYS, holidays_from_ics
from insights.errors import HolidaysInvalid, SettingsInvalid
from insights.settings import Target, WorkspaceSettings
from web.language import _, ngettext

T = TypeVar("T")

MOST_LINES: Final = 200
LONGEST_LINE: Final = 255
MOST_APPROVALS: Final = 20
MOST_SIZE: Final = 1_000_000
MOST_BRANCH_DAYS: Final = 3_650
LONGEST_TARGET_HOURS: Final = 1_000
SIZES: Final = ("size_xs", "size_s", "size_m", "size_l")
AGES: Final = ("active_days", "quiet_days", "stale_days")
YES: Final = "yes"

_WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field, as a sentence that says what to write instead."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields: texts, and of lists of boxes those that are checked."""

    texts: Mapping[str, str]
    checked: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a form. `settings` are there where nothing is wrong; `notes` say what a calendar has brought."""

    typed: Typed
    settings: WorkspaceSettings | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


class Form(Protocol):
    """What a form sends: the first value of a name, and all of them."""

    def get(self, key: str, default: str) -> str:
        """Return the first value."""

    def getlist(self, key: str) -> list[str]:
        """Return all values."""


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A field cannot be read; the message says what to write."""


@dataclass(slots=True)
class _Reader:
    """Reads fields one after the other and remembers what was wrong with each."""

    form: Form
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], T], *, otherwise: T) -> T:
        try:
            return parse(self.form.get(name, ""))
        except _Refused as refused:
            self.refuse(name, str(refused))
            return otherwise

    def refuse(self, name: str, sentence: str) -> None:
        self.problems.append(Problem(name, sentence))


def typed_of(settings: WorkspaceSettings, *, bots: Collection[str] = ()) -> Typed:
    """Return what the fields of a form hold for these settings; `bots` are the listed accounts that count as bots."""
    target = settings.pickup_target
    texts = {
        "time_zone": settings.time_zone,
        "week_starts_on": str(settings.week_starts_on),
        "holidays": "\n".join(day.isoformat() for day in sorted(settings.holidays)),
        "required_approvals": str(settings.required_approvals),
        "long_lived_branches": "\n".join(settings.long_lived_branches),
        "generated_globs": "\n".join(settings.generated_globs),
        **dict(zip(SIZES, map(str, settings.size_limits), strict=True)),
        **dict(zip(AGES, map(str, (settings.active_days, settings.quiet_days, settings.stale_days)), strict=True)),
        "target_share": f"{target.share * 100:g}" if target else "",
        "target_hours": f"{target.within / timedelta(hours=1):g}" if target else "",
    }
    checked = {
        "weekend": frozenset(map(str, settings.weekend)),
        "are_names_shown": frozenset({YES} if settings.are_names_shown else ()),
        "bots": frozenset(bots),
    }
    return Typed(texts, checked)


def read(form: Form, held: WorkspaceSettings, *, calendar: bytes = b"", looks_like_bots: Mapping[str, bool]) -> Reading:
    """Read a form into settings. What it has no field for stays as it is held.

    `calendar` is an uploaded file of holidays; `looks_like_bots` says of every known account what its name says.
    """
    reader = _Reader(form)
    notes: list[str] = []
    holidays = reader.read("holidays", _days, otherwise=held.holidays) | _calendar(reader, calendar, notes)
    named = _named(form, held, looks_like_bots)
    changes = {
        "time_zone": reader.read("time_zone", _zone, otherwise=held.time_zone),
        "weekend": _weekend(reader, held),
        "week_starts_on": reader.read("week_starts_on", _weekday, otherwise=held.week_starts_on),
        "holidays": holidays,
        "required_approvals": reader.read("required_approvals", _up_to(MOST_APPROVALS), otherwise=1),
        "long_lived_branches": reader.read("long_lived_branches", _lines, otherwise=held.long_lived_branches),
        "generated_globs": reader.read("generated_globs", _lines, otherwise=held.generated_globs),
        "size_limits": _sizes(reader, held),
        **_ages(reader, held),
        "are_names_shown": YES in form.getlist("are_names_shown"),
        "pickup_target": _target(reader),
        "bots": named.bots,
        "humans": named.humans,
    }
    settings = _made(reader, held, changes)
    return Reading(_as_typed(form, holidays, reader.problems), settings, tuple(reader.problems), tuple(notes))


def _made(reader: _Reader, held: WorkspaceSettings, changes: Mapping[str, object]) -> WorkspaceSettings | None:
    if reader.problems:
        return None
    try:
        return replace(held, **changes)
    except SettingsInvalid as invalid:
        for sentence in invalid.problems:
            reader.refuse("", sentence)
        return None


def _as_typed(form: Form, holidays: Collection[date], problems: Sequence[Problem]) -> Typed:
    """Return what was typed, word for word; days of a calendar stand among the others once they are understood."""
    names = ("time_zone", "week_starts_on", "holidays", "required_approvals", "long_lived_branches", "generated_globs")
    texts = {name: form.get(name, "") for name in (*names, *SIZES, *AGES, "target_share", "target_hours")}
    if not any(problem.field in {"holidays", "calendar"} for problem in problems):
        texts["holidays"] = "\n".join(day.isoformat() for day in sorted(holidays))
    checked = {name: frozenset(form.getlist(name)) for name in ("weekend", "are_names_shown", "bots")}
    return Typed(texts, checked)


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise _Refused(_("Choose a time zone from the list.")) from None
    return text


def _weekend(reader: _Reader, held: WorkspaceSettings) -> frozenset[int]:
    days = frozenset(int(day) for day in reader.form.getlist("weekend") if day in set("0123456"))
    if len(days) == 7:
        reader.refuse("weekend", _("Leave at least one day of the week for work."))
        return held.weekend
    return days


def _weekday(text: str) -> int:
    if text not in set("0123456"):
        raise _Refused(_("Choose the day on which a week starts."))
    return int(text)


def _days(text: str) -> frozenset[date]:
    days = frozenset(_day(line) for line in _each_line(text))
    if len(days) > MOST_DAYS:
        raise _Refused(_("Write at most %(most)s days.", most=MOST_DAYS))
    return days


def _day(line: str) -> date:
    try:
        return date.fromisoformat(line)
    except ValueError:
        raise _Refused(
            _("“%(line)s” is no day. Write each as year, month and day: 2026-12-25.", line=line[:40])
        ) from None


def _calendar(reader: _Reader, content: bytes, notes: list[str]) -> frozenset[date]:
    if not content:
        return frozenset()
    try:
        calendar = holidays_from_ics(content.decode())
    except UnicodeDecodeError:
        reader.refuse("calendar", _("The calendar file is not text in UTF-8. Save it as a calendar file (.ics)."))
        return frozenset()
    except HolidaysInvalid as invalid:
        reader.refuse("calendar", str(invalid))
        return frozenset()
    notes.append(
        ngettext(
            "%(n)s day came from the calendar file.", "%(n)s days came from the calendar file.", len(calendar.days)
        )
    )
    notes.extend(_("Left out: %(what)s", what=sentence) for sentence in calendar.skipped)
    return calendar.days


def _up_to(most: int, *, least: int = 0) -> Callable[[str], int]:
    def parse(text: str) -> int:
        stripped = text.strip()
        if _WHOLE_NUMBER.fullmatch(stripped) is None or not least <= int(stripped) <= most:
            raise _Refused(_("Write a whole number from %(least)s to %(most)s.", least=least, most=most))
        return int(stripped)

    return parse


def _lines(text: str) -> tuple[str, ...]:
    lines = tuple(dict.fromkeys(_each_line(text)))
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise _Refused(
            _("Write at most %(lines)s lines of %(length)s characters.", lines=MOST_LINES, length=LONGEST_LINE)
        )
    if any(not line.isprintable() for line in lines):
        raise _Refused(_("A line holds a character that no name has."))
    return lines


def _each_line(text: str) -> Iterator[str]:
    return filter(None, (line.strip() for line in text.splitlines()))


def _sizes(reader: _Reader, held: WorkspaceSettings) -> tuple[int, int, int, int]:
    before = len(reader.problems)
    xs, s, m, large = (reader.read(name, _up_to(MOST_SIZE), otherwise=0) for name in SIZES)
    if len(reader.problems) > before:
        return held.size_limits
    if not xs < s < m < large:
        reader.refuse("size_xs", _("Make each size larger than the one before it."))
        return held.size_limits
    return (xs, s, m, large)


def _ages(reader: _Reader, held: WorkspaceSettings) -> dict[str, int]:
    before = len(reader.problems)
    ages = {name: reader.read(name, _up_to(MOST_BRANCH_DAYS, least=1), otherwise=1) for name in AGES}
    if len(reader.problems) == before and not ages["active_days"] < ages["quiet_days"] < ages["stale_days"]:
        reader.refuse("active_days", _("Make each of the three ages longer than the one before it."))
    return ages if len(reader.problems) == before else {name: getattr(held, name) for name in AGES}


def _target(reader: _Reader) -> Target | None:
    share, hours = (reader.form.get(name, "").strip() for name in ("target_share", "target_hours"))
    if not share and not hours:
        return None
    before = len(reader.problems)
    percent = reader.read("target_share", _above_zero(100), otherwise=1.0)
    within = reader.read("target_hours", _above_zero(LONGEST_TARGET_HOURS), otherwise=1.0)
    return Target(share=percent / 100, within=timedelta(hours=within)) if len(reader.problems) == before else None


def _above_zero(most: int) -> Callable[[str], float]:
    def parse(text: str) -> float:
        stripped = text.strip()
        number = float(stripped.replace(",", ".")) if _NUMBER.fullmatch(stripped) else 0.0
        if not 0 < number <= most:
            raise _Refused(_("Write a number above 0 and up to %(most)s, or leave both fields empty.", most=most))
        return number

    return parse


@dataclass(frozen=True, slots=True)
class _Named:
    bots: frozenset[str]
    humans: frozenset[str]


def _named(form: Form, held: WorkspaceSettings, looks_like_bots: Mapping[str, bool]) -> _Named:
    """Return who is named a bot or a person against what their account looks like. Who was not listed stays what they are."""
    listed, checked = looks_like_bots.keys() & set(form.getlist("listed")), frozenset(form.getlist("bots"))
    bots = {uuid for uuid in listed & checked if not looks_like_bots[uuid]}
    humans = {uuid for uuid in listed - checked if looks_like_bots[uuid]}
    return _Named((held.bots - listed) | bots, (held.humans - listed) | humans)
