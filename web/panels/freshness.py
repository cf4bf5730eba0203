"""How far our copy of a history has come and how new it is: the notes above the figures, and the bar while it is being read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import url_for

from bitbucket.errors import BitbucketError
from models import quota, reconciles
from models.backfills import Stage
from models.history import pull_requests
from models.quota import Purpose
from web import formatting, services
from web.language import _
from web.panels.past import Past
from web.panels.states import stale_note

UNHEARD_FOR: Final = timedelta(hours=30)
"""A comparison every night, and some hours for it to be late."""


SHORT_WAIT: Final = timedelta(minutes=1)
"""Of the backfill's next page: too short to be worth a word."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A bar: how many of how many, and that in words."""

    done: int
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """What stands above the figures. ``check_url``: where the reader may have the copy compared with Bitbucket."""

    notes: tuple[str, ...] = ()
    progress: Progress | None = None
    check_url: str | None = None


def freshness(past: Past, trouble: BitbucketError | None = None) -> Freshness:
    """Return what a reader must know of the copy. ``trouble``: what kept us from reading something just now."""
    stale = _stale(past)
    notes = (
        stale_note(trouble, age=formatting.short_age(past.now - past.repository.updated_at)) if trouble else "",
        _measured_anew(past),
        _waits_for_quota(past),
        stale,
    )
    return Freshness(
        tuple(note for note in notes if note),
        _progress(past),
        check_url=url_for("panels.pulse_check") if stale else None,
    )


def _progress(past: Past) -> Progress | None:
    """Return how far the history has been read; nothing once it has."""
    read = past.backfill
    if read is not None and read.stage is Stage.DONE:
        return None
    total = 0 if read is None else (read.open_total or 0) + (read.closed_total or 0)
    if not total:
        return Progress(0, 0, _("The history of this repository is about to be read."))
    done = min(sum(pull_requests.count_by_state(past.session, past.repository).values()), total)
    text = _("History: %(done)s of %(total)s pull requests", done=formatting.count(done), total=formatting.count(total))
    return Progress(done, total, text)


def _measured_anew(past: Past) -> str:
    if not past.is_measured_anew:
        return ""
    return _("The settings have changed: the figures of the past are being worked out again.")


def _waits_for_quota(past: Past) -> str:
    """Say that nothing is asked of Bitbucket for a while, and until when."""
    read = past.backfill
    if read is None or read.next_attempt_at is None or read.next_attempt_at - past.now < SHORT_WAIT:
        return ""
    limit = services.current().settings.calls_per_hour
    used = quota.usage(past.session, past.visit.caller.installation, limit=limit, now=past.now)
    goes_on = f"{past.look().clock.local(read.next_attempt_at):%H:%M}"
    if used.blocked_until is None and used.left_for(Purpose.BACKFILL):
        return _("Bitbucket does not answer: reading goes on at %(time)s.", time=goes_on)
    return _("Bitbucket's hourly limit is used up: reading goes on at %(time)s.", time=goes_on)


def _stale(past: Past) -> str:
    """Say that nothing was heard for longer than should be: no event, and no comparison that came to its end."""
    compared = reconciles.of(past.session, past.repository)
    if compared is None or compared.finished_at is None:
        return ""
    heard_at = max(compared.finished_at, past.repository.updated_at)
    if past.now - heard_at < UNHEARD_FOR:
        return ""
    return _("Last event %(age)s ago: checking.", age=formatting.short_age(past.now - heard_at))
