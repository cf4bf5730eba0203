"""A plausible history of a repository, written straight through models/: for benchmarks, and for tests that need many rows.

    with services.sessions.begin() as session:
        fill(session, repository, Shape(pull_requests=1_000), now=now)

The same seed gives the same history. It is what sync would have written, and everything that a backfill reads is there: pull
requests with events, participants, files and commits, the main branch with its builds, branches, tags and deployments.

A history that is `in_chapters` is lived for its newest 32 weeks; what is older are copies of the first half of these
(`bench.chapters`). So a million pull requests take a minute.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from bench.chapters import CHAPTER, Chapter, copy_chapter, copy_measurements
from bench.lives import HOUR, Life, Rows, Team, uuid_of
from insights.facts.pull_requests import BuildState
from insights.facts.repository import EnvironmentType
from models import backfills, repositories
from models.backfill_stages import Stage
from models.history import (
    deployments,
    refs,
)
from models.history.build_reports import BuildReportRow
from models.history.columns import SHORT_HASH_LENGTH
from models.history.commits import CommitRow
from models.history.deployments import DeploymentRow
from models.history.refs import RefKind, RefRow
from models.installations import Installation
from models.repositories import Repository
from sync.history import measuring

AT_ONCE: Final = 1_000
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How large a history is to be."""

    pull_requests: int = 1_000
    open: int = 25
    span: timedelta = timedelta(days=730)
    people: int = 15
    seed: int = 1
    in_chapters: bool = False
    delivery_days: int = 60
    """So long the main branch has four commits a day with two builds each, and a deployment."""

    @property
    def copies(self) -> int:
        """How many chapters are copies: all but the newest two."""
        return max(round(self.span / CHAPTER) - 2, 0) if self.in_chapters else 0

    @property
    def chapter(self) -> Chapter:
        """The one that is copied, of a history in chapters."""
        size = self.pull_requests // (self.copies + 2)
        return Chapter(self.pull_requests - 2 * size + 1, size)


def fill(session: Session, repository: Repository, shape: Shape, *, now: datetime) -> None:
    """Write a history into a repository that has none, and measure it."""
    installation = session.get_one(Installation, repository.installation_id)
    row = repositories.locked(session, installation, repository.uuid)
    assert row is not None, "the repository was just found"
    team = Team.of(session, row, shape.people, seed=shape.seed, now=now)
    repositories.touch(row, now=now)
    rows = Rows()
    openings = _of_two_chapters(shape, now) if shape.copies else enumerate(_openings(shape, now), start=1)
    numbers: list[int] = []
    for number, opened_at in openings:
        is_open = number > shape.pull_requests - shape.open
        Life(team, rows, row, number, opened_at, now, is_open=is_open).live()
        numbers.append(number)
        if len(rows.pull_requests) == AT_ONCE:
            rows.write(session)
            rows = Rows()
    rows.write(session)
    if shape.copies:
        copy_chapter(session, row, shape.chapter, times=shape.copies)
    _fill_delivery(session, row, team, shape, now)
    _finish(session, row, numbers, shape, now=now)


def _of_two_chapters(shape: Shape, now: datetime) -> Iterator[tuple[int, datetime]]:
    """Yield number and opening of what is not copied: of the newest chapter with all that is open, and of the one before."""
    older, newest = shape.chapter.size, shape.pull_requests - shape.chapter.numbers[-1]
    end = now - CHAPTER
    copied = replace(shape, pull_requests=older, open=0, span=CHAPTER, seed=shape.seed + 1)
    yield from zip(shape.chapter.numbers, _openings(copied, end, last=timedelta(0)), strict=True)
    lived = _openings(replace(shape, pull_requests=newest, span=CHAPTER), now, last=3 * DAY)
    yield from enumerate(lived, start=shape.chapter.numbers[-1] + 1)


