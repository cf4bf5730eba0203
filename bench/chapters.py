"""Copies of a chapter of history: its pull requests again, so many weeks earlier, with numbers and hashes of their own.

    copy_chapter(session, repository, chapter, times=50)

To write a million lives one by one takes a quarter of an hour; the database copies rows by itself. Whole weeks lie between a
chapter and its copy, so that the same hours are worked in both and what was measured of one is true of the other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    Interval,
    String,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from insights.facts.pull_requests import EventKind
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stamps import Stamps
from models.base import Base, UtcDateTime
from models.history import measurements
from models.history.comments import Comment
from models.history.commits import Commit
from models.history.events import PUSHES, PullRequestEvent
from models.history.files import PullRequestFile
from models.history.participants import Participant
from models.history.pull_request_commits import PullRequestCommit
from models.history.pull_requests import PullRequest
from models.repositories import Repository

CHAPTER: Final = timedelta(weeks=16)
COMMENTS_EACH: Final = 10
"""Comments of a pull request have ten times its number."""
MEASURED_AT_ONCE: Final = 10_000
CACHE_KIBIBYTES: Final = 1_000_000
"""Of SQLite, while it copies: its indexes of hashes are written all over."""

MOST_COPIES: Final = 699
_MARK: Final = 100
"""Added to the number of a copy: its three digits are the first ones of the copy's hashes. Those of lives begin with 8 or more."""
_MARK_LENGTH: Final = 3
_HASHES: Final = frozenset(
    {"hash", "short_hash", "commit", "head", "merge_commit", "files_head", "commits_head", "parents"}
)

_OF_PULL_REQUEST: Final[Mapping[type[Base], str]] = {
    PullRequest: "number",
    PullRequestEvent: "pull_request",
    Comment: "pull_request",
    Participant: "pull_request",
    PullRequestFile: "pull_request",
    PullRequestCommit: "pull_request",
}


@dataclass(frozen=True)
class Chapter:
    """Pull requests `first` to `first + size - 1`, all of them closed."""

    first: int
    size: int

    @property
    def numbers(self) -> range:
        return range(self.first, self.first + self.size)


def copy_chapter(session: Session, repository: Repository, chapter: Chapter, *, times: int) -> None:
    """Put so many copies of a chapter before it, each 16 weeks earlier than the one behind it."""
    assert times <= MOST_COPIES, "their hashes would be taken"
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}"))
    else:
        # Millions of rows in one statement take longer than any of the service may.
        session.execute(text("SET LOCAL statement_timeout = 0"))
    copies = counting_to(times)
    copying = Copying(session, copies, _Copy(session, copies.c.copy, chapter.size).value)
    for table, number in _OF_PULL_REQUEST.items():
        of = table.__table__.c
        chosen = (of.repository_id == repository.id, of[number].between(chapter.numbers[0], chapter.numbers[-1]))
        copying.insert(table, *chosen)
    brought = select(PullRequestCommit.commit).where(
        PullRequestCommit.repository_id == repository.id,
        PullRequestCommit.pull_request.between(chapter.numbers[0], chapter.numbers[-1]),
    )
    copying.insert(Commit, Commit.repository_id == repository.id, Commit.hash.in_(brought))


def counting_to(times: int) -> CTE:
    """The numbers of so many copies, from 1 on, as a table with the column `copy`."""
    counted = select(literal(1).label("copy")).cte("copies", recursive=True)
    return counted.union_all(select(counted.c.copy + 1).where(counted.c.copy < times))


@dataclass(frozen=True)
class Copying:
    """How rows are copied: once for each number of `copies`; `value` says what becomes of each column."""

    session: Session
    copies: CTE
    value: Callable[[Column[Any]], ColumnElement[Any]]

    def insert(self, mapped: type[Base], *chosen: ColumnElement[bool], with_id: bool = False) -> None:
        """Copy the chosen rows of one table. Ids are counted on, unless the copies have their own."""
        table = mapped.__table__
        assert isinstance(table, Table)
        columns = [column for column in table.columns if with_id or column.name != "id"]
        rows = select(*map(self.value, columns)).select_from(table.join(self.copies, true())).where(*chosen)
        self.session.execute(insert(table).from_select([column.name for column in columns], rows))


class _Copy:
    """What becomes of each column of a copied row. `copy` is the number of the copy, 1 for the one just before the chapter."""

    def __init__(self, session: Session, copy: ColumnElement[int], size: int) -> None:
        self._copy = copy
        self._size = size
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"

    def value(self, column: Column[Any]) -> ColumnElement[Any]:
        """What a column has in a copy."""
        if column.name in {"number", "pull_request"}:
            return column - self._copy * self._size
        if column.name == "comment":
            return column - self._copy * self._size * COMMENTS_EACH
        if column.name == "subject":
            return self._subject(column)
        if column.name in _HASHES:
            return self._marked(column)
        return self._earlier(column) if isinstance(column.type, UtcDateTime) else column

    def _subject(self, column: Column[str]) -> ColumnElement[str]:
        kind = PullRequestEvent.kind
        comment = cast(column, BigInteger) - self._copy * self._size * COMMENTS_EACH
        return case(
            (kind == EventKind.COMMENTED, cast(comment, String)),
            (kind.in_(sorted(PUSHES)), self._marked(column)),
            else_=column,
        )

    def _marked(self, column: Column[str]) -> ColumnElement[str]:
        return cast(self._copy + _MARK, String).concat(func.substr(column, _MARK_LENGTH + 1))

    def _earlier(self, column: Column[Any]) -> ColumnElement[Any]:
        days = self._copy * CHAPTER.days
        if self._is_sqlite:
            # Its own arithmetic would cut the microseconds: the day moves, and the time of the day stays.
            day = func.date(func.substr(column, 1, 10), literal("-").concat(cast(days, String)).concat(" days"))
            return day.concat(func.substr(column, 11))
        return column - days * cast(literal("1 day"), Interval)


def copy_measurements(session: Session, repository: Repository, chapter: Chapter, *, times: int, basis: str) -> None:
    """Put before a chapter's measurements those of its copies: the same, with other numbers and at earlier times."""
    measured = measurements.some(session, repository, chapter.numbers)
    waiting: list[Measurement] = []
    for copy in range(1, times + 1):
        waiting += (_earlier(one, number=one.id - copy * chapter.size, by=copy * CHAPTER) for one in measured)
        if len(waiting) >= MEASURED_AT_ONCE or copy == times:
            measurements.store(session, repository, waiting, basis=basis, version=repository.version)
            waiting = []


def _earlier(one: Measurement, *, number: int, by: timedelta) -> Measurement:
    stamps = {name: at - by for name, at in _moments(one.stamps).items()}
    return msgspec.structs.replace(one, id=number, stamps=msgspec.structs.replace(one.stamps, **stamps))


def _moments(stamps: Stamps) -> dict[str, Any]:
    return {name: at for name in _MOMENTS if (at := getattr(stamps, name)) is not None}


_MOMENTS: Final = ("first", "opened", "ready", "responded", "approved", "closed")
"""A closed pull request of the benchmarks was never a draft, and no AI reviewed it."""
