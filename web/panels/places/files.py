"""Files: where the work is, who knows one, what changes together with it; from the merged pull requests that we hold.

A file that none of them touches is asked for once a day: one call for its history, which is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from bitbucket.source import file_history
from insights.clock.windows import YEAR_DAYS
from insights.facts.pull_requests import FileChange, FileStatus, PullRequestFacts
from insights.files.authorship import Author, file_authors, folder_of
from insights.files.changes import Change, changes_of_commits
from insights.files.co_change import CoChange, co_changes
from insights.files.pull_requests_of_file import FilePullRequests, pull_requests_of_file
from insights.files.revisions import Hotspot, Revisions, revisions, revisions_among
from insights.files.truck_factor import TruckFactor, truck_factor
from insights.result import Result
from models.history import file_histories, files, merged_changes, pull_request_facts, repository_facts
from models.history.columns import PATH_LENGTH
from models.history.file_histories import FileHistoryRow
from sync.history.commits import record_commits
from web.panels.past import Past
from web.panels.places.code_owners import OwnersFound, owners_of
from web.panels.places.lore import Lore, lore_of
from web.panels.places.recording import client_of, main_tip, recording

MOST_PULL_REQUESTS: Final = 500
"""Of one file, that its authors are worked out from where the history is too long to be held whole."""

MOST_LISTED: Final = 16
"""Of one file, the newest that are closed, of which everything is read: the last merged are among them."""

MOST_NAMES: Final = 5
"""How often a file's earlier names are followed."""

MOST_FOLDERS: Final = 12
LASTS: Final = timedelta(days=1)
"""So long the history of a file that was asked for stands."""


