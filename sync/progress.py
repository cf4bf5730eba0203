"""How far the reading of a history is, and how long it will take: what people are told while they wait.

The time is worked out from the calls that are still to be made and the calls that may be made in an hour; it is honest about a
quota that is used up, and says nothing where nothing can be said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from insights.clock.windows import RECENT_DAYS
from models import backfills, quota
from models.backfill_stages import Stage
from models.history import gaps
from models.history.gaps import Gap, Scope, Tally
from models.quota import Hindrance, Purpose, Usage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.backfills import Backfill
    from models.installations import Installation
    from models.repositories import Repository

CALL_TIME: Final = timedelta(seconds=0.5)
"""What one call takes, with all that is done about it."""

_PER_PAGE: Final = 50
_CLOSED: Final = (
    (Gap.ACTIVITY, Stage.CLOSED_ACTIVITY),
    (Gap.FILES, Stage.CLOSED_DIFFSTATS),
    (Gap.COMMITS, Stage.CLOSED_COMMITS),
)
_OPEN: Final = (
    (Gap.ACTIVITY, Stage.OPEN_ACTIVITY),
    (Gap.FILES, Stage.OPEN_DIFFSTATS),
    (Gap.COMMITS, Stage.OPEN_COMMITS),
)
_PARTS: Final = len(_CLOSED)
"""Parts that are read of each pull request."""

_OTHERS: Final = (
    (Gap.BUILDS, Scope.OPEN, Stage.OPEN_BUILDS),
    (Gap.TASKS, Scope.OPEN, Stage.OPEN_TASKS),
    (Gap.TASKS, Scope.CLOSED, Stage.CLOSED_TASKS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the history of one repository is.

    `done` of `total` pull requests: their parts that were read, taken together to whole ones. `calls_to_make` are for this
    repository, `eta` counts those of the installation's others too. `resumes_at` is set while no call can be made.
    """

    stage: Stage
    done: int
    total: int
    calls_to_make: int
    calls_used: int
    calls_left: int
    eta: timedelta | None
    resumes_at: datetime | None = None
    hindrance: Hindrance | None = None
    asked_at: datetime | None = None
    finished_at: datetime | None = None
    skipped: int = 0
    error: str | None = None

    @property
    def is_done(self) -> bool:
        """Whether all of it was read."""
        return self.stage is Stage.DONE

    @property
    def is_useful(self) -> bool:
        """Whether all that is open was read."""
        return not self.stage.is_before_first_use

    @property
    def share(self) -> float:
        """How much was read, from 0 to 1; 1 only when nothing is left."""
        if self.is_done:
            return 1.0
        return min(self.done / self.total, 0.99) if self.total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationProgress:
    """How far the histories of all repositories of an installation are."""

    is_listed: bool
    """Whether it is known which repositories there are."""
    repositories: Sequence[tuple["Repository", Progress]]
    usage: Usage
    eta: timedelta | None
    resumes_at: datetime | None
    hindrance: Hindrance | None

    @property
    def done(self) -> int:
        """Pull requests that were read."""
        return sum(progress.done for _, progress in self.repositories)

    @property
    def total(self) -> int:
        """Pull requests that are to be read, as far as they are known."""
        return sum(progress.total for _, progress in self.repositories)

    @property
    def finished(self) -> int:
        """Repositories whose history is complete."""
        return sum(progress.is_done for _, progress in self.repositories)

    @property
    def is_done(self) -> bool:
        """Whether there is nothing left to read."""
        return self.is_listed and self.finished == len(self.repositories)


def progress_of(session: "Session", repository: "Repository", *, now: datetime, calls_per_hour: int) -> Progress:
    """How far the history of a repository is. Reads only."""
    installation_id = repository.installation_id
    usage = quota.usage_of(session, installation_id, limit=calls_per_hour, now=now)
    row = backfills.of_repository(session, repository)
    if row is None:
        return _not_begun(usage)
    if row.stage is Stage.DONE:
        return _finished(row, usage)
    tally = gaps.tallies(session, [repository.id], lately=_lately(now)).get(repository.id, NOTHING_FOUND)
    others = sum(
        _roughly_to_make(other)
        for other in backfills.unfinished_of(session, installation_id)
        if other.repository_id != repository.id
    )
    return _under_way(row, tally, usage, others=others, now=now)


def progress_of_installation(
    session: "Session", installation: "Installation", *, now: datetime, calls_per_hour: int
) -> InstallationProgress:
    """How far all histories of an installation are, in the order of the repositories' names. Reads only."""
    usage = quota.usage(session, installation, limit=calls_per_hour, now=now)
    listing = backfills.listing_of(session, installation)
    rows = backfills.of_installation(session, installation)
    unfinished = [row.repository_id for row, _ in rows if row.stage is not Stage.DONE]
    tallies = gaps.tallies(session, unfinished, lately=_lately(now)) if unfinished else {}
    to_make = {
        row.repository_id: _to_make(row, tallies.get(row.repository_id, NOTHING_FOUND))
        for row, _ in rows
        if row.stage is not Stage.DONE
    }
    all_of_them = sum(to_make.values())
    resumes_at, hindrance = _hold_up(usage)
    return InstallationProgress(
        is_listed=listing is not None and listing.finished_at is not None,
        repositories=[
            (repository, _described(row, tallies, usage, all_calls=all_of_them, now=now)) for row, repository in rows
        ],
        usage=usage,
        eta=_eta(all_of_them, usage, now=now) if all_of_them else None,
        resumes_at=resumes_at,
        hindrance=hindrance,
    )


NOTHING_FOUND: Final = Tally(
    found=dict.fromkeys(Scope, 0), gaps={(gap, scope): 0 for gap in Gap for scope in Scope}, closed_lately=0
)


