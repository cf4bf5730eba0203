"""The small things of a page as templates want them: worded, formatted, decided. Templates add nothing but markup."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from models.history.people import Account
from web import formatting
from web.language import _

A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment: for machines, in full, and in short."""

    iso: str
    full: str
    text: str


@dataclass(frozen=True, slots=True)
class Lozenge:
    """A word on a colour; the word says all that the colour says."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody: a picture where we may show it, initials where not."""

    name: str
    initials: str
    colour: int
    picture: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its label and what stands beside it."""

    label: str
    value: str
    beside: str = ""
    url: str | None = None
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure means."""

    term: str
    meaning: str


def moment(when: datetime, *, now: datetime) -> Moment:
    """Return a moment as an age, which the browser then keeps up to date."""
    span = now - when
    text = _("just now") if span < A_MINUTE else _("%(age)s ago", age=formatting.short_age(span))
    return Moment(formatting.iso_time(when), formatting.full_time(when), text)


def person(account: Account | None, *, shows: Callable[[str], bool]) -> Person:
    """Return somebody; a deleted account has no name and no picture."""
    if account is None:
        return Person(_("Former user"), "?", 0, None)
    name = account.display_name or account.nickname or _("Unnamed")
    picture = account.avatar_url if account.avatar_url and shows(account.avatar_url) else None
    return Person(name, formatting.initials(name), formatting.avatar_colour(account.uuid), picture)


def picture_filter(origins: tuple[str, ...]) -> Callable[[str], bool]:
    """Return whether a picture may be shown: from these origins, which the page's policy allows, and no other."""
    allowed = frozenset(origins)

    def shows(url: str) -> bool:
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return f"{parts.scheme}://{parts.netloc}" in allowed

    return shows
