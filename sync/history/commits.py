"""Recording commits. They never change, so what is told of one only completes what is held."""

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from bitbucket.resources import Commit
from models.history import commits, people
from models.history.columns import HASH_LENGTH, SHORT_HASH_LENGTH, kept
from models.history.commits import MESSAGE_LENGTH, PARENTS_LENGTH, CommitRow
from sync.history.accounts import account_of_author
from sync.history.moments import in_utc
from sync.history.projection import Projection


def record_commits(projection: Projection, told: Iterable[Commit], *, as_of: datetime) -> None:
    """Record commits that were told with their full hashes; a cut hash names no commit of its own."""
    told = [commit for commit in told if len(commit.hash) == HASH_LENGTH]
    authors = {commit.hash: account_of_author(commit.author) for commit in told}
    ids = projection.people(authors.values(), as_of=as_of)
    held = commits.held(projection.session, projection.repository, {commit.hash for commit in told})
    rows = dict(held)
    for commit in told:
        author = authors[commit.hash]
        row = _row(projection, commit, author_id=ids[author.uuid] if author else None)
        known = rows.get(commit.hash)
        rows[commit.hash] = row if known is None else _completed(projection, known, row)
    changed = [row for one, row in rows.items() if row != held.get(one)]
    commits.store(projection.session, changed)
    if changed:
        projection.note_change()


def _completed(projection: Projection, held: CommitRow, told: CommitRow) -> CommitRow:
    return replace(
        held,
        author_id=_author(projection, held.author_id, told.author_id),
        committed_at=held.committed_at or told.committed_at,
        message=told.message if held.message is None else held.message,
        parents=told.parents if held.parents is None else held.parents,
    )


def _author(projection: Projection, held: int | None, told: int | None) -> int | None:
    """An account before an address, which Bitbucket may link to an account at any time; else the same in every order."""
    if held is None or told is None or held == told:
        return told if held is None else held
    uuids = people.uuids(projection.session, projection.repository, {held, told})
    return min((held, told), key=lambda person: (uuids[person].startswith("email:"), uuids[person]))


def _row(projection: Projection, commit: Commit, *, author_id: int | None) -> CommitRow:
    parents = None if commit.parents is None else " ".join(parent.hash for parent in commit.parents)
    return CommitRow(
        repository_id=projection.repository.id,
        hash=kept(commit.hash, length=HASH_LENGTH),
        short_hash=kept(commit.hash, length=SHORT_HASH_LENGTH),
        author_id=author_id,
        committed_at=None if commit.date is None else in_utc(commit.date),
        message=None if commit.message is None else kept(commit.message, length=MESSAGE_LENGTH),
        parents=None if parents is None else kept(parents, length=PARENTS_LENGTH),
    )
