"""How each kind of follow-up is asked of Bitbucket, and what its answer is recorded as.

Asking happens outside of any transaction and returns an Answer; recording it happens in one, on the locked repository, and
returns how much of it no event had told. Nothing here decides when, or writes about the question itself.
"""

import contextlib
import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from bitbucket.commits import build_statuses, commit, commits_of_pull_request, page_of_commits, statuses_of_pull_request
from bitbucket.deployments import Deployment, environments, page_of_deployments
from bitbucket.diffs import FileChange, files_of_pull_request, files_since_parting
from bitbucket.errors import NotFound
from bitbucket.pull_request_activity import activity
from bitbucket.pull_request_reviews import comments, tasks
from bitbucket.pull_requests import pull_request
from bitbucket.refs import branch, tag
from bitbucket.repositories import repository as read_repository
from bitbucket.resources import BuildStatus, Commit, Page
from insights.facts.pull_requests import PullRequestState
from models import repositories
from models.history import build_reports, commits, deployments, pull_request_commits, pull_requests
from models.history.columns import SHORT_HASH_LENGTH
from models.history.follow_ups import FollowUpKind
from models.history.pull_requests import PullRequestRow
from models.history.refs import RefKind
from models.installations import Installation
from models.reconciles import Drift
from sync.history.activity import record_activity
from sync.history.builds import record_build_statuses, record_deployments
from sync.history.commits import record_commits
from sync.history.contents import record_files, record_pull_request_commits, record_tasks
from sync.history.deployed import deployment_facts
from sync.history.pull_requests import record_pull_requests
from sync.history.refs import record_gone, record_listing
from sync.history.reviews import record_comments
from sync.whereabouts import facts_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bitbucket.client import BitbucketClient
    from models.repositories import Repository
    from sync.history.projection import Projection

MOST_PAGES_OF_COMMITS: Final = 20
"""So far a push is followed into the past at a time. What is older is the backfill's."""
MOST_PAGES_OF_DEPLOYMENTS: Final = 20

GRACE: Final = timedelta(minutes=5)
"""What happened so shortly before it was read may still be on its way as an event."""

Found = Mapping[Drift, int]
Answer = Callable[["Projection"], Found]
"""Records what was answered."""

Read = Callable[[Callable[["Session", "Repository"], Collection[str]]], Collection[str]]
"""Looks something up in our own rows."""

