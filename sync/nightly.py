"""What is worked out at night of each repository: resampled changes, how often forecasts were right, the punch cards, delivery.

It takes seconds where the history is long, so no view does it. There is no cursor: a night that is cut short is done again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Final

import structlog
from msgspec.structs import replace
from sqlalchemy.orm import Session

from insights.clock.look import Look, look
from insights.clock.windows import BASELINE_DAYS, TREND_WEEKS, YEAR_DAYS
from insights.deployments.delivery import change_failures, deployed_at, deployment_frequency, lead_time
from insights.flow.forecast_honesty import forecast_honesty
from insights.flow.headline import Changes, changes
from insights.flow.punch_card import answer_card, commit_card
from insights.people.bots import Directory
from insights.pull_requests.events import ANSWERS
from insights.pull_requests.measurement import Measurement
from insights.settings import ClockKind, WorkspaceSettings
from insights.statistics.change import Change
from models import turns
from models.history import commits, events, measurements, nights, people, pull_requests, repository_facts
from models.history.columns import SHORT_HASH_LENGTH
from models.history.nights import ByClock, Night
from models.history.pull_requests import PullRequestRow
from models.repositories import Repository
from sync.history.measuring import yardstick_of

if TYPE_CHECKING:
    from services import Services

log = structlog.get_logger()

AT_ONCE: Final = 20
"""Repositories in one go; the next ones come with the next hour."""

REACH: Final = timedelta(days=BASELINE_DAYS + YEAR_DAYS + 8)
"""As far back as forecasts that were made 90 days ago looked."""


TURN_LASTS: Final = timedelta(minutes=10)
"""So long the night of a repository is one worker's. The longest history takes a tenth of it."""


def work_out_due(services: "Services", *, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Work out the figures of some repositories whose time has come, until told to stop. Returns how many this worker has."""
    with services.readers() as session:
        due = nights.due(session, now=services.now(), at_most=AT_ONCE)
    ours = 0
    for repository_id in due:
        if is_stopping():
            break
        ours += _work_out_in_turn(services, repository_id)
    return ours


def _work_out_in_turn(services: "Services", repository_id: int) -> bool:
    """Work out the figures of one repository, unless another worker is at it or has been meanwhile. Returns whether that came to something."""
    turn = f"night {repository_id}"
    with services.redoable.begin() as session:
        if not turns.take(session, turn, now=services.now(), lasts=TURN_LASTS):
            return False
    try:
        with services.readers() as session:
            is_due = bool(nights.due(session, now=services.now(), at_most=1, of=repository_id))
        if is_due:
            work_out(services, repository_id)
    except Exception:
        # One history that cannot be worked out must not keep the others from it.
        log.exception("nightly.failed", repository=repository_id)
        return False
    else:
        return is_due
    finally:
        with services.redoable.begin() as session:
            turns.give_up(session, turn)


def work_out(services: "Services", repository_id: int) -> None:
    """Work out the figures of one repository and keep them. Nothing is locked meanwhile."""
    now = services.now()
    with services.readers() as session:
        repository = session.get(Repository, repository_id)
        if repository is None:
            return
        yardstick = yardstick_of(session, repository)
        night = night_of(session, repository, yardstick.settings, now=now)
    with services.redoable.begin() as session:
        kept = session.get(Repository, repository_id)
        if kept is not None:
            nights.store(session, kept, night, settings_version=yardstick.settings_version)
    log.info("nightly.worked_out", repository=repository.uuid)


def night_of(session: Session, repository: Repository, settings: WorkspaceSettings, *, now: datetime) -> Night:
    """Return the figures of a repository as of now."""
    directory = Directory(people.facts(session, repository), settings)
    wall = look(settings, now=now, kind=ClockKind.WALL)
    baseline = wall.last_days(BASELINE_DAYS).start
    deployments = repository_facts.deployments_since(session, repository, wall.last_weeks(TREND_WEEKS)[0].window.start)
    history = repository_facts.commits_since(session, repository, baseline)
    merges = _merges(session, repository, baseline, now) if deployments else ()
    parents = commits.parents(session, repository) if deployments else {}
    deployed = deployed_at({row.number: row.merge_commit for row in merges if row.merge_commit}, deployments, parents)
    rows = measurements.since(session, repository, now - REACH)
    return Night(
        made_at=now,
        clocks={kind: _by_clock(rows, deployed, look(settings, now=now, kind=kind)) for kind in ClockKind},
        commits=commit_card(history, wall, directory),
        answers=answer_card(_answers(session, repository, directory, baseline), wall),
        deployments=deployment_frequency(deployments, wall),
        failures=change_failures(deployments, commits=history, hotfixes=_hotfixes(merges, settings), look=wall),
    )


def _by_clock(rows: Sequence[Measurement], deployed: Mapping[int, datetime], now: Look) -> ByClock:
    return ByClock(
        changes=_finite(changes(rows, now)),
        honesty=forecast_honesty(rows, now),
        lead=lead_time(rows, deployed, now),
    )


def _merges(session: Session, repository: Repository, start: datetime, now: datetime) -> Sequence[PullRequestRow]:
    """Return those merged from a moment on, with the full hashes of their merge commits."""
    rows = [row for row in pull_requests.open_between(session, repository, start, now) if row.merge_commit]
    whole = commits.full_hashes(session, repository, {row.merge_commit for row in rows if row.merge_commit})
    return [
        replace(row, merge_commit=whole.get(row.merge_commit[:SHORT_HASH_LENGTH], row.merge_commit))
        for row in rows
        if row.merge_commit
    ]


def _hotfixes(merges: Sequence[PullRequestRow], settings: WorkspaceSettings) -> frozenset[str]:
    """Return the merge commits of pull requests from branches with the branching model's hotfix prefix."""
    prefix = settings.branching_model.hotfix_prefix
    return frozenset(
        row.merge_commit for row in merges if prefix and row.merge_commit and row.source_branch.startswith(prefix)
    )


def _answers(session: Session, repository: Repository, directory: Directory, start: datetime) -> Iterator[datetime]:
    """Yield when people other than the author answered a pull request."""
    found = events.of_kinds_since(session, repository, ANSWERS, start)
    uuids = people.uuids(session, repository, {one for _at, *both in found for one in both if one is not None})
    for at, actor, author in found:
        who, whose = (None if one is None else uuids.get(one) for one in (actor, author))
        if directory.is_other_person(who, author=whose):
            yield at


def _finite(found: Changes) -> Changes:
    """Leave out intervals without an end: JSON has no infinity, and the word says what they said."""

    def kept(change: Change) -> Change:
        is_open = change.interval is not None and change.interval.high == inf
        return replace(change, interval=None) if is_open else change

    return Changes(open_to_merge=kept(found.open_to_merge), pickup=kept(found.pickup), review=kept(found.review))
