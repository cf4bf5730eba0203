"""How histories fill, as people read it while they wait: a sentence, a bar for each repository, about how long it takes yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from models.quota import Hindrance
from models.repositories import Repository
from sync.progress import InstallationProgress, Progress
from web import formatting
from web.language import _, ngettext
from web.panels.parts import Lozenge

_FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Filling:
    """How far the history of one repository is. `percent` is for a bar."""

    name: str
    state: Lozenge
    percent: int
    text: str
    error: str


@dataclass(frozen=True, slots=True)
class FillingView:
    """How far all of it is, and each repository; `more` counts those that are not listed."""

    headline: str
    subline: str
    rows: tuple[Filling, ...]
    more: str


def filling_view(filled: InstallationProgress, *, only: Repository | None = None, at_most: int) -> FillingView:
    """Return how the histories of a workspace fill, or that of one repository; unfinished ones first."""
    rows = [one for one in filled.repositories if only is None or one[0].id == only.id]
    unfinished_first = sorted(rows, key=lambda one: one[1].is_done)
    return FillingView(
        headline=_headline(rows, is_listed=filled.is_listed),
        subline=_subline(filled, rows[0][1].eta if only and rows else filled.eta),
        rows=tuple(_filling(name_of(row), one) for row, one in unfinished_first[:at_most]),
        more=_more(len(rows) - at_most),
    )


def name_of(repository: Repository) -> str:
    """Return what a repository is called, with its workspace."""
    return repository.full_name or repository.name or repository.uuid


def time_left(span: timedelta) -> str:
    """Return about how long something takes yet, no more exactly than anybody can know."""
    if span < timedelta(minutes=1):
        return _("less than a minute")
    if span < timedelta(hours=1):
        return _("about %(time)s", time=formatting.short_age(span))
    hours = timedelta(hours=round(span / timedelta(hours=1)))
    return _("about %(time)s", time=formatting.duration(hours))


def resumes(filled: InstallationProgress) -> str:
    """Return why nothing is read, and from when on it is. There is such a time."""
    assert filled.resumes_at is not None  # noqa: S101 - tells the type checker what the caller has asked
    why = {
        Hindrance.RATE_LIMIT: _("Bitbucket's hourly limit is used up"),
        Hindrance.FAILURES: _("Bitbucket has failed several times in a row"),
        Hindrance.BUDGET: _("The calls set aside for this hour are used up"),
    }.get(filled.hindrance or Hindrance.BUDGET, "")
    return _("%(why)s; reading goes on at %(time)s.", why=why, time=_clock(filled.resumes_at))


def _headline(rows: Sequence[tuple[Repository, Progress]], *, is_listed: bool) -> str:
    done = sum(one.done for _row, one in rows)
    total = sum(one.total for _row, one in rows)
    if rows and all(one.is_done for _row, one in rows) and is_listed:
        return ngettext(
            "The history is complete: %(count)s pull request.",
            "The history is complete: %(count)s pull requests.",
            total,
            count=formatting.count(total),
        )
    if not total:
        return _("The history is about to be read.")
    return _("History: %(done)s of %(total)s pull requests", done=formatting.count(done), total=formatting.count(total))


def _subline(filled: InstallationProgress, eta: timedelta | None) -> str:
    if filled.is_done or eta == timedelta(0):
        return ""
    if filled.resumes_at is not None:
        return resumes(filled)
    if eta is None:
        return _("The repositories of the workspace are being listed.") if not filled.is_listed else ""
    return _("%(time)s to go", time=time_left(eta)).capitalize()


def _clock(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%H:%M UTC")


def _filling(name: str, one: Progress) -> Filling:
    return Filling(
        name, _filling_state(one), int(one.share * _FULL), _filling_text(one), "" if one.hindrance else one.error or ""
    )


def _filling_state(one: Progress) -> Lozenge:
    if one.is_done:
        return Lozenge(_("Complete"), "success")
    if one.hindrance is not None:
        return Lozenge(_("Waiting"), "warning")
    return Lozenge(_("Reading"), "information")


def _filling_text(one: Progress) -> str:
    total = formatting.count(one.total)
    if one.is_done:
        return ngettext("%(count)s pull request", "%(count)s pull requests", one.total, count=total)
    if not one.total:
        return _("not begun")
    return _("%(done)s of %(total)s pull requests", done=formatting.count(one.done), total=total)


def _more(count: int) -> str:
    return ngettext("and %(n)s more repository", "and %(n)s more repositories", count) if count > 0 else ""
