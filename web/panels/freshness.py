"""How far our copy of a history has come and how new it is: the notes above the figures, and the bar while it is being read."""

from dataclasses import dataclass

from flask import url_for

from bitbucket.errors import BitbucketError
from models import reconciles
from models.backfill_stages import Stage
from models.quota import Hindrance
from sync.health import STALE_AFTER
from sync.progress import Progress
from web import formatting
from web.language import _
from web.panels.past import Past
from web.panels.states import stale_note


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: how many of how many, and that in words."""

    done: int
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """What stands above the figures. ``check_url``: where the reader may have the copy compared with Bitbucket."""

    notes: tuple[str, ...] = ()
    progress: Bar | None = None
    check_url: str | None = None


def freshness(past: Past, trouble: BitbucketError | None = None) -> Freshness:
    """Return what a reader must know of the copy. ``trouble``: what kept us from reading something just now."""
    is_read = past.backfill is not None and past.backfill.stage is Stage.DONE
    progress, quiet = None if is_read else past.progress, _quiet(past)
    notes = (
        stale_note(trouble, age=formatting.short_age(past.now - past.repository.updated_at)) if trouble else "",
        _measured_anew(past),
        _held_up(past, progress),
        quiet,
    )
    check_url = url_for("panels.pulse_check") if quiet else None
    return Freshness(tuple(note for note in notes if note), _bar(progress), check_url)


def _bar(progress: Progress | None) -> Bar | None:
    """Return how far the history has been read; nothing once it has."""
    if progress is None or progress.is_done:
        return None
    if not progress.total:
        return Bar(0, 0, _("The history of this repository is about to be read."))
    text = _(
        "History: %(done)s of %(total)s pull requests",
        done=formatting.count(progress.done),
        total=formatting.count(progress.total),
    )
    if progress.eta is not None:
        text = _("%(text)s, about %(time)s", text=text, time=formatting.short_age(progress.eta))
    return Bar(progress.done, progress.total, text)


def _measured_anew(past: Past) -> str:
    if not past.is_measured_anew:
        return ""
    return _("The settings have changed: the figures of the past are being worked out again.")


def _held_up(past: Past, progress: Progress | None) -> str:
    """Say that nothing is asked of Bitbucket for a while, and until when."""
    if progress is None or progress.is_done or progress.resumes_at is None:
        return ""
    goes_on = f"{past.look().clock.local(progress.resumes_at):%H:%M}"
    if progress.hindrance is Hindrance.FAILURES:
        return _("Bitbucket does not answer: reading goes on at %(time)s.", time=goes_on)
    return _("Bitbucket's hourly limit is used up: reading goes on at %(time)s.", time=goes_on)


def _quiet(past: Past) -> str:
    """Say that nothing was heard for a while: no event that changed anything, and no comparison that came to its end."""
    compared = reconciles.of(past.session, past.repository)
    if compared is None or compared.finished_at is None:
        return ""
    age = past.now - max(compared.finished_at, past.repository.updated_at)
    if age < STALE_AFTER:
        return ""
    is_checking = compared.lease_until is not None and compared.lease_until > past.now
    if is_checking:
        return _("Last event %(age)s ago: checking.", age=formatting.short_age(age))
    return _("Last event %(age)s ago.", age=formatting.short_age(age))
