"""What was measured of the repositories that people look at, kept in the memory of this process and brought up to date by version.

A repository's version moves with every change of its history. While it stands still nothing is read again; when it has moved,
only what changed since. Whether somebody may see any of it is settled before anybody asks here.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy.orm import Session

from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.standing import Judgement
from models.history import measurements, pull_request_facts
from models.history.main_line import Walk
from models.repositories import Repository
from web.panels.closed import Closed, closing, kept_a_while

T = TypeVar("T")

SERVES_FOR: Final = timedelta(hours=24)
"""After that a shelf is read anew, without what has become too old for any window."""

MOST_MEASUREMENTS: Final = 200_000
"""In one process, of all repositories together. Some 2 kB each."""


JudgementKey = tuple[int, int, str | None]
"""A pull request, and what it was judged by: the version of the settings, and the main branch."""


@dataclass(frozen=True)
class Shelf:
    """The measurements of one repository at one version: of those that are open, and of those closed from ``start`` on."""

    version: int
    start: datetime
    read_at: datetime
    open: Mapping[int, Measurement]
    closed: Closed
    open_facts: Mapping[int, PullRequestFacts] | None = None
    """All that is known of those that are open, once somebody has asked for it."""
    judgements: dict[JudgementKey, Judgement] = field(default_factory=dict, repr=False)
    """What was judged of those that are open, since each of them changed last."""
    hints: dict[object, tuple[datetime, Any]] = field(default_factory=dict, repr=False)
    """What may be some minutes old whatever has happened since, because it is dear and no figure."""
    main_lines: dict[str, Walk] = field(default_factory=dict, repr=False)
    """How the main line was followed last, by what for."""

    def __len__(self) -> int:
        return len(self.open) + len(self.closed.items)

    def hint(self, name: object, make: Callable[[], T], *, now: datetime) -> T:
        """Return something that was worked out a moment ago, or now."""
        return kept_a_while(self.hints, name, make, now=now)

    def serves(self, start: datetime, *, now: datetime) -> bool:
        """Whether it reaches back far enough, and is not too old."""
        return self.start <= start and now - self.read_at < SERVES_FOR

    def with_changes(self, changed: Collection[Measurement], *, version: int) -> "Shelf":
        """Return the shelf at a later version."""
        if not changed:
            return replace(self, version=version)
        numbers = {item.id for item in changed}
        opened = {number: item for number, item in self.open.items() if number not in numbers}
        opened.update({item.id: item for item in changed if item.state is PullRequestState.OPEN})
        facts = self.open_facts
        return replace(
            self,
            version=version,
            open=opened,
            closed=self._closed_with(changed, numbers),
            open_facts=None if facts is None else {n: one for n, one in facts.items() if n not in numbers},
            # Another thread may be adding to them: a list of what is there is made in one step.
            judgements={name: one for name, one in list(self.judgements.items()) if name[0] not in numbers},
        )

    def _closed_with(self, changed: Collection[Measurement], numbers: Collection[int]) -> Closed:
        """Return those that are closed after some changes: the very same, with their figures, where none of them changed."""
        ended = [item for item in changed if item.state is not PullRequestState.OPEN and closing(item) >= self.start]
        if not ended and self.closed.by_number.keys().isdisjoint(numbers):
            return self.closed
        return self.closed.with_ended(ended, without=numbers)


Key = tuple[int, str, datetime]


class Shelves:
    """The shelves of one process. Safe to share between threads."""

    def __init__(self, *, most_measurements: int = MOST_MEASUREMENTS) -> None:
        self._shelves: OrderedDict[Key, Shelf] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[Key, threading.Lock] = {}
        self._most = most_measurements

    def shelf(self, session: Session, repository: Repository, *, start: datetime, now: datetime) -> Shelf:
        """Return the shelf of a repository as of its row, which this session has read."""
        key = _key(repository)
        held = self._held(key)
        if held is not None and held.version == repository.version and held.serves(start, now=now):
            return held
        with self._alone(key):
            return self._keep(key, _brought_up(session, repository, self._held(key), start, now))

    def with_open_facts(self, session: Session, repository: Repository, shelf: Shelf) -> Shelf:
        """Return a shelf that knows all of those that are open."""
        known = shelf.open_facts or {}
        missing = shelf.open.keys() - known.keys()
        if shelf.open_facts is not None and not missing:
            return shelf
        found = {facts.id: facts for facts in pull_request_facts.some(session, repository, missing)}
        facts = {number: found.get(number) or known.get(number) for number in sorted(shelf.open)}
        told = {number: one for number, one in facts.items() if one is not None}
        return self._keep(_key(repository), replace(shelf, open_facts=told))

    def _held(self, key: Key) -> Shelf | None:
        with self._lock:
            return self._shelves.get(key)

    def _keep(self, key: Key, shelf: Shelf) -> Shelf:
        with self._lock:
            held = self._shelves.get(key)
            if held is None or held.version <= shelf.version:
                self._shelves[key] = shelf
            self._shelves.move_to_end(key)
            while sum(map(len, self._shelves.values())) > self._most and len(self._shelves) > 1:
                self._shelves.popitem(last=False)
        return shelf

    def _alone(self, key: Key) -> threading.Lock:
        with self._lock:
            return self._reading.setdefault(key, threading.Lock())


def _key(repository: Repository) -> Key:
    # Not its row id alone: a database may give the id of a row that was deleted to another tenant's.
    return repository.installation_id, repository.uuid, repository.first_seen_at


def _brought_up(session: Session, repository: Repository, held: Shelf | None, start: datetime, now: datetime) -> Shelf:
    if held is None or not held.serves(start, now=now) or held.version > repository.version:
        return _read(session, repository, start, now)
    changed = measurements.changed_since(session, repository, version=held.version)
    shelf = held.with_changes(changed, version=repository.version)
    # What was deleted has changed nothing that is there: only the number of what is there tells.
    if len(shelf) != measurements.count_since(session, repository, shelf.start):
        return _read(session, repository, shelf.start, now)
    return shelf


def _read(session: Session, repository: Repository, start: datetime, now: datetime) -> Shelf:
    found = measurements.since(session, repository, start)
    return Shelf(
        version=repository.version,
        start=start,
        read_at=now,
        open={item.id: item for item in found if item.state is PullRequestState.OPEN},
        closed=Closed.of(item for item in found if item.state is not PullRequestState.OPEN),
    )
