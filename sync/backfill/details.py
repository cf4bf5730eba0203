"""The stages that go through pull requests, and through commits of the main branch, one by one."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from bitbucket import commits, diffs, pull_request_activity, pull_request_reviews
from bitbucket.diffs import FileChange
from bitbucket.resources import BuildStatus, Commit
from insights.clock.windows import RECENT_DAYS
from models.history import commits as stored_commits
from models.history import gaps, main_line, pull_requests, refs
from models.history.columns import SHORT_HASH_LENGTH
from models.history.commits import CommitRow
from models.history.gaps import Gap, Scope
from models.history.refs import RefKind
from sync.backfill import lists
from sync.backfill.cursor import Cursor, Ends
from sync.backfill.merges import Node, brought
from sync.backfill.work import Read, Record, Step, Work
from sync.history.activity import record_activity
from sync.history.builds import record_build_statuses
from sync.history.commits import record_commits
from sync.history.contents import record_files, record_pull_request_commits, record_tasks
from sync.history.projection import Projection

FIRST_LOOK: Final = 3
"""So many commits of the main branch are asked for at first, to say whether it is green."""

MERGES_AT_ONCE: Final = 100
"""Pull requests whose commits one page stores: their rows are quickly written, and a lease is short."""

BUILDS_WINDOW: Final = timedelta(days=RECENT_DAYS)

Ask = Callable[[Work, int], Record | None]
"""Asks for one part of a pull request. None where it is not to be had."""


def each(gap: Gap, scope: Scope, ask: Ask) -> Step:
    """The step that asks for a part of the next pull request that lacks it, from the newest down."""

    def step(work: Work) -> Read:
        number = following(work, work.cursor.below)
        handed_on = Cursor(ends=work.cursor.ends)
        if number is None:
            return Read(hands_on=handed_on)
        record = ask(work, number)
        is_last = following(work, number) is None
        cursor = None if is_last else Cursor(below=number, ends=work.cursor.ends)
        return Read(record=record, cursor=cursor, hands_on=handed_on, is_skipped=record is None)

    def following(work: Work, below: int | None) -> int | None:
        with work.readers() as session:
            return gaps.next_with(session, work.repository, gap, scope, since=work.since, below=below)

    return step


def activity(work: Work, number: int) -> Record | None:
    """The activity log of a pull request, to its end."""
    log = work.asked(
        lambda: tuple(pull_request_activity.activity(work.client, *work.address, number)), pull_request=number
    )
    if log is None:
        return None
    return lambda projection: record_activity(projection, number, log, observed_at=work.now)


def builds(work: Work, number: int) -> Record | None:
    """What builds say of the commits of a pull request."""
    told = work.asked(
        lambda: tuple(commits.statuses_of_pull_request(work.client, *work.address, number)), pull_request=number
    )
    if told is None:
        return None
    return lambda projection: record_build_statuses(projection, told, as_of=work.now)


def tasks(work: Work, number: int) -> Record | None:
    """The tasks of a pull request."""
    told = work.asked(
        lambda: tuple(pull_request_reviews.tasks(work.client, *work.address, number)), pull_request=number
    )
    if told is None:
        return None
    return lambda projection: record_tasks(projection, number, told, observed_at=work.now)


def commits_of(work: Work, number: int) -> Record | None:
    """The commits of a pull request."""
    head = _head(work, number)
    told = work.asked(
        lambda: tuple(commits.commits_of_pull_request(work.client, *work.address, number)), pull_request=number
    )
    if told is None or head is None:
        return None
    return lambda projection: record_pull_request_commits(projection, number, told, head=head, observed_at=work.now)


def commits_of_merges(work: Work) -> Read:
    """The commits of some pull requests that were merged as what they were: no call, since the commits themselves are held."""
    with work.readers() as session:
        lacking = gaps.merges_without_commits(session, work.repository, since=work.since)
        tip = main_line.tip(session, work.repository)
        known = stored_commits.graph(session, work.repository, work.since) if lacking and tip else {}
    nodes = {commit: Node(parents, at) for commit, (parents, at) in known.items()}
    came = {merge[:SHORT_HASH_LENGTH]: hashes for merge, hashes in brought(nodes, tip or "").items()}
    certain = {
        number: hashes
        for number, (head, merge) in lacking.items()
        if (hashes := came.get(merge[:SHORT_HASH_LENGTH])) is not None
        and hashes[0].startswith(head[:SHORT_HASH_LENGTH])
    }
    some = dict(list(certain.items())[:MERGES_AT_ONCE])
    if not some:
        return Read()

    def record(projection: Projection) -> None:
        for number, hashes in some.items():
            told = [Commit(hash=commit, date=nodes[commit].at) for commit in hashes]
            record_pull_request_commits(projection, number, told, head=lacking[number][0], observed_at=work.now)

    return Read(record=record, cursor=Cursor() if len(certain) > len(some) else None)


def files(work: Work, number: int) -> Record | None:
    """The diffstat of a pull request whose two commits we do not know, or not both."""
    head = _head(work, number)
    told = work.asked(
        lambda: tuple(diffs.files_of_pull_request(work.client, *work.address, number)), pull_request=number
    )
    if told is None or head is None:
        return None
    return lambda projection: record_files(projection, number, told, head=head, observed_at=work.now)


_other_open_files: Final = each(Gap.FILES, Scope.OPEN, files)


def open_files(work: Work) -> Read:
    """The diffstat of the next open pull request: first those whose two commits came with the list."""
    work = _past_known_files(work)
    return _files_between(work) if work.cursor.ends else _other_open_files(work)


def closed_files(work: Work) -> Read:
    """The diffstat of the next closed pull request, page by page of their list."""
    work = _past_known_files(work)
    if work.cursor.ends:
        return _files_between(work)
    if work.cursor.next is None and work.cursor.is_listed:
        return Read()
    return lists.closed_ends(work)


def _files_between(work: Work) -> Read:
    ends, others = work.cursor.ends[0], work.cursor.ends[1:]
    told = work.asked(lambda: _changes_between(work, ends), pull_request=ends.number)
    head = ends.source or _head(work, ends.number)
    cursor = Cursor(next=work.cursor.next, ends=others, is_listed=work.cursor.is_listed, below=work.cursor.below)
    if told is None or head is None:
        return Read(cursor=cursor, is_skipped=True)
    return Read(
        record=lambda projection: record_files(projection, ends.number, told, head=head, observed_at=work.now),
        cursor=cursor,
    )


def _changes_between(work: Work, ends: Ends) -> Sequence[FileChange]:
    if ends.source is not None and ends.destination is not None:
        between = diffs.files_since_parting(
            work.client, *work.address, source=ends.source, destination=ends.destination
        )
        return tuple(between)
    return tuple(diffs.files_of_pull_request(work.client, *work.address, ends.number))


def _past_known_files(work: Work) -> Work:
    """Leave out the pull requests that have their files: events may have been quicker."""
    ends = work.cursor.ends
    if not ends:
        return work
    with work.readers() as session:
        numbers = frozenset(one.number for one in ends)
        lacking = gaps.with_gap(session, work.repository, Gap.FILES, numbers, since=work.since)
    kept = tuple(one for one in ends if one.number in lacking)
    return dataclasses.replace(work, cursor=msgspec.structs.replace(work.cursor, ends=kept))


def main_branch(work: Work) -> Read:
    """The newest commits of the main branch, and then what builds say of the very newest."""
    branch, cursor = work.repository.main_branch, work.cursor
    if branch is None or (cursor.is_listed and not cursor.commits):
        return Read()
    if cursor.is_listed:
        return _builds_of(work, cursor.commits[0], Cursor(is_listed=True, commits=cursor.commits[1:]))
    page = work.asked(lambda: commits.page_of_commits(work.client, *work.address, include=(branch,)))
    if page is None:
        return Read(is_skipped=True)
    return Read(
        record=lambda projection: record_commits(projection, page.values, as_of=work.now),
        cursor=Cursor(is_listed=True, commits=tuple(_first_parents(page.values))[:FIRST_LOOK]),
    )


def main_branch_builds(work: Work) -> Read:
    """What builds say of the next commit of the main branch, back to the beginning of the window, and one before it."""
    commit = _next_of_main_branch(work)
    return Read() if commit is None else _builds_of(work, commit, Cursor(after=commit))


def _builds_of(work: Work, commit: str, cursor: Cursor) -> Read:
    page = work.asked(lambda: commits.build_statuses(work.client, *work.address, commit), commit=commit)
    if page is None:
        return Read(cursor=cursor, is_skipped=True)
    told: Sequence[BuildStatus] = page.values

    def record(projection: Projection) -> None:
        record_build_statuses(projection, told, as_of=work.now, commit=commit)
        stored_commits.note_builds_read(projection.session, projection.repository, [commit], at=work.now)

    return Read(record=record, cursor=cursor)


def _first_parents(told: Sequence[Commit]) -> Sequence[str]:
    """The hashes along the first parents, from the first commit back, as far as they are told."""
    by_hash = {commit.hash: commit for commit in told}
    chain: list[str] = []
    commit = told[0] if told else None
    while commit is not None:
        chain.append(commit.hash)
        commit = by_hash.get(commit.parents[0].hash) if commit.parents else None
    return chain


def _next_of_main_branch(work: Work) -> str | None:
    chain = _main_branch_since(work)
    hashes = [commit.hash for commit in chain]
    begin = hashes.index(work.cursor.after) + 1 if work.cursor.after in hashes else 0
    return next((commit.hash for commit in chain[begin:] if commit.builds_as_of is None), None)


def _main_branch_since(work: Work) -> Sequence[CommitRow]:
    """The commits of the main branch within the window and one before it, the newest first."""
    begin = work.now - BUILDS_WINDOW
    with work.readers() as session:
        branch = work.repository.main_branch or ""
        tip = refs.held(session, work.repository, RefKind.BRANCH, [branch]).get(branch)
        # Some more than the window: the commit before it may be a good deal older.
        known = {row.hash: row for row in stored_commits.since(session, work.repository, begin - BUILDS_WINDOW)}
    chain: list[CommitRow] = []
    row = known.get(tip.tip) if tip is not None and tip.tip is not None else None
    while row is not None:
        chain.append(row)
        if row.committed_at is not None and row.committed_at < begin:
            break
        first_parent = (row.parents or "").partition(" ")[0]
        row = known.get(first_parent)
    return chain


def _head(work: Work, number: int) -> str | None:
    with work.readers() as session:
        row = pull_requests.held(session, work.repository, {number}).get(number)
    return row.head if row is not None else None