def _openings(shape: Shape, now: datetime, *, last: timedelta = 20 * DAY) -> Iterator[datetime]:
    """Yield when each was opened, in order: on working days mostly, those still open of late, the others before the last days."""
    random = Random(shape.seed)
    closed, opened = shape.pull_requests - shape.open, shape.open
    spans = [(shape.span - last) * random.random() + last for _ in range(closed)] + [
        20 * DAY * random.random() ** 2 + HOUR for _ in range(opened)
    ]
    for back in sorted(spans, reverse=True):
        at = now - back
        yield at - 2 * DAY if at.weekday() >= 5 and random.random() < 0.9 and back > 3 * DAY else at


def _fill_delivery(session: Session, repository: Repository, team: Team, shape: Shape, now: datetime) -> None:
    """Write some days of the main branch: its commits with a build each, a tag a week, a deployment a day."""
    main, tip = repository.main_branch or "main", ""
    rows, found, live = Rows(), list[RefRow](), list[DeploymentRow]()
    for back in range(4 * shape.delivery_days, 0, -1):
        at, parent, tip = now - back * DAY / 4, tip, team.hash()
        author = team.random.choice(team.people)
        rows.commits.append(
            CommitRow(
                repository_id=repository.id,
                hash=tip,
                short_hash=tip[:SHORT_HASH_LENGTH],
                parents=parent or None,
                author_id=author,
                committed_at=at,
                message=f"Merge {back}",
            )
        )
        for key in ("unit", "lint"):
            rows.builds += _build(repository, tip, key, at, team.random)
        if back % 4 == 0:
            live.append(_deployment(repository, tip, at, back))
    found.append(_ref(repository, RefKind.BRANCH, main, tip, now))
    found += [_ref(repository, RefKind.TAG, f"v1.{number}", team.hash(), now - number * 7 * DAY) for number in range(8)]
    rows.write(session)
    refs.store(session, found)
    deployments.store(session, live)


def _build(repository: Repository, commit: str, key: str, at: datetime, random: Random) -> Iterator[BuildReportRow]:
    end = BuildState.FAILED if random.random() < 0.06 else BuildState.SUCCESSFUL
    for state, minutes in ((BuildState.INPROGRESS, 0), (end, 4 + int(9 * random.random()))):
        yield BuildReportRow(
            repository_id=repository.id,
            commit=commit,
            key=key,
            at=at + timedelta(minutes=minutes),
            state=state,
            created_at=at,
            name=key.title(),
        )


def _ref(repository: Repository, kind: RefKind, name: str, tip: str, at: datetime) -> RefRow:
    return RefRow(repository_id=repository.id, kind=kind, name=name, tip=tip, tip_at=at, as_of=at, first_seen_at=at)


def _deployment(repository: Repository, commit: str, at: datetime, number: int) -> DeploymentRow:
    return DeploymentRow(
        repository_id=repository.id,
        uuid=uuid_of("d0", number),
        environment="Production",
        environment_type=EnvironmentType.PRODUCTION,
        commit=commit,
        completed_at=at + HOUR,
        was_successful=number % 16 != 0,
        as_of=at + HOUR,
    )


def _finish(session: Session, repository: Repository, numbers: Sequence[int], shape: Shape, *, now: datetime) -> None:
    """Measure everything, and say that the history was read to its end."""
    yardstick = measuring.yardstick_of(session, repository)
    measuring.note_yardstick(session, repository, yardstick)
    for start in range(0, len(numbers), AT_ONCE):
        measuring.measure_some(session, repository, numbers[start : start + AT_ONCE], yardstick)
    if shape.copies:
        copy_measurements(session, repository, shape.chapter, times=shape.copies, basis=yardstick.basis)
    backfills.ensure(session, repository, since=now - shape.span, now=now)
    read = backfills.of_repository(session, repository)
    assert read is not None, "it was just begun"
    read.stage, read.next_attempt_at = Stage.DONE, None
    read.open_total, read.closed_total = shape.open, shape.pull_requests - shape.open
    read.started_at = read.finished_at = now
