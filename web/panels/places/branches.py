"""The branches of a repository and what is to be said of each: read from our own copy, compared on demand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bitbucket.commits import page_of_commits
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.refs import newest_branches
from bitbucket.resources import Commit, Page
from insights.branches.classes import Branch, branch_classes
from insights.branches.divergence import Divergence, divergence
from insights.branches.known_files import with_known_files
from insights.branches.pull_requests_of_branch import PullRequestsOfBranch, by_branch
from insights.commits.ancestry import ancestors_of
from insights.facts.pull_requests import PullRequestFacts
from insights.facts.repository import BranchFacts, CommitFacts
from insights.pull_requests.population import long_lived_branch
from insights.result import Result
from models.history import (
    branch_comparisons,
    commit_walks,
    pull_request_facts,
    pull_requests,
    repository_facts,
    source_branches,
)
from models.history.branch_comparisons import BranchComparisonRow
from models.history.columns import HASH_LENGTH, SHORT_HASH_LENGTH
from models.history.refs import RefKind
from sync.history.commits import record_commits
from sync.history.refs import record_listing
from web.panels.concurrent import all_at_once
from web.panels.past import Past
from web.panels.places.recording import client_of, recording

MOST_WALKED: Final = 20_000
"""Commits that one page walks over to see which branches are contained in others."""

CLOCK_SKEW: Final = timedelta(days=1)
"""A commit may say that it is older than the ones that it contains, as much as people's clocks differ."""


@dataclass(frozen=True, slots=True)
class Branches:
    """All branches, classed; where each leads; the comparisons that still hold."""

    result: Result[tuple[Branch, ...]]
    facts: Mapping[str, BranchFacts]
    bases: Mapping[str, str]
    compared: Mapping[str, BranchComparisonRow]
    looked_back_to: datetime | None
    """Older branches were not looked for in others; None where all were."""

    @property
    def classed(self) -> tuple[Branch, ...]:
        """The branches, each with its class."""
        return self.result.value or ()

    def find(self, name: str) -> Branch | None:
        """The branch of a name."""
        return next((branch for branch in self.classed if branch.name == name), None)

    def base_of(self, name: str) -> BranchFacts | None:
        """The branch that a branch leads to."""
        return self.facts.get(self.bases.get(name, ""))


@dataclass(frozen=True, slots=True)
class Compared:
    """A branch beside its base, and when it was."""

    base: str
    result: Result[Divergence]
    at: datetime


def branches_of(past: Past) -> Branches:
    """Return every branch of the repository."""
    facts = {one.name: one for one in repository_facts.branches(past.session, past.repository)}
    told = source_branches.of_existing(past.session, past.repository)
    known = by_branch(told)
    arrived, looked_back_to = _arrived(past, facts, known)
    classed = branch_classes(facts.values(), arrived=arrived, pull_requests=known, context=past.context, now=past.now)
    bases = _bases(past, facts, told)
    return Branches(
        result=classed,
        facts=facts,
        bases=bases,
        compared=_still_true(branch_comparisons.every(past.session, past.repository), facts, bases),
        looked_back_to=looked_back_to,
    )


def meet(past: Past) -> None:
    """Ask Bitbucket for the branches with the newest commits, for a repository of which we hold none, and keep them: one call.

    Raises BitbucketError.
    """
    visit, asked_at = past.visit, past.now
    listed = newest_branches(
        client_of(visit), visit.caller.installation.principal_uuid, visit.repository.uuid, pagelen=MOST_PER_PAGE
    )
    with recording(past) as projection:
        record_listing(projection, RefKind.BRANCH, listed.values, observed_at=asked_at, is_complete=listed.next is None)


def comparison_of(past: Past, branches: Branches, name: str) -> Compared | None:
    """Return how far a branch is from its base, if that was asked for and both are where they were."""
    row = branches.compared.get(name)
    if row is None:
        return None
    ahead, behind = (_commits(past, text) for text in (row.ahead, row.behind))
    related = _pull_requests_of(past, name, behind)
    result = divergence(
        with_known_files(ahead, related),
        with_known_files(behind, related),
        parted_at=_parted_at(past, ahead, branches.facts[name]),
        generated=past.context.generated,
    )
    return Compared(row.base, result, row.compared_at)


