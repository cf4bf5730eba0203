"""A repository's past as its pages read it: from our own copy, lazily, in few statements, with no call to anybody.

``past_of`` opens it for a visit. Everything in it is as of one version of the repository, which moves with every change.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, TypeVar

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from insights.builds.main_branch import MainBranch, main_branch
from insights.clock.look import Look, look
from insights.clock.windows import BASELINE_DAYS, RECENT_DAYS, YEAR_DAYS
from insights.facts.pull_requests import PullRequestFacts
from insights.people.bots import Directory
from insights.pull_requests.cohorts import merged_in
from insights.pull_requests.context import Context, context_of
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.pace import Yardstick, yardsticks
from insights.pull_requests.stages import Stage
from insights.pull_requests.standing import Judgement, Standing, judge
from insights.pull_requests.tally import Tally
from insights.result import Result, Window
from insights.settings import ClockKind, WorkspaceSettings
from models import backfills, repositories, workspace_settings
from models.backfills import Backfill
from models.history import main_line, measurements, measurings, people, pull_request_facts, repository_facts
from models.history.people import Account
from models.repositories import Repository
from models.workspace_settings import StoredSettings
from sync.history.measuring import settings_for
from sync.progress import Progress, progress_of
from web import services
from web.errors import RequestRefused
from web.panels.closed import Closed, Moment, Take, closing
from web.panels.directories import Directories
from web.panels.shelves import Shelf, Shelves
from web.panels.visits import FOREIGN_REPOSITORY, Visit

T = TypeVar("T")

SHELVES: Final = "bittern.shelves"
DIRECTORIES: Final = "bittern.directories"
_SESSION: Final = "past_session"

RECENT: Final = timedelta(days=BASELINE_DAYS + 8)
"""Reaches over the baseline, and over the weeks of the sparkline."""
MANY: Final = 1_000
"""Closed ones, of which one more or less moves no percentile that is shown."""
VERY_MANY: Final = 10_000
"""Closed within a year, forty on a working day: of these no figure is missed that is some minutes old."""

CLOCK_SKEW: Final = timedelta(minutes=5)
YEAR: Final = timedelta(days=YEAR_DAYS + 8)
"""Reaches over the longest window and the week that it begins in."""


class Past:
    """What is known of one repository, for one viewer's page. Read it within the request that it was opened in."""

    def __init__(self, visit: Visit, session: Session, *, now: datetime) -> None:
        self.visit = visit
        self.session = session
        self.now = now

    @cached_property
    def repository(self) -> Repository:
        """The row, as this session reads everything else. Raises RequestRefused (404) where it has gone meanwhile."""
        row = repositories.find(self.session, self.visit.caller.installation, self.visit.repository.uuid)
        if row is None:
            raise RequestRefused(404, FOREIGN_REPOSITORY)
        return row

    @cached_property
    def stored_settings(self) -> StoredSettings:
        """The settings of the workspace, and their version."""
        return workspace_settings.read(self.session, self.visit.caller.installation)

    @cached_property
    def settings(self) -> WorkspaceSettings:
        """The settings as they hold for this repository, which has a main branch of its own."""
        return settings_for(self.stored_settings.settings, self.repository)

    @cached_property
    def backfill(self) -> Backfill | None:
        """How far the history has been read; None where that has not begun."""
        return backfills.of_repository(self.session, self.repository)

    @property
    def progress(self) -> Progress:
        """How far the history has been read, and how long that will take."""
        limit = services.current().settings.calls_per_hour
        return progress_of(self.session, self.repository, now=self.now, calls_per_hour=limit)

    @property
    def version(self) -> tuple[int, int]:
        """Moves when anything does that a page may show: of the repository, of the settings."""
        return self.repository.version, self.stored_settings.version

    @property
    def is_measured_anew(self) -> bool:
        """Whether some measurements are still those of other settings: a worker is at it."""
        measured_on = measurings.basis_of(self.session, self.repository)
        return measured_on is not None and measured_on != measurements.basis_of(self.settings)

    @cached_property
    def directory(self) -> Directory:
        """Who is a bot and who is a person, of the whole workspace."""
        directories: Directories = current_app.extensions[DIRECTORIES]
        return directories.directory(
            self.session,
            self.repository,
            self.stored_settings,
            client_key=self.visit.caller.client_key,
            now=self.now,
        )

    @cached_property
    def context(self) -> Context:
        """What facts are read with."""
        return Context(self.settings, self.directory, context_of(self.settings).generated)

    def look(self, kind: ClockKind = ClockKind.WORK) -> Look:
        """A look from now, on one of the workspace's clocks."""
        return look(self.settings, now=self.now, kind=kind)

    @cached_property
    def measurements(self) -> tuple[Measurement, ...]:
        """Of all that are open, and of all that were closed within 52 weeks."""
        shelf = self._shelf(YEAR)
        return (*shelf.open.values(), *shelf.closed.items)

    @cached_property
    def recent(self) -> tuple[Measurement, ...]:
        """Of all that are open, and of all that were closed within 90 days: enough for what is usual, and far fewer."""
        shelf = self._shelf(RECENT)
        return (*shelf.open.values(), *shelf.closed.since(self.now - RECENT))

    @cached_property
    def closed_recently(self) -> tuple[Measurement, ...]:
        """Of those closed within 90 days, in the order of their closing."""
        return self._shelf(RECENT).closed.since(self.now - RECENT)

    def measurement(self, number: int) -> Measurement | None:
        """Of one pull request, however old; None where it is not known."""
        if (opened := self._shelf(RECENT).open.get(number)) is not None:
            return opened
        return next(iter(measurements.some(self.session, self.repository, {number})), None)

    def open_facts(self) -> tuple[PullRequestFacts, ...]:
        """All that is known of each open pull request, by number."""
        shelf = self._shelves.with_open_facts(self.session, self.repository, self._shelf(RECENT))
        return tuple((shelf.open_facts or {}).values())

    def standings(self, kind: ClockKind = ClockKind.WORK) -> tuple[Standing, ...]:
        """Where each open pull request stands now, by number."""
        seen, usual = self.look(kind), self.usual(kind)
        return tuple(self._judged(facts).standing(seen, usual=usual) for facts in self.open_facts())

    @cached_property
    def open_measurements(self) -> tuple[Measurement, ...]:
        """Of all that are open."""
        return tuple(self._shelf(RECENT).open.values())

    @cached_property
    def closed_in_year(self) -> tuple[Measurement, ...]:
        """Of those closed within 52 weeks, in the order of their closing."""
        return self._shelf(YEAR).closed.since(self.now - YEAR)

    @property
    def closes_very_much(self) -> bool:
        """Whether so much is closed that even a count of it may be some minutes old."""
        return len(self._shelf(YEAR).closed.items) >= VERY_MANY

    def standing(self, facts: PullRequestFacts, kind: ClockKind = ClockKind.WORK) -> Standing:
        """Where one open pull request stands now."""
        return self._judged(facts).standing(self.look(kind), usual=self.usual(kind))

    def facts(self, number: int) -> PullRequestFacts | None:
        """All that is known of one pull request, open or not; None where it is not known."""
        if number in self._shelf(RECENT).open:
            return next((facts for facts in self.open_facts() if facts.id == number), None)
        return pull_request_facts.one(self.session, self.repository, number)

    def usual(self, kind: ClockKind = ClockKind.WORK) -> Mapping[Stage, Yardstick]:
        """How long each stage took of late: what a wait is compared with."""
        now = self.look(kind)

        def make() -> Mapping[Stage, Yardstick]:
            return yardsticks(merged_in(self.closed_recently, now.last_days(BASELINE_DAYS)), kind)

        return self.yardstick_of_recent(("usual", kind), make)

    def main_branch(self) -> Result[MainBranch]:
        """Whether the main branch is green, and for how long of late."""
        seen = self.look()
        start = seen.last_days(RECENT_DAYS).start - timedelta(days=2)
        said = main_line.signature(self.session, self.repository, start)

        def make() -> Result[MainBranch]:
            line = self._main_line("main branch", said[0], start)
            return main_branch(repository_facts.builds_of(self.session, self.repository, line), line, seen)

        return self._figure(self._shelf(RECENT).closed, ("main branch", said), make)

    def figure_of_recent(self, name: object, make: Callable[[], T]) -> T:
        """A figure that depends on nothing but what was closed of late, and settings: kept until one more is closed.

        ``name`` says what it is, and everything besides that it depends on.
        """
        return self._figure(self._shelf(RECENT).closed, ("recent", name), make)

    def tally_of_recent(self, name: object, take: Take, window: Window, *, moment: Moment = closing) -> Tally:
        """What a figure needs of those closed of late that have a moment in a window. Only days that have changed are gone through.

        ``name`` says all that ``take`` depends on besides pull requests and window: it is no figure, and knows no settings.
        """
        return self._shelf(RECENT).closed.by_day(moment).tally(name, window, take)

    def closed_without(self, moment: Moment) -> tuple[Measurement, ...]:
        """Of those closed within 90 days that lack a moment: they are on none of its days."""
        held = self._shelf(RECENT).closed.by_day(moment).days.get(None, ())
        return tuple(item for item in held if closing(item) >= self.now - RECENT)

    def figure_of_days(self, name: object, window: Window, make: Callable[[], T]) -> T:
        """A figure of those closed in a window that is over: kept until one of its days changes."""
        return self._shelf(RECENT).closed.by_day(closing).figure(name, window, make)

    def yardstick_of_recent(self, name: object, make: Callable[[], T]) -> T:
        """What others are held against, from what was closed of late.

        As ``figure_of_recent`` where that is little. Where it is much, one more makes no difference that could be seen, and it
        is kept for ten minutes whatever is closed meanwhile.
        """
        return self._yardstick(self._shelf(RECENT), ("recent", name), make)

    def yardstick_of_year(self, name: object, make: Callable[[], T]) -> T:
        """As ``yardstick_of_recent``, for what was closed within 52 weeks."""
        return self._yardstick(self._shelf(YEAR), ("year", name), make)

    def figure_of_year(self, name: object, make: Callable[[], T]) -> T:
        """As ``figure_of_recent``, for what was closed within 52 weeks."""
        return self._figure(self._shelf(YEAR).closed, ("year", name), make)

    def hint(self, name: object, make: Callable[[], T]) -> T:
        """Something that is dear to work out and no figure: kept for ten minutes, whatever happens meanwhile."""
        return self._shelf(RECENT).hint((self.stored_settings.version, name), make, now=self.now)

    def accounts(self, uuids: Iterable[str | None]) -> Mapping[str, Account]:
        """What is known of some people, for showing them, by uuid."""
        wanted: Collection[str] = {uuid for uuid in uuids if uuid is not None}
        return people.named(self.session, self.repository, wanted) if wanted else {}

    def _main_line(self, purpose: str, tip: str | None, start: datetime) -> tuple[str, ...]:
        """The main line from a moment on; of what was walked before for the same purpose, only what is new is read."""
        known = self._shelf(RECENT).main_lines
        known[purpose] = main_line.walk(self.session, self.repository, tip, start, before=known.get(purpose))
        return known[purpose].line

    def _judged(self, facts: PullRequestFacts) -> Judgement:
        known = self._shelf(RECENT).judgements
        key = (facts.id, self.stored_settings.version, self.settings.main_branch)
        if key not in known:
            # Whatever is known has happened, however far Bitbucket's clock is ahead of ours.
            known[key] = judge(facts, self.context, now=self.now + CLOCK_SKEW)
        return known[key]

    @cached_property
    def _shelves(self) -> Shelves:
        shelves: Shelves = current_app.extensions[SHELVES]
        return shelves

    def _shelf(self, depth: timedelta) -> Shelf:
        return self._shelves.shelf(self.session, self.repository, start=self.now - depth, now=self.now)

    def _yardstick(self, shelf: Shelf, name: object, make: Callable[[], T]) -> T:
        if len(shelf.closed.items) < MANY:
            return self._figure(shelf.closed, name, make)
        return shelf.hint((self.stored_settings.version, self.settings.main_branch, name), make, now=self.now)

    def _figure(self, closed: Closed, name: object, make: Callable[[], T]) -> T:
        return closed.figure((self.stored_settings.version, self.settings.main_branch, name), make, now=self.now)


def past_of(visit: Visit) -> Past:
    """Return the past of the repository that a visit is to. Its session ends with the request."""
    current = services.current()
    session: Session | None = g.get(_SESSION)
    if session is None:
        session = current.readers()
        setattr(g, _SESSION, session)
    return Past(visit, session, now=current.now())


def install(app: Flask) -> None:
    """Give the application what is kept between requests, and end with each request what it has opened."""
    app.extensions[SHELVES] = Shelves()
    app.extensions[DIRECTORIES] = Directories()
    app.teardown_appcontext(_close)


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop(_SESSION, None)
    if session is not None:
        session.close()
