"""The form of the settings as its template wants it: what stands in every field, what is wrong with it, what can be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from insights.facts.accounts import AccountFacts
from insights.people.bots import Directory
from insights.settings import WorkspaceSettings
from models.history.people import Account
from models.workspace_settings import StoredSettings
from web.language import _, ngettext
from web.panels.setup import fields
from web.panels.setup.changes import week_days
from web.panels.setup.fields import Problem, Reading, Typed

MOST_ACCOUNTS: Final = 200
"""So many accounts are listed, those seen last first. What is decided about others stays as it is."""

_REGIONS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen."""

    value: str
    label: str
    is_chosen: bool
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """The time zones of one part of the world."""

    name: str
    zones: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """Everything that the form shows. `problems` are by field; those of no field stand above it."""

    version: int
    texts: Mapping[str, str]
    problems: Mapping[str, str]
    summary: tuple[Problem, ...]
    notes: tuple[str, ...]
    regions: tuple[Region, ...]
    weekend: tuple[Option, ...]
    week_starts: tuple[Option, ...]
    likely_bots: tuple[Option, ...]
    other_accounts: tuple[Option, ...]
    accounts_note: str
    are_names_shown: bool
    holiday_note: str


def form_of(stored: StoredSettings, accounts: Sequence[Account], reading: Reading | None = None) -> FormView:
    """Return the form with what is stored, or with what was typed and what is wrong with that."""
    directory = directory_of(accounts, stored.settings)
    bots = [account.uuid for account in accounts if directory.is_bot(account.uuid)]
    typed = reading.typed if reading else fields.typed_of(stored.settings, bots=bots)
    problems = reading.problems if reading else ()
    by_field: dict[str, str] = {}
    for problem in problems:
        by_field.setdefault(problem.field, problem.sentence)
    likely = looks_like_bots(accounts)
    rows = [_account_option(account, typed, looks_like_a_bot=likely[account.uuid]) for account in accounts]
    return FormView(
        version=stored.version,
        texts=typed.texts,
        problems=by_field,
        summary=problems,
        notes=reading.notes if reading else (),
        regions=_regions(typed.texts["time_zone"]),
        weekend=_days(typed.checked["weekend"]),
        week_starts=_days({typed.texts["week_starts_on"]}),
        likely_bots=tuple(row for row in rows if row.is_chosen or row.hint),
        other_accounts=tuple(row for row in rows if not row.is_chosen and not row.hint),
        accounts_note=_accounts_note(len(accounts)),
        are_names_shown=bool(typed.checked["are_names_shown"]),
        holiday_note=_holiday_note(typed.texts["holidays"]),
    )


def directory_of(accounts: Iterable[Account], settings: WorkspaceSettings) -> Directory:
    """Return who is a bot under some settings."""
    return Directory(map(_facts, accounts), settings)


def looks_like_bots(accounts: Sequence[Account]) -> dict[str, bool]:
    """Return of each account whether its name and kind say that it is a bot, whatever was decided about it."""
    directory = directory_of(accounts, WorkspaceSettings())
    return {account.uuid: directory.is_bot(account.uuid) for account in accounts}


def name_of(account: Account) -> str:
    """Return what an account is called."""
    return account.display_name or account.nickname or _("Unnamed")


def _facts(account: Account) -> AccountFacts:
    return AccountFacts(
        uuid=account.uuid,
        nickname=account.nickname or "",
        display_name=account.display_name or "",
        kind=account.kind,
    )


def _account_option(account: Account, typed: Typed, *, looks_like_a_bot: bool) -> Option:
    return Option(
        account.uuid,
        name_of(account),
        is_chosen=account.uuid in typed.checked["bots"],
        hint=_("looks like a bot") if looks_like_a_bot else "",
    )


def _accounts_note(listed: int) -> str:
    if not listed:
        return _("No accounts are known yet. They are listed once the history has begun to fill.")
    if listed >= MOST_ACCOUNTS:
        return _("The %(most)s accounts that were seen last are listed.", most=MOST_ACCOUNTS)
    return ""


def _holiday_note(text: str) -> str:
    days = sum(1 for line in text.splitlines() if line.strip())
    return ngettext("%(n)s day", "%(n)s days", days) if days else _("None yet")


def _days(chosen: Iterable[str]) -> tuple[Option, ...]:
    checked = set(chosen)
    return tuple(Option(str(day), name, str(day) in checked) for day, name in enumerate(week_days()))


def _regions(chosen: str) -> tuple[Region, ...]:
    regions = tuple(
        Region(name, tuple(Option(zone, label, zone == chosen) for zone, label in zones)) for name, zones in _zones()
    )
    is_listed = any(zone.is_chosen for region in regions for zone in region.zones)
    # A zone under an old name stays what it is until somebody chooses another.
    return regions if is_listed else (Region(_("Now"), (Option(chosen, chosen, is_chosen=True),)), *regions)


@cache
def _zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Every zone that is called after a place, by the part of the world; UTC first."""
    regions: dict[str, list[tuple[str, str]]] = {"UTC": [("UTC", "UTC")]}
    for zone in sorted(available_timezones()):
        region, _slash, place = zone.partition("/")
        if region in _REGIONS:
            regions.setdefault(region, []).append((zone, place.replace("_", " ")))
    return tuple((name, tuple(zones)) for name, zones in regions.items())
