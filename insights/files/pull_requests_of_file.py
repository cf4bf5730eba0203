"""Which pull requests touch a file: those open now, and the last that were merged, with who reviewed them.

Source: panels.md 5.5, "Recent PRs".
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from insights.facts.pull_requests import PullRequestFacts, PullRequestState
from insights.people.bots import Directory
from insights.pull_requests.events import ANSWERS, ordered_events
from insights.result import Definition, Result, Unit

DEFINITION = Definition(
    name="file_pull_requests",
    version=1,
    title="Pull requests of this file",
    text="Open pull requests that change this file now, and the latest merged ones that did, with the people who answered them.",
    unit=Unit.LIST,
    source="panels.md 5.5",
)

ROWS = 10


class Row(Struct, frozen=True):
    """One pull request that touches the file."""

    id: int
    title: str
    author: str | None
    at: datetime
    reviewers: tuple[str, ...]


class FilePullRequests(Struct, frozen=True):
    """Open ones, the newest first, and merged ones, the last merged first."""

    open: tuple[Row, ...]
    merged: tuple[Row, ...]


def pull_requests_of_file(
    path: str, pull_requests: Iterable[PullRequestFacts], directory: Directory, *, rows: int = ROWS
) -> Result[FilePullRequests]:
    """Find the pull requests whose files are known and name the path, before or after a rename. n counts them all."""
    touching = [facts for facts in pull_requests if _touches(facts, path)]
    open_ones = [_row(facts, facts.created_at, directory) for facts in touching if facts.is_open]
    merged = [
        _row(facts, facts.closed_at, directory)
        for facts in touching
        if facts.state is PullRequestState.MERGED and facts.closed_at is not None
    ]
    return Result(
        definition=DEFINITION.id,
        n=len(open_ones) + len(merged),
        value=FilePullRequests(_newest(open_ones), _newest(merged)[:rows]),
        members=tuple(sorted(row.id for row in (*open_ones, *merged))),
    )


def _touches(facts: PullRequestFacts, path: str) -> bool:
    return any(path in {file.path, file.old_path} for file in facts.files or ())


def _row(facts: PullRequestFacts, at: datetime, directory: Directory) -> Row:
    answered = {
        event.actor
        for event in ordered_events(facts)
        if event.kind in ANSWERS and event.actor and directory.is_other_person(event.actor, author=facts.author)
    }
    return Row(facts.id, facts.title, facts.author, at, tuple(sorted(answered)))


def _newest(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.at, row.id), reverse=True))