_NOTHING: Final[Found] = {}

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and what is held of its subject. `observed_at` is the moment before the first request."""

    client: "BitbucketClient" = field(repr=False)
    workspace: str
    repository: str
    """Both are UUIDs."""
    subject: str
    observed_at: datetime
    read: "Read"
    held: PullRequestRow | None = None

    @property
    def number(self) -> int:
        """The pull request that it is about."""
        return int(self.subject)

    @property
    def where(self) -> tuple[str, str]:
        """The first arguments of every call."""
        return self.workspace, self.repository


def held_of(session: "Session", repository: "Repository", kind: FollowUpKind, subject: str) -> PullRequestRow | None:
    """What is held of the pull request that a question is about."""
    if kind not in _ABOUT_PULL_REQUESTS:
        return None
    return pull_requests.held(session, repository, {int(subject)}).get(int(subject))


def ask(kind: FollowUpKind, question: Question) -> Answer:
    """Ask Bitbucket. Raises BitbucketError."""
    return _ASKERS[kind](question)


def _repository(question: Question) -> Answer:
    told = facts_of(read_repository(question.client, *question.where), workspace_uuid=question.workspace)

    def record(projection: "Projection") -> Found:
        session, row = projection.session, projection.repository
        installation = session.get_one(Installation, row.installation_id)
        settle = repositories.record if told.workspace_uuid == installation.principal_uuid else repositories.let_go
        settle(session, installation, told, as_of=question.observed_at, now=projection.now)
        return _NOTHING

    return record


def _pull_request(question: Question) -> Answer:
    told = pull_request(question.client, *question.where, question.number)

    def record(projection: "Projection") -> Found:
        record_pull_requests(projection, [told], observed_at=question.observed_at)
        return _changed(projection, question, Drift.PULL_REQUEST)

    return record


def _activity(question: Question) -> Answer:
    log = list(activity(question.client, *question.where, question.number))
    # Whether an entry of the log says that its thread was resolved is not documented; the comments themselves do.
    has_comments = any(entry.comment is not None for entry in log)
    said = list(comments(question.client, *question.where, question.number)) if has_comments else []

    def record(projection: "Projection") -> Found:
        record_activity(projection, question.number, log, observed_at=question.observed_at)
        if said:
            record_comments(projection, question.number, said, observed_at=question.observed_at)
        return _changed(projection, question, Drift.ACTIVITY)

    return record


def _changed(projection: "Projection", question: Question, kind: Drift) -> Found:
    """Whether a pull request that we had been told of turned out to be different from what was told."""
    held = question.held
    was_known = held is not None and (held.is_watched or held.activity_as_of is not None)
    if not was_known or question.number not in projection.changed_pull_requests:
        return _NOTHING
    row = pull_requests.held(projection.session, projection.repository, {question.number})[question.number]
    is_settled = row.updated_at < question.observed_at - GRACE
    return {kind: 1} if is_settled and row.updated_at >= projection.repository.first_seen_at else _NOTHING


def _diffstat(question: Question) -> Answer:
    held = question.held
    head = held.head if held is not None else None
    if held is None or head is None:
        return _no_answer
    told = list(_files(question, held, head))

    def record(projection: "Projection") -> Found:
        record_files(projection, question.number, told, head=head, observed_at=question.observed_at)
        return _NOTHING

    return record


def _files(question: Question, held: PullRequestRow, head: str) -> Sequence[FileChange]:
    """The files as of the head that we hold, in one call; of a closed one, and of one from a fork, what Bitbucket keeps of it.

    One that was merged meanwhile has nothing left to bring: so where nothing is found, the pull request itself is asked.
    """
    if held.state is PullRequestState.OPEN and not held.is_from_fork:
        ends = {"source": head, "destination": held.destination_branch}
        with contextlib.suppress(NotFound):  # one of the two is gone
            if told := list(files_since_parting(question.client, *question.where, **ends)):
                return told
    return list(files_of_pull_request(question.client, *question.where, question.number))


def _pull_request_commits(question: Question) -> Answer:
    held = question.held.head if question.held is not None else None
    if held is None:
        return _no_answer
    told = list(commits_of_pull_request(question.client, *question.where, question.number))
    # It may have moved on since: then the first of them is the head that these are the commits of.
    is_of_held = not told or any(one.hash.startswith(held[:SHORT_HASH_LENGTH]) for one in told)
    head = held if is_of_held else told[0].hash

    def record(projection: "Projection") -> Found:
        record_pull_request_commits(projection, question.number, told, head=head, observed_at=question.observed_at)
        return _NOTHING

    return record


def _tasks(question: Question) -> Answer:
    told = list(tasks(question.client, *question.where, question.number))

    def record(projection: "Projection") -> Found:
        record_tasks(projection, question.number, told, observed_at=question.observed_at)
        return _NOTHING

    return record


def _pushed_commits(question: Question) -> Answer:
    old, _, new = question.subject.partition("..")
    try:
        told = _commits(question, new, exclude=[old] if old else [])
    except NotFound:
        if not old:
            raise
        told = _commits(question, new, exclude=[])  # what the push has replaced is gone

    def record(projection: "Projection") -> Found:
        held = commits.held(projection.session, projection.repository, {one.hash for one in told})
        record_commits(projection, told, as_of=question.observed_at)
        start = projection.repository.first_seen_at
        new_ones = [one for one in told if one.hash not in held and one.date is not None and one.date >= start]
        return {Drift.COMMIT: len(new_ones)}

    return record


def _commit(question: Question) -> Answer:
    told = commit(question.client, *question.where, question.subject)

    def record(projection: "Projection") -> Found:
        record_commits(projection, [told], as_of=question.observed_at)
        return _NOTHING

    return record


def _commits(question: Question, new: str, *, exclude: Sequence[str]) -> list[Commit]:
    """The commits from a tip down to those that we hold."""
    page = page_of_commits(question.client, *question.where, include=[new], exclude=exclude)
    told = list(page.values)
    for _ in range(MOST_PAGES_OF_COMMITS):
        if page.next is None or not _is_open_ended(question, told):
            break
        page = question.client.page_at(page.next, Commit)
        told += page.values
    return told


def _is_open_ended(question: Question, told: Sequence[Commit]) -> bool:
    """Whether some of these commits has a parent that is neither among them nor held."""
    parents = {parent.hash for one in told for parent in one.parents or ()} - {one.hash for one in told}
    return bool(parents - set(question.read(lambda session, repository: commits.held(session, repository, parents))))


def _builds(question: Question) -> Answer:
    page = build_statuses(question.client, *question.where, question.subject)
    told = list(_all(question, page, BuildStatus))

    def record(projection: "Projection") -> Found:
        return _record_builds(projection, question, told, {question.subject})

    return record


def _pull_request_builds(question: Question) -> Answer:
    told = list(statuses_of_pull_request(question.client, *question.where, question.number))

    def record(projection: "Projection") -> Found:
        return _record_builds(projection, question, told, _current_commits(projection, question.number))

    return record


def _current_commits(projection: "Projection", number: int) -> frozenset[str]:
    """The commits of a pull request; none where we hold those of another head, since it was not asked about them."""
    session, repository = projection.session, projection.repository
    row = pull_requests.held(session, repository, {number}).get(number)
    if row is None or (row.head or "")[:SHORT_HASH_LENGTH] != (row.commits_head or "")[:SHORT_HASH_LENGTH]:
        return frozenset()
    return frozenset(pull_request_commits.held(session, repository, {number}).get(number, ()))


def _record_builds(
    projection: "Projection", question: Question, told: Sequence[BuildStatus], read: Collection[str]
) -> Found:
    """Record statuses, and that these commits have no others."""
    session, repository, observed_at = projection.session, projection.repository, question.observed_at
    hashes = {one.commit.hash for one in told if one.commit is not None} | set(read)
    before = {row.key_of_row for rows in build_reports.held(session, repository, hashes).values() for row in rows}
    only_one = next(iter(read)) if len(read) == 1 else None
    record_build_statuses(projection, told, as_of=observed_at, commit=only_one)
    after = [row for rows in build_reports.held(session, repository, hashes).values() for row in rows]
    commits.note_builds_read(session, repository, read, at=observed_at)
    start, end = repository.first_seen_at, observed_at - GRACE
    return {Drift.BUILD: sum(start <= row.at < end for row in after if row.key_of_row not in before)}


def _ref(question: Question) -> Answer:
    kind_text, _, name = question.subject.partition(":")
    kind = RefKind(kind_text)
    try:
        told = (branch if kind is RefKind.BRANCH else tag)(question.client, *question.where, name)
    except NotFound:
        told = None

    def record(projection: "Projection") -> Found:
        if told is None:
            return {Drift.REF: record_gone(projection, kind, {name}, observed_at=question.observed_at)}
        record_listing(projection, kind, [told], observed_at=question.observed_at, is_complete=False)
        return _NOTHING

    return record


def _deployments(question: Question) -> Answer:
    told = [one for page in _pages_of_deployments(question) for one in page]
    is_any = any(one.completed_at is not None for one in told)
    known = list(environments(question.client, *question.where)) if is_any else []

    def record(projection: "Projection") -> Found:
        record_deployments(projection, deployment_facts(told, known), observed_at=question.observed_at)
        return _NOTHING

    return record


def _pages_of_deployments(question: Question) -> Iterator[Sequence[Deployment]]:
    """Pages with something new; where they come newest first, the first one without ends it."""
    page = page_of_deployments(question.client, *question.where)
    for _ in range(MOST_PAGES_OF_DEPLOYMENTS):
        uuids = {one.uuid for one in page.values if one.uuid is not None}
        known = question.read(functools.partial(deployments.held, uuids=uuids))
        new = [one for one in page.values if one.uuid not in known]
        yield new
        if page.next is None or (not new and _is_newest_first(page.values)):
            return
        page = question.client.page_at(page.next, Deployment)


def _is_newest_first(told: Sequence[Deployment]) -> bool:
    ends = [one.completed_at for one in told if one.completed_at is not None]
    return len(ends) > 1 and ends[0] > ends[-1]


def _all(question: Question, page: Page[_T], kind: type[_T]) -> Iterator[_T]:
    yield from page.values
    while page.next is not None:
        page = question.client.page_at(page.next, kind)
        yield from page.values


def _no_answer(_projection: "Projection") -> Found:
    return _NOTHING


_ABOUT_PULL_REQUESTS: Final = frozenset(
    {
        FollowUpKind.PULL_REQUEST,
        FollowUpKind.ACTIVITY,
        FollowUpKind.DIFFSTAT,
        FollowUpKind.PULL_REQUEST_COMMITS,
        FollowUpKind.TASKS,
        FollowUpKind.PULL_REQUEST_BUILDS,
    }
)

_ASKERS: Final[Mapping[FollowUpKind, Callable[[Question], Answer]]] = {
    FollowUpKind.REPOSITORY: _repository,
    FollowUpKind.PULL_REQUEST: _pull_request,
    FollowUpKind.ACTIVITY: _activity,
    FollowUpKind.DIFFSTAT: _diffstat,
    FollowUpKind.PULL_REQUEST_COMMITS: _pull_request_commits,
    FollowUpKind.TASKS: _tasks,
    FollowUpKind.PUSHED_COMMITS: _pushed_commits,
    FollowUpKind.COMMIT: _commit,
    FollowUpKind.BUILDS: _builds,
    FollowUpKind.PULL_REQUEST_BUILDS: _pull_request_builds,
    FollowUpKind.REF: _ref,
    FollowUpKind.DEPLOYMENTS: _deployments,
}
