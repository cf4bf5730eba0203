"""Who changed which files when, under the names that the files have today.

A change is a commit, or, where commits' diffstats are not held, a merged pull request: its author, the moment of the merge
and its files. Source: panels.md section 6 (without a clone, from the diffstats stored for pull requests) and 5.5 (no merge
commits, renames followed).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from insights.facts.pull_requests import FileChange, FileStatus, PullRequestFacts, PullRequestState
from insights.facts.repository import CommitFacts
from insights.result import Window


class Change(Struct, frozen=True):
    """One change of some files. ``key`` is the commit's hash or the pull request's id."""

    key: str
    author: str | None
    at: datetime
    files: tuple[FileChange, ...]


class Touch(Struct, frozen=True, gc=False):
    """One change as seen from one file."""

    author: str | None
    at: datetime
    is_creation: bool


def changes_of_commits(commits: Iterable[CommitFacts]) -> Iterator[Change]:
    """Yield the commits whose files are known, without merge commits: what those bring was committed before."""
    for commit in commits:
        if commit.files is not None and not commit.is_merge:
            yield Change(commit.hash, commit.author, commit.authored_at, commit.files)


def changes_of_pull_requests(pull_requests: Iterable[PullRequestFacts]) -> Iterator[Change]:
    """Yield the merged pull requests whose files are known."""
    for facts in pull_requests:
        if facts.state is PullRequestState.MERGED and facts.closed_at is not None and facts.files is not None:
            yield Change(str(facts.id), facts.author, facts.closed_at, facts.files)


def with_present_names(changes: Iterable[Change]) -> list[Change]:
    """Return the changes, newest first, with every file under the name that it has in the newest of them.

    A path that was used again for a new file after a rename belongs to the new file from its creation on.
    """
    names: dict[str, str] = {}
    renamed = []
    for change in sorted(changes, key=lambda change: (change.at, change.key), reverse=True):
        files = tuple(_renamed(file, names.get(file.path, file.path)) for file in change.files)
        _go_back(change.files, files, names)
        renamed.append(Change(change.key, change.author, change.at, files))
    return renamed


def touches_by_file(changes: Iterable[Change]) -> Mapping[str, tuple[Touch, ...]]:
    """Return what happened to each file, newest first, from changes under present names."""
    touches: dict[str, list[Touch]] = defaultdict(list)
    for change in changes:
        for file in change.files:
            touches[file.path].append(Touch(change.author, change.at, file.status is FileStatus.ADDED))
    return {path: tuple(found) for path, found in touches.items()}


def within(changes: Iterable[Change], window: Window) -> Iterator[Change]:
    """Yield the changes of a window."""
    return (change for change in changes if window.holds(change.at))


def _renamed(file: FileChange, path: str) -> FileChange:
    return FileChange(path=path, status=file.status, lines_added=file.lines_added, lines_removed=file.lines_removed)


def _go_back(before: Iterable[FileChange], present: Iterable[FileChange], names: dict[str, str]) -> None:
    """Note what the names mean in the changes before this one; first all that end here, as two may have swapped names."""
    pairs = [(file, now.path) for file, now in zip(before, present, strict=True)]
    for file, _ in pairs:
        if file.old_path is not None or file.status is FileStatus.ADDED:
            names.pop(file.path, None)
    for file, name in pairs:
        if file.old_path is not None:
            names[file.old_path] = name
