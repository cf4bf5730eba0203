"""The stages that go through lists: pull requests, branches and tags, commits, deployments."""

from bitbucket import commits, deployments, pull_requests, refs
from bitbucket.deployments import Deployment, Environment
from bitbucket.pull_requests import ALL_STATES
from bitbucket.query_language import field
from bitbucket.resources import Branch, Commit, Page, PullRequest, PullRequestEnd
from insights.facts.pull_requests import PullRequestState
from models.history import gaps
from models.history.gaps import Gap
from models.history.refs import RefKind
from sync.backfill.cursor import Cursor, Ends
from sync.backfill.work import Read, Work
from sync.history.builds import record_deployments
from sync.history.commits import record_commits
from sync.history.deployed import deployment_facts
from sync.history.projection import Projection
from sync.history.pull_requests import record_pull_requests
from sync.history.refs import record_listing

CLOSED_STATES = tuple(state for state in ALL_STATES if state != PullRequestState.OPEN)

MOST_ENDS = 500
"""Open pull requests whose commits are remembered from the list; of more, each diffstat costs a call more."""


def open_pull_requests(work: Work) -> Read:
    """The next page of the open ones; at the end their two commits are handed on, which saves a call for each."""
    page = work.asked(lambda: _page_of_pull_requests(work, (PullRequestState.OPEN,)))
    if page is None:
        return Read(is_skipped=True, hands_on=Cursor(ends=work.cursor.ends))
    ends = (*work.cursor.ends, *map(_ends_of, page.values))[:MOST_ENDS]
    return Read(
        record=lambda projection: record_pull_requests(projection, page.values, observed_at=work.now),
        cursor=Cursor(next=page.next, ends=ends) if page.next else None,
        hands_on=Cursor(ends=ends),
        open_total=page.size,
    )


def closed_pull_requests(work: Work) -> Read:
    """The next page of the closed ones, the last changed first."""
    page = work.asked(lambda: _page_of_pull_requests(work, CLOSED_STATES))
    if page is None:
        return Read(is_skipped=True)
    return Read(
        record=lambda projection: record_pull_requests(projection, page.values, observed_at=work.now),
        cursor=Cursor(next=page.next) if page.next else None,
        closed_total=page.size,
    )


def closed_ends(work: Work) -> Read:
    """A page of the closed ones once more, for the two commits of each whose diffstat is missing: one call instead of fifty."""
    page = work.asked(lambda: _page_of_pull_requests(work, CLOSED_STATES))
    if page is None:
        return Read(is_skipped=True)
    with work.readers() as session:
        numbers = frozenset(told.id for told in page.values)
        lacking = gaps.with_gap(session, work.repository, Gap.FILES, numbers, since=work.since)
    ends = tuple(_ends_of(told) for told in page.values if told.id in lacking)
    return Read(
        record=lambda projection: record_pull_requests(projection, page.values, observed_at=work.now),
        cursor=Cursor(next=page.next, ends=ends, is_listed=True),
        closed_total=page.size,
    )


def all_refs(work: Work) -> Read:
    """The next page of branches and tags. Which of ours are gone is for the nightly comparison."""
    client, next_url = work.client, work.cursor.next
    page = work.asked(
        lambda: client.page_at(next_url, Branch) if next_url else refs.page_of_refs(client, *work.address)
    )
    if page is None:
        return Read(is_skipped=True)

    def record(projection: Projection) -> None:
        for kind in RefKind:
            told = [one for one in page.values if one.type in _REF_TYPES[kind]]
            record_listing(projection, kind, told, observed_at=work.now, is_complete=False)

    return Read(record=record, cursor=Cursor(next=page.next) if page.next else None)


_REF_TYPES = {RefKind.BRANCH: {"branch", "named_branch"}, RefKind.TAG: {"tag"}}


def all_commits(work: Work) -> Read:
    """The next page of the commits of all branches, the newest first, back to where the backfill ends."""
    client, next_url = work.client, work.cursor.next
    page = work.asked(
        lambda: client.page_at(next_url, Commit) if next_url else commits.page_of_commits(client, *work.address)
    )
    if page is None:
        return Read(is_skipped=True)
    is_far_enough = all(commit.date is not None and commit.date < work.since for commit in page.values)
    return Read(
        record=lambda projection: record_commits(projection, page.values, as_of=work.now),
        cursor=Cursor(next=page.next) if page.next and not is_far_enough else None,
    )


def all_deployments(work: Work) -> Read:
    """The next page of the deployments; before the first, where they go to."""
    known, next_url = work.cursor.environments, work.cursor.next

    def read() -> tuple[tuple[Environment, ...], Page[Deployment]]:
        environments = known if known is not None else tuple(deployments.environments(work.client, *work.address))
        if next_url:
            return environments, work.client.page_at(next_url, Deployment)
        return environments, deployments.page_of_deployments(work.client, *work.address)

    told = work.asked(read)
    if told is None:
        return Read(is_skipped=True)
    environments, page = told
    facts = deployment_facts(page.values, environments)
    return Read(
        record=lambda projection: record_deployments(projection, facts, observed_at=work.now),
        cursor=Cursor(next=page.next, environments=environments) if page.next else None,
    )


def _page_of_pull_requests(work: Work, states: tuple[str, ...]) -> Page[PullRequest]:
    if work.cursor.next is not None:
        return work.client.page_at(work.cursor.next, PullRequest)
    is_open = states == (PullRequestState.OPEN,)
    where = None if is_open else field("updated_on").is_at_least(work.since)
    return pull_requests.page_of_pull_requests(work.client, *work.address, states=states, where=where)


def _ends_of(told: PullRequest) -> Ends:
    source, destination = _commit_of(told.source), _commit_of(told.destination)
    if source is None or destination is None or _is_from_fork(told):
        return Ends(told.id)
    return Ends(told.id, source, destination)


def _commit_of(end: PullRequestEnd | None) -> str | None:
    return end.commit.hash if end is not None and end.commit is not None else None


def _is_from_fork(told: PullRequest) -> bool:
    source, destination = told.source, told.destination
    if source is None or source.repository is None or destination is None or destination.repository is None:
        return True
    return source.repository.uuid != destination.repository.uuid
