"""How pages write times, names and numbers. Pure; the templates' filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.host.markup import to_markup

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Blueprint

_STEPS = (
    ("year", 365 * 86400),
    ("month", 30 * 86400),
    ("week", 7 * 86400),
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)
SHORT_HASH = 7
# Hues far enough apart to tell twelve people from each other; text on them stays readable (white, 45 % lightness).
_HUES = (8, 28, 145, 168, 190, 208, 226, 250, 270, 292, 318, 340)


def ago(then: datetime, now: datetime) -> str:
    """A distance in time in its largest whole unit: "3 days ago", "in 2 hours", "just now"."""
    seconds = (now - then).total_seconds()
    for unit, length in _STEPS:
        count = int(abs(seconds) // length)
        if count:
            distance = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{distance} ago" if seconds > 0 else f"in {distance}"
    return "just now"


def day(at: datetime) -> str:
    """A date as people read it: 23 Nov 2026."""
    return f"{at.day} {at:%b %Y}"


def initials(name: str) -> str:
    """One or two letters for an avatar."""
    words = [word for word in name.replace("-", " ").replace("_", " ").split() if word[0].isalnum()]
    ends = [words[0], words[-1]] if len(words) > 1 else words or [name.strip() or "?"]
    return "".join(word[0] for word in ends).upper()


def hue(name: str) -> int:
    """The colour of a name: always the same one."""
    return _HUES[sum(name.encode()) % len(_HUES)]


def first_line(message: str) -> str:
    """The subject of a commit message."""
    return message.strip().partition("\n")[0]


def short(commit_hash: str) -> str:
    """A hash as pages show it."""
    return commit_hash[:SHORT_HASH]


def size(byte_count: int | None) -> str:
    """A file's size: 3.2 KB."""
    if byte_count is None:
        return ""
    amount = float(byte_count)
    for unit in ("B", "KB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def register_filters(blueprint: Blueprint) -> None:
    """Let templates use all of this."""
    for function in (day, initials, hue, first_line, short, size):
        blueprint.add_app_template_filter(function, function.__name__)
    blueprint.add_app_template_filter(to_markup, "markup")