def compare(past: Past, branches: Branches, name: str) -> None:
    """Ask Bitbucket how far a branch is from its base, and keep it: two calls. Raises BitbucketError, KeyError."""
    branch, base = branches.facts[name], branches.facts[branches.bases[name]]
    asked_at = past.now
    ahead, behind = _ask(past, branch.tip, base.tip)
    with recording(past) as projection:
        record_commits(projection, [*ahead.values, *behind.values], as_of=asked_at)
        branch_comparisons.store(
            projection.session,
            BranchComparisonRow(
                repository_id=projection.repository.id,
                branch=name,
                tip=branch.tip,
                base=base.name,
                base_tip=base.tip,
                ahead=_hashes(ahead),
                behind=_hashes(behind),
                compared_at=asked_at,
            ),
        )


def _ask(past: Past, tip: str, base_tip: str) -> tuple[Page[Commit], Page[Commit]]:
    visit = past.visit
    ask = partial(page_of_commits, client_of(visit), visit.caller.installation.principal_uuid, visit.repository.uuid)
    ahead, behind = all_at_once(
        [
            lambda: ask(include=(tip,), exclude=(base_tip,)),
            lambda: ask(include=(base_tip,), exclude=(tip,)),
        ],
        visit.deadline,
    )
    return ahead, behind


def _arrived(
    past: Past, facts: Mapping[str, BranchFacts], known: Mapping[str, PullRequestsOfBranch]
) -> tuple[frozenset[str], datetime | None]:
    """Return the tips that long-lived branches contain, and how far back that was looked for.

    Only those are asked about that nothing else decides, so that the walk ends with the oldest of them.
    """
    homes = [one.tip for one in facts.values() if long_lived_branch(one.name, past.settings)]
    asked = [one for one in facts.values() if one.tip not in homes and _is_undecided(known.get(one.name), one.tip)]
    if not homes or not asked:
        return frozenset(homes), None
    since = min(one.tip_at for one in asked) - CLOCK_SKEW
    stretch = commit_walks.newest(past.session, past.repository, since=since, at_most=MOST_WALKED)
    return ancestors_of(homes, stretch.parents), stretch.reaches_to


def _is_undecided(known: PullRequestsOfBranch | None, tip: str) -> bool:
    return known is None or (known.open is None and tip not in known.merged_heads)


def _bases(past: Past, facts: Mapping[str, BranchFacts], told: tuple[PullRequestFacts, ...]) -> Mapping[str, str]:
    """Where each branch leads: to where its open pull request does, else to the main branch."""
    main = past.repository.main_branch or ""
    bases = {name: main for name in facts if name != main and main in facts}
    wanted = {one.source_branch: one.destination_branch for one in told if one.is_open}
    return bases | {name: base for name, base in wanted.items() if base in facts and base != name}


def _still_true(
    rows: Mapping[str, BranchComparisonRow], facts: Mapping[str, BranchFacts], bases: Mapping[str, str]
) -> Mapping[str, BranchComparisonRow]:
    return {
        name: row
        for name, row in rows.items()
        if name in bases
        and name in facts
        and row.is_of(tip=facts[name].tip, base=bases[name], base_tip=facts[bases[name]].tip)
    }


def _hashes(page: Page[Commit]) -> str:
    return " ".join(commit.hash for commit in page.values[: branch_comparisons.MOST_COMMITS])


def _commits(past: Past, hashes: str) -> tuple[CommitFacts, ...]:
    return repository_facts.some_commits(past.session, past.repository, hashes.split())


def _pull_requests_of(past: Past, name: str, behind: tuple[CommitFacts, ...]) -> tuple[PullRequestFacts, ...]:
    """The pull requests whose files say what both sides changed: from the branch, and those that the base has got since."""
    session, repository = past.session, past.repository
    hashes = {commit.hash[:length] for commit in behind for length in (SHORT_HASH_LENGTH, HASH_LENGTH)}
    merged = {row.number for row in pull_requests.merged_as(session, repository, hashes)}
    return (
        *pull_request_facts.from_branch(session, repository, name),
        *pull_request_facts.some(session, repository, merged),
    )


def _parted_at(past: Past, ahead: tuple[CommitFacts, ...], branch: BranchFacts) -> datetime | None:
    """The time of the newest commit that both sides have: a branch without commits of its own is such a commit itself."""
    if not ahead:
        return branch.tip_at
    own = {commit.hash for commit in ahead}
    shared = {parent for commit in ahead for parent in commit.parents} - own
    points = repository_facts.some_commits(past.session, past.repository, shared)
    return max((point.committed_at for point in points), default=None)
