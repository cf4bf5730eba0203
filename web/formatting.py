"""How numbers, times and names are written for people. Templates print what comes from here and compute nothing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from web.language import _

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
TEN_DAYS: Final = 10 * DAY

# Between a number and its unit, where no line may break.
_SPACE: Final = "\N{NO-BREAK SPACE}"

_AFTER_A_UNIT: Final = re.compile(rf"(?<=[^\W\d]){_SPACE}")

# A colour a person keeps: as many as the style sheet has (avatar-0 …).
AVATAR_COLOURS: Final = 6


def duration(span: timedelta) -> str:
    """Write a span in its two largest units: ``1 d 4 h``, ``3 h 20 min``, ``7 min``; below a minute it is ``0 min``.

    From ten days on the hours say nothing any more, and are left out.
    """
    seconds = max(int(span.total_seconds()), 0)
    if seconds >= TEN_DAYS:
        return short_age(span)
    if seconds >= DAY:
        return _two_units(seconds, DAY, _("d"), HOUR, _("h"))
    if seconds >= HOUR:
        return _two_units(seconds, HOUR, _("h"), MINUTE, _("min"))
    return f"{seconds // MINUTE}{_SPACE}{_('min')}"


def for_a_tile(written: str) -> str:
    """Let a duration break between its two units: a tile is narrow, and what does not fit into it would be cut off."""
    return _AFTER_A_UNIT.sub(" ", written)


def short_age(span: timedelta) -> str:
    """Write an age in its largest unit: ``3 d``, ``5 h``, ``12 min``; a minute at least."""
    seconds = max(int(span.total_seconds()), 0)
    for size, unit in ((DAY, _("d")), (HOUR, _("h"))):
        if seconds >= size:
            return f"{seconds // size}{_SPACE}{unit}"
    return f"{max(seconds // MINUTE, 1)}{_SPACE}{_('min')}"


def iso_duration(span: timedelta) -> str:
    """Write a span for machines, as ISO 8601 has it: ``P1DT4H20M``."""
    minutes = max(int(span.total_seconds()), 0) // MINUTE
    days, rest = divmod(minutes, DAY // MINUTE)
    hours, minutes = divmod(rest, HOUR // MINUTE)
    return f"P{days}DT{hours}H{minutes}M"


def iso_time(moment: datetime) -> str:
    """Write a moment for machines: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def full_time(moment: datetime) -> str:
    """Write a moment in full for people; the browser puts it into the reader's own zone where it can."""
    return moment.astimezone(UTC).strftime("%a %d %b %Y, %H:%M UTC")


def count(number: int) -> str:
    """Write a count with groups of three: 12,345."""
    return f"{number:,}"


def initials(name: str) -> str:
    """Return one or two letters for somebody without a picture."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = [word[0] for word in (words[:1] + words[1:][-1:])]
    return "".join(letters).upper() or "?"


def avatar_colour(uuid: str) -> int:
    """Return the colour that somebody keeps, whatever page they are on."""
    return sum(uuid.encode()) % AVATAR_COLOURS


def names(people: list[str]) -> str:
    """Write a list of names as a person would say it: ``Ana``, ``Ana or Tom``, ``Ana, Tom or Eve``."""
    if len(people) <= 1:
        return "".join(people)
    return _("%(first)s or %(last)s", first=", ".join(people[:-1]), last=people[-1])


def first_line(message: str, *, most_characters: int = 120) -> str:
    """Return the first line of a commit message, cut with an ellipsis where it is long."""
    line = message.strip().partition("\n")[0].strip()
    return line if len(line) <= most_characters else line[: most_characters - 1].rstrip() + "…"


def _two_units(seconds: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    whole, rest = divmod(seconds, large)
    part = rest // small
    text = f"{whole}{_SPACE}{large_unit}"
    return f"{text}{_SPACE}{part}{_SPACE}{small_unit}" if part else text