@dataclass(frozen=True, slots=True)
class FileFound:
    """What is known of one file."""

    path: str
    revisions: Result[Revisions]
    hotspot: Hotspot | None
    authors: Result[tuple[Author, ...]]
    together: Result[tuple[CoChange, ...]]
    pull_requests: Result[FilePullRequests]
    folder: str
    truck_factor: Result[TruckFactor]
    owners: OwnersFound | None
    read_at: datetime | None
    """When Bitbucket was asked for its history; None where pull requests tell it."""
    is_cut: bool
    """Whether its history may begin earlier than what is known of it."""

    @property
    def is_known(self) -> bool:
        """Whether anything at all is known."""
        return bool(self.authors.n or self.pull_requests.n or self.read_at)


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder at the top of the repository."""

    path: str
    files: int
    truck_factor: Result[TruckFactor]


def folders_of(past: Past, lore: Lore) -> tuple[Folder, ...]:
    """Return the folders at the top of the repository that hold the most files, with their truck factors."""
    return past.figure_of_year("folders", lambda: tuple(_folders(past, lore)))


def file_of(past: Past, path: str) -> FileFound:
    """Return what is known of a file, by pull requests, or by the history that was asked for."""
    session, repository = past.session, past.repository
    lore = lore_of(past)
    touching = _touching(past, path)
    row = None if path in lore.by_file else file_histories.held(session, repository, path)
    changes, is_cut = (
        (_asked_changes(past, row), not row.is_whole) if row else (_changes(past, lore, path), lore.is_cut)
    )
    folder = folder_of(path)
    return FileFound(
        path=path,
        revisions=_revisions(past, lore, path, changes if row else None),
        hotspot=lore.hotspot_of.get(path),
        authors=file_authors(path, changes, past.directory),
        together=co_changes(path, lore.around(path), past.look()),
        pull_requests=pull_requests_of_file(path, touching, past.directory),
        folder=folder,
        truck_factor=_truck_factor(past, lore, folder),
        owners=owners_of(past, path, changes),
        read_at=row.read_at if row else None,
        is_cut=is_cut,
    )


def is_wanting(past: Past, found: FileFound) -> bool:
    """Whether Bitbucket should be asked: nothing is known of the file, or what was asked for is old."""
    if found.read_at is not None:
        return past.now - found.read_at >= LASTS
    return found.authors.n == 0


def ask(past: Past, path: str, revision: str | None) -> None:
    """Ask Bitbucket for the history of a file, at a commit or on the main branch, and keep it: one call.

    Raises BitbucketError; NotFound where there is no such file.
    """
    visit, asked_at = past.visit, past.now
    told = file_history(
        client_of(visit),
        visit.caller.installation.principal_uuid,
        visit.repository.uuid,
        commit=revision or main_tip(past),
        file_path=path,
    )
    brought = [entry.commit for entry in told.values if entry.commit is not None]
    with recording(past) as projection:
        record_commits(projection, brought, as_of=asked_at)
        file_histories.store(
            projection.session,
            FileHistoryRow(
                repository_id=projection.repository.id,
                path=path[:PATH_LENGTH],
                commits=" ".join(one.hash for one in brought[: file_histories.MOST_COMMITS]),
                is_whole=told.next is None,
                read_at=asked_at,
            ),
        )


def open_sharing(past: Past, facts: PullRequestFacts) -> Iterator[tuple[PullRequestFacts, frozenset[str]]]:
    """Yield the other open pull requests that change some of the same files, with those files."""
    own = {file.path for file in facts.files or ()}
    for other in past.open_facts():
        shared = own & {file.path for file in other.files or ()}
        if other.id != facts.id and shared:
            yield other, frozenset(shared)


def _touching(past: Past, path: str) -> tuple[PullRequestFacts, ...]:
    """The open pull requests, and the newest closed ones that touch a file."""
    opened = past.open_facts()
    numbers = files.pull_requests_touching(past.session, past.repository, {path}, at_most=MOST_LISTED + len(opened))
    closed = [number for number in numbers if number not in {facts.id for facts in opened}][:MOST_LISTED]
    return (*opened, *pull_request_facts.some(past.session, past.repository, closed))


def _changes(past: Past, lore: Lore, path: str) -> Sequence[Change]:
    """Every change of a file and what it was called before; of a long history those that touch it alone are read."""
    if not lore.is_cut:
        return lore.by_file.get(path, ())
    names = {path}
    found: tuple[Change, ...] = ()
    for _ in range(MOST_NAMES):
        numbers = files.pull_requests_touching(past.session, past.repository, names, at_most=MOST_PULL_REQUESTS)
        found = merged_changes.of(past.session, past.repository, numbers)
        earlier = {file.old_path for one in found for file in one.files if file.old_path and file.path in names}
        if earlier <= names:
            break
        names |= earlier
    return found


def _revisions(past: Past, lore: Lore, path: str, asked: Sequence[Change] | None) -> Result[Revisions]:
    """Of a file that was asked for, the commits; of any other, the pull requests, ranked among all files."""
    if asked is not None:
        return revisions(path, asked, past.look())
    return revisions_among(path, lore.counts, past.look().last_days(YEAR_DAYS))


def _asked_changes(past: Past, row: FileHistoryRow) -> Sequence[Change]:
    hashes = row.commits.split()
    known = {one.hash: one for one in repository_facts.some_commits(past.session, past.repository, hashes)}
    ordered = [known[one] for one in hashes if one in known]
    first = ordered[-1].hash if ordered and row.is_whole else None
    told = (replace(one, files=(FileChange(path=row.path, status=_status(one.hash == first)),)) for one in ordered)
    return tuple(changes_of_commits(told))


def _status(is_creation: bool) -> FileStatus:  # noqa: FBT001 - the one thing that it is about
    return FileStatus.ADDED if is_creation else FileStatus.MODIFIED


def _truck_factor(past: Past, lore: Lore, folder: str) -> Result[TruckFactor]:
    def make() -> Result[TruckFactor]:
        return truck_factor(lore.changes, past.directory, folder=folder, present=lore.sizes)

    return past.figure_of_year(("truck_factor", folder), make)


def _folders(past: Past, lore: Lore) -> Iterable[Folder]:
    counts: dict[str, int] = {}
    for path in lore.sizes:
        top, slash, _ = path.partition("/")
        if slash:
            counts[top] = counts.get(top, 0) + 1
    for folder in sorted(counts, key=lambda name: (-counts[name], name))[:MOST_FOLDERS]:
        yield Folder(folder, counts[folder], _truck_factor(past, lore, folder))
