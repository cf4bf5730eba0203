"""Data health as people read it: how true our copy is, how it fills, what the quota leaves, what has come of the webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from models import repositories
from models.inbox import DeliveryState
from models.installations import Installation
from models.quota import Purpose
from models.reconciles import Drift
from models.repositories import Repository
from sync import health, progress
from sync.health import Comparison, Health
from sync.progress import InstallationProgress
from web import formatting
from web.language import _, ngettext
from web.panels.filling import FillingView, filling_view, name_of, resumes
from web.panels.parts import Figure, Moment, moment

_MOST_REPOSITORIES: Final = 100
_FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the calls of the last hour. `percent` is of all that may be made."""

    name: str
    count: str
    percent: float


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that was given up: what it was about, why, and since when."""

    id: int
    event: str
    repository: str
    received: Moment
    attempts: str
    error: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """Everything that the part of the page shows."""

    filling: FillingView
    figures: tuple[Figure, ...]
    comparison: str
    found: tuple[Share, ...]
    errors: tuple[str, ...]
    calls: tuple[Share, ...]
    calls_note: str
    deliveries: tuple[Figure, ...]
    dead_letters: tuple[DeadLetter, ...]


def health_view(
    session: Session, installation: Installation, *, only: Repository | None, calls_per_hour: int, now: datetime
) -> HealthView:
    """Return the health of a workspace's data, or of one repository's."""
    found = health.health_of(session, installation, now=now, calls_per_hour=calls_per_hour, repository=only)
    filled = progress.progress_of_installation(session, installation, now=now, calls_per_hour=calls_per_hour)
    names = {row.uuid: name_of(row) for row in repositories.held(session, installation)}
    return HealthView(
        filling=filling_view(filled, only=only, at_most=_MOST_REPOSITORIES),
        figures=_figures(found, now=now),
        comparison=_comparison(found.comparison, now=now),
        found=_drift(found.comparison),
        errors=tuple(found.comparison.errors),
        calls=_calls(found),
        calls_note=_calls_note(filled),
        deliveries=_deliveries(found),
        dead_letters=tuple(_dead_letter(one, names, now=now) for one in found.dead_letters),
    )


def _figures(found: Health, *, now: datetime) -> tuple[Figure, ...]:
    last = moment(found.last_event_at, now=now).text if found.last_event_at else _("none yet")
    return (
        Figure(_("Last event"), last, _("longer than usual") if found.last_event_at and found.is_quiet(now) else ""),
        Figure(
            _("Events in the last hour"),
            formatting.count(found.events_last_hour),
            _("%(count)s in a day", count=formatting.count(found.events_last_day)),
        ),
        Figure(
            _("Found without an event"),
            formatting.count(found.comparison.drift),
            _("%(count)s ever", count=formatting.count(found.comparison.found_ever)),
        ),
        Figure(
            _("Calls left this hour"),
            formatting.count(found.calls.left),
            _("of %(count)s", count=formatting.count(found.calls.limit)),
        ),
    )


def _comparison(found: Comparison, *, now: datetime) -> str:
    if found.is_under_way:
        return _("Our copy is being compared with Bitbucket.")
    if found.finished_at is None:
        return _("Our copy has not been compared with Bitbucket yet. That happens every night.")
    age = moment(found.finished_at, now=now).text
    if not found.drift:
        return _("Compared with Bitbucket %(age)s: webhooks had told everything.", age=age)
    return ngettext(
        "Compared with Bitbucket %(age)s: %(n)s change had come without a webhook, and is in our copy now.",
        "Compared with Bitbucket %(age)s: %(n)s changes had come without a webhook, and are in our copy now.",
        found.drift,
        age=age,
    )


def _drift(found: Comparison) -> tuple[Share, ...]:
    words = {
        Drift.REPOSITORY: _("Repositories"),
        Drift.PULL_REQUEST: _("Pull requests"),
        Drift.ACTIVITY: _("Reviews and comments"),
        Drift.REF: _("Branches and tags"),
        Drift.COMMIT: _("Commits"),
        Drift.BUILD: _("Builds"),
        Drift.DEPLOYMENT: _("Deployments"),
    }
    return tuple(
        Share(words[kind], formatting.count(count), count / found.drift * _FULL)
        for kind, count in sorted(found.found.items())
        if count
    )


def _calls(found: Health) -> tuple[Share, ...]:
    words: Mapping[Purpose, str] = {
        Purpose.BACKFILL: _("Reading the history"),
        Purpose.EVENTS: _("Following events"),
        Purpose.RECONCILE: _("Comparing"),
    }
    used = found.calls.by_purpose
    limit = max(found.calls.limit, 1)
    return tuple(
        Share(word, formatting.count(used.get(purpose, 0)), min(used.get(purpose, 0) / limit * _FULL, _FULL))
        for purpose, word in words.items()
    )


def _calls_note(filled: InstallationProgress) -> str:
    return resumes(filled) if filled.resumes_at is not None else ""


def _deliveries(found: Health) -> tuple[Figure, ...]:
    words = {
        DeliveryState.DONE: _("Applied"),
        DeliveryState.IGNORED: _("Set aside"),
        DeliveryState.PENDING: _("Waiting"),
        DeliveryState.DEAD: _("Given up"),
    }
    beside = {DeliveryState.DONE: _("last 24 h"), DeliveryState.IGNORED: _("nothing to apply")}
    return tuple(
        Figure(word, formatting.count(found.deliveries.get(state, 0)), beside.get(state, ""))
        for state, word in words.items()
    )


def _dead_letter(letter: health.DeadLetter, names: Mapping[str, str], *, now: datetime) -> DeadLetter:
    uuid = letter.repository_uuid or ""
    return DeadLetter(
        id=letter.id,
        event=letter.event_key,
        repository=names.get(uuid, uuid),
        received=moment(letter.received_at, now=now),
        attempts=ngettext("%(n)s attempt", "%(n)s attempts", letter.attempts),
        error=letter.error,
    )
