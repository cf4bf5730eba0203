"""One commit: what happened to it, read from our own copy; one that we do not know is asked for, then kept."""

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from bitbucket.commits import build_statuses, commit
from bitbucket.deadline import Deadline
from bitbucket.diffs import FileChange as ToldChange
from bitbucket.diffs import changed_files
from bitbucket.errors import BitbucketError, NotFound
from bitbucket.resources import BuildStatus, Commit
from insights.commits.passport import History, Passport, passport
from insights.facts.pull_requests import PullRequestFacts
from insights.facts.repository import CommitFacts
from insights.pull_requests.measurement import Measurement
from insights.result import Result
from models.history import commit_walks, pull_request_facts, repository_facts
from models.history.columns import HASH_LENGTH
from models.history.commit_walks import Stretch
from sync.history.builds import record_build_statuses
from sync.history.commits import record_commits
from sync.history.contents import record_commit_files
from web.panels.concurrent import finish, start
from web.panels.past import Past
from web.panels.places.recording import client_of, recording

T = TypeVar("T")

MOST_WALKED: Final = 5_000
"""Later commits that one page walks over to see which tags and deployments contain this one."""

NOTHING_TO_FIND: Final = 500
"""The same, where there are none: a revert may be among them."""

MOST_FILES: Final = 500
"""Of one commit, that are asked for."""

CLOCK_SKEW: Final = timedelta(days=1)
HASH: Final = re.compile(r"[0-9a-f]{7,40}")


@dataclass(frozen=True, slots=True)
class CommitFound:
    """A commit, its passport, and the pull request that brought it."""

    facts: CommitFacts
    result: Result[Passport]
    brought_by: PullRequestFacts | None
    measured: Measurement | None
    reverting: Mapping[str, CommitFacts]
    """The commits that say they revert it, and those that it says it reverts, as far as we hold them."""
    looked_up_to: datetime | None
    """Later tags and deployments were not looked at; None where all were."""


def hash_in(text: str) -> str | None:
    """The hash that somebody has typed or pasted, perhaps shortened; None for anything else."""
    lowered = text.strip().lower()
    return lowered if HASH.fullmatch(lowered) else None


def held_hash(past: Past, wanted: str) -> str | None:
    """The whole hash of a commit that we hold; None where none begins so, or more than one."""
    found = commit_walks.matching(past.session, past.repository, wanted, at_most=2)
    return found[0] if len(found) == 1 else None


def commit_of(past: Past, whole: str) -> CommitFound | None:
    """Return a commit that we hold with everything that is known of it; None where its time is not."""
    session, repository = past.session, past.repository
    facts = next(iter(repository_facts.some_commits(session, repository, {whole})), None)
    if facts is None:
        return None
    since = facts.committed_at - CLOCK_SKEW
    tags = repository_facts.tags(session, repository)
    arrived = repository_facts.deployments_since(session, repository, since)
    stretch = commit_walks.following(
        session, repository, since=since, at_most=MOST_WALKED if tags or arrived else NOTHING_TO_FIND
    )
    reverting = _reverting(past, whole, since)
    pull_requests = pull_request_facts.bringing(session, repository, whole)
    history = History(
        commits=_around(stretch, reverting, since),
        pull_requests=pull_requests,
        builds=repository_facts.builds_of(session, repository, {whole}),
        tags=tags,
        deployments=arrived,
    )
    result = passport(facts, history)
    brought = next((one for one in pull_requests if result.members == (one.id,)), None)
    return CommitFound(
        facts=facts,
        result=result,
        brought_by=brought,
        measured=past.measurement(brought.id) if brought else None,
        reverting={**_reverted(past, result), **reverting},
        looked_up_to=stretch.reaches_to,
    )


def is_incomplete(found: CommitFound) -> bool:
    """Whether Bitbucket was never asked for what a commit changes: then its builds may never have been heard of either."""
    return found.facts.files is None


def ask(past: Past, wanted: str) -> str:
    """Ask Bitbucket for a commit, its files and its builds, and keep them: three calls. Returns its whole hash.

    Raises BitbucketError; NotFound where there is no such commit.
    """
    visit = past.visit
    where = (client_of(visit), visit.caller.installation.principal_uuid, visit.repository.uuid)
    asked_at = past.now
    found_call = start(lambda: commit(*where, wanted))
    builds_call = start(lambda: build_statuses(*where, wanted).values)
    files_call = start(lambda: _some_files(changed_files(*where, wanted)))
    found = finish(found_call, visit.deadline)
    if not found.hash.startswith(wanted) or len(found.hash) != HASH_LENGTH:
        raise NotFound("There is no such commit.", status=404)
    builds = _or_nothing(builds_call, visit.deadline) or ()
    _keep(past, found, _or_nothing(files_call, visit.deadline), builds, asked_at)
    return found.hash


def _keep(
    past: Past, found: Commit, files: list[ToldChange] | None, builds: tuple[BuildStatus, ...], asked_at: datetime
) -> None:
    with recording(past) as projection:
        record_commits(projection, [found], as_of=asked_at)
        if files is not None:
            record_commit_files(projection, found.hash, files)
        record_build_statuses(projection, builds, commit=found.hash, as_of=asked_at)


def _some_files(told: Iterator[ToldChange]) -> list[ToldChange]:
    return [one for one, _ in zip(told, range(MOST_FILES), strict=False)]


def _around(stretch: Stretch, reverting: Mapping[str, CommitFacts], since: datetime) -> list[CommitFacts]:
    """The commits that follow, as a walk needs them; those that revert whole, however late they came."""
    slim = {one: _slim(one, parents, since) for one, parents in stretch.parents.items()}
    return list({**slim, **reverting}.values())


def _slim(commit: str, parents: tuple[str, ...], at: datetime) -> CommitFacts:
    """A commit as a walk needs it: what it contains."""
    return CommitFacts(hash=commit, author=None, authored_at=at, committed_at=at, parents=parents)


def _reverting(past: Past, whole: str, since: datetime) -> Mapping[str, CommitFacts]:
    """The commits that say they revert this one."""
    hashes = [one for one, _ in commit_walks.reverting(past.session, past.repository, whole, since=since)]
    return {one.hash: one for one in repository_facts.some_commits(past.session, past.repository, hashes)}


def _reverted(past: Past, result: Result[Passport]) -> Mapping[str, CommitFacts]:
    """The commits that this one says it reverts, by whole hash."""
    whole = {held for one in (result.value.reverts if result.value else ()) if (held := held_hash(past, one))}
    return {one.hash: one for one in repository_facts.some_commits(past.session, past.repository, whole)}


def _or_nothing(call: Future[T], deadline: Deadline) -> T | None:
    """What a call gave, if it gave anything: a commit can be so large that its files cannot be listed in time."""
    try:
        return finish(call, deadline)
    except BitbucketError:
        return None
