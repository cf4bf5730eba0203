"""What a change of the settings would change: the same pull requests, measured both ways, in the repositories where most happens."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from insights.clock.look import Look, look
from insights.clock.windows import RECENT_DAYS
from insights.facts.accounts import AccountFacts
from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from insights.flow.headline import headline
from insights.flow.targets import pickup_target
from insights.pull_requests.context import context_of
from insights.pull_requests.measurement import Measurement, measure
from insights.pull_requests.size import SizeBucket
from insights.pulse.pickup import Estimate
from insights.settings import WorkspaceSettings
from models.history import measurements, people, pull_request_facts
from models.installations import Installation
from models.repositories import Repository, held
from sync.history.measuring import settings_for
from web import formatting
from web.language import _
from web.panels.filling import name_of
from web.panels.setup.changes import NOTHING

MOST_REPOSITORIES: Final = 3
MOST_PULL_REQUESTS: Final = 300
"""Of each repository, those that were touched last: a preview answers while somebody waits."""

_MARGIN: Final = timedelta(days=2)
"""Both time zones' days lie within the window's and these."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure under the settings that hold and under those that are typed."""

    figure: str
    before: str
    after: str

    @property
    def is_different(self) -> bool:
        """Whether the change shows in it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RepositoryPreview:
    """The figures of one repository."""

    name: str
    lines: tuple[Line, ...]
    note: str

    @property
    def different(self) -> tuple[Line, ...]:
        """The figures in which the change shows."""
        return tuple(line for line in self.lines if line.is_different)

    @property
    def same(self) -> tuple[Line, ...]:
        """The others."""
        return tuple(line for line in self.lines if not line.is_different)


@dataclass(frozen=True, slots=True)
class Preview:
    """The figures of the repositories where most happens."""

    repositories: tuple[RepositoryPreview, ...]
    note: str


def preview(
    session: Session,
    installation: Installation,
    *,
    before: WorkspaceSettings,
    after: WorkspaceSettings,
    now: datetime,
) -> Preview:
    """Measure the last 28 days of the busiest repositories under both settings."""
    start = now - timedelta(days=RECENT_DAYS) - _MARGIN
    counted = [(measurements.count_since(session, row, start), row) for row in held(session, installation)]
    busiest = sorted((one for one in counted if one[0]), key=lambda one: (-one[0], one[1].id))[:MOST_REPOSITORIES]
    shown = tuple(_of_repository(session, row, (before, after), start=start, now=now) for _count, row in busiest)
    note = "" if shown else _("No pull request of the last 28 days is held yet, so there is nothing to compare.")
    return Preview(shown, note)


def _of_repository(
    session: Session,
    repository: Repository,
    settings: tuple[WorkspaceSettings, WorkspaceSettings],
    *,
    start: datetime,
    now: datetime,
) -> RepositoryPreview:
    numbers = sorted({one.id for one in measurements.since(session, repository, start)})
    latest = numbers[-MOST_PULL_REQUESTS:]
    facts = pull_request_facts.some(session, repository, latest)
    accounts = people.facts(session, repository)
    before, after = (_figures(facts, accounts, settings_for(one, repository), now=now) for one in settings)
    lines = tuple(Line(figure, text, after[figure]) for figure, text in before.items())
    note = _("the newest %(most)s pull requests", most=MOST_PULL_REQUESTS) if len(latest) < len(numbers) else ""
    return RepositoryPreview(name_of(repository), lines, note)


def _figures(
    facts: Sequence[PullRequestFacts], accounts: Iterable[AccountFacts], settings: WorkspaceSettings, *, now: datetime
) -> dict[str, str]:
    context = context_of(settings, accounts)
    rows = [measure(one, context) for one in facts]
    seen = look(settings, now=now)
    head = headline(rows, seen)
    found, merge, review = head.pickup.now.value, head.open_to_merge.now.value, head.review.now.value
    unreviewed = head.unreviewed.now.value
    return {
        _("Merged pull requests counted"): formatting.count(head.merged.now.value or 0),
        _("Pull requests by bots"): formatting.count(sum(row.is_bot for row in rows)),
        _("Pickup, half within"): _estimate(found.p50) if found else NOTHING,
        _("Pickup, 85 of 100 within"): _estimate(found.p85) if found and found.p85 else NOTHING,
        _("Review, half within"): formatting.duration(review.p50) if review else NOTHING,
        _("Open to merge, half within"): formatting.duration(merge.p50) if merge else NOTHING,
        _("Open to merge, 85 of 100 within"): formatting.duration(merge.p85) if merge and merge.p85 else NOTHING,
        _("Merged without review"): formatting.count(unreviewed.count) if unreviewed else NOTHING,
        _("Large or larger, open"): formatting.count(sum(map(_is_large_and_open, rows))),
        _("Pickup target met"): _target(rows, seen, settings),
    }


def _is_large_and_open(row: Measurement) -> bool:
    return row.state is PullRequestState.OPEN and row.bucket in {SizeBucket.L, SizeBucket.XL}


def _target(rows: Sequence[Measurement], seen: Look, settings: WorkspaceSettings) -> str:
    if settings.pickup_target is None:
        return NOTHING
    found = pickup_target(rows, seen, settings.pickup_target).value
    return f"{found.share * 100:.0f}\N{NO-BREAK SPACE}%" if found else NOTHING


def _estimate(estimate: Estimate) -> str:
    text = formatting.duration(estimate.time)
    return f"> {text}" if estimate.is_lower_bound else text