def _described(
    row: "Backfill", tallies: Mapping[int, Tally], usage: Usage, *, all_calls: int, now: datetime
) -> Progress:
    if row.stage is Stage.DONE:
        return _finished(row, usage)
    tally = tallies.get(row.repository_id, NOTHING_FOUND)
    return _under_way(row, tally, usage, others=all_calls - _to_make(row, tally), now=now)


def _not_begun(usage: Usage) -> Progress:
    resumes_at, hindrance = _hold_up(usage)
    return Progress(
        stage=Stage.OPEN_PULL_REQUESTS,
        done=0,
        total=0,
        calls_to_make=1,
        calls_used=usage.used,
        calls_left=usage.left,
        eta=None,
        resumes_at=resumes_at,
        hindrance=hindrance,
    )


def _finished(row: "Backfill", usage: Usage) -> Progress:
    total = (row.open_total or 0) + (row.closed_total or 0)
    return Progress(
        stage=row.stage,
        done=total,
        total=total,
        calls_to_make=0,
        calls_used=usage.used,
        calls_left=usage.left,
        eta=timedelta(0),
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        skipped=row.skipped,
    )


def _under_way(row: "Backfill", tally: Tally, usage: Usage, *, others: int, now: datetime) -> Progress:
    to_make = _to_make(row, tally)
    total = sum(_expected(row, tally).values())
    parts_left = sum(_parts_left(row, tally))
    resumes_at, hindrance = _hold_up(usage)
    return Progress(
        stage=row.stage,
        done=max(0, total - -(-parts_left // _PARTS)),
        total=total,
        calls_to_make=to_make,
        calls_used=usage.used,
        calls_left=usage.left,
        eta=_eta(to_make + others, usage, now=now),
        resumes_at=resumes_at,
        hindrance=hindrance,
        asked_at=row.asked_at,
        skipped=row.skipped,
        error=row.error,
    )


def _expected(row: "Backfill", tally: Tally) -> Mapping[Scope, int]:
    """How many pull requests there are: those found, or those that the list has announced where they are more."""
    is_listing_open = row.stage is Stage.OPEN_PULL_REQUESTS
    is_listing_closed = row.stage.rank <= Stage.CLOSED_PULL_REQUESTS.rank
    return {
        Scope.OPEN: max(tally.found[Scope.OPEN], row.open_total or 0 if is_listing_open else 0),
        Scope.CLOSED: max(tally.found[Scope.CLOSED], row.closed_total or 0 if is_listing_closed else 0),
    }


def _parts_left(row: "Backfill", tally: Tally) -> list[int]:
    """The calls for parts of pull requests: of those not listed yet, all of them; of a stage that is over, none."""
    expected = _expected(row, tally)
    return [
        tally.gaps[gap, scope] + expected[scope] - tally.found[scope]
        for scope, parts in ((Scope.OPEN, _OPEN), (Scope.CLOSED, _CLOSED))
        for gap, stage in parts
        if row.stage.rank <= stage.rank
    ]


def _to_make(row: "Backfill", tally: Tally) -> int:
    """About how many calls are left for a repository."""
    expected = _expected(row, tally)
    pages = {scope: -(-expected[scope] // _PER_PAGE) for scope in Scope}
    everything = sum(expected.values())
    still = {
        Stage.OPEN_PULL_REQUESTS: pages[Scope.OPEN],
        Stage.MAIN_BRANCH: 4,
        Stage.CLOSED_PULL_REQUESTS: pages[Scope.CLOSED],
        Stage.REFS: 1,
        Stage.CLOSED_DIFFSTATS: pages[Scope.CLOSED],
        Stage.COMMITS: 1 + everything // 25,
        Stage.BUILDS: tally.closed_lately,
        Stage.DEPLOYMENTS: 2,
    }
    others = sum(tally.gaps[gap, scope] for gap, scope, stage in _OTHERS if row.stage.rank <= stage.rank)
    lists = sum(calls for stage, calls in still.items() if row.stage.rank <= stage.rank)
    return sum(_parts_left(row, tally)) + others + lists


def _roughly_to_make(row: "Backfill") -> int:
    """The same without looking at its pull requests: good enough for the sum over many repositories."""
    is_before_closed = row.stage.rank <= Stage.CLOSED_PULL_REQUESTS.rank
    parts = sum(row.stage.rank <= stage.rank for stage in (*(stage for _, stage in _CLOSED), Stage.CLOSED_TASKS))
    return (row.open_total or 0) * _PARTS * is_before_closed + (row.closed_total or 0) * parts


def _eta(calls: int, usage: Usage, *, now: datetime) -> timedelta:
    """How long so many calls take: at the pace of the network, and no faster than the quota allows."""
    allowed = quota.allowance(usage.limit, Purpose.BACKFILL)
    too_many = max(0, calls - usage.left_for(Purpose.BACKFILL))
    resumes_at, _ = _hold_up(usage)
    held_up = max(resumes_at - now, timedelta(0)) if resumes_at is not None else timedelta(0)
    return max(calls * CALL_TIME, quota.WINDOW * (too_many / allowed), held_up)


def _hold_up(usage: Usage) -> tuple[datetime | None, Hindrance | None]:
    """Until when no page can be read, and why."""
    obstacles = (
        (usage.blocked_until, Hindrance.RATE_LIMIT),
        (usage.rests_until, Hindrance.FAILURES),
        (usage.backfill_after, Hindrance.BUDGET),
    )
    ahead = [(until, why) for until, why in obstacles if until is not None]
    return max(ahead, key=lambda one: one[0]) if ahead else (None, None)


def _lately(now: datetime) -> datetime:
    """How far back builds of the main branch are read: about one call for each pull request that was merged since."""
    return now - timedelta(days=RECENT_DAYS)
