"""What happened to one commit: who brought it, who looked at it, where it is now, and whether it was taken back.

Source: panels.md 5.6. Bitbucket's own resource for a commit's pull requests needs another app to be enabled, so the pull request
is found from what we know of pull requests: their merge commits and their commits.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from insights.commits.ancestry import Parents, first_containing
from insights.commits.reverts import reverted_by, reverted_hashes
from insights.facts.pull_requests import BuildFacts, BuildState, PullRequestFacts, PullRequestState
from insights.facts.repository import CommitFacts, DeploymentFacts, TagFacts
from insights.result import Definition, Result, Unit, WhyNot

DEFINITION = Definition(
    name="passport",
    version=1,
    title="Commit passport",
    text=(
        "The pull request that brought this commit, the first tag and the first deployment to each environment that "
        "contain it, its builds, and the commits that revert it or carry the same patch."
    ),
    unit=Unit.STATE,
    source="panels.md 5.6",
)


class Arrival(Struct, frozen=True):
    """The first successful deployment to an environment that contained the commit."""

    environment: str
    deployment: DeploymentFacts


class History(Struct, frozen=True, kw_only=True):
    """What is known of the repository around a commit: for a tag or a deployment to count, all between must be there."""

    commits: Sequence[CommitFacts] = ()
    pull_requests: Sequence[PullRequestFacts] = ()
    builds: Sequence[BuildFacts] = ()
    tags: Sequence[TagFacts] = ()
    deployments: Sequence[DeploymentFacts] = ()


class Passport(Struct, frozen=True, kw_only=True):
    """All that is known of one commit. Its files' hotspot scores are in files/revisions.py."""

    commit: str
    pull_request: int | None
    builds: Mapping[str, BuildState]
    first_tag: TagFacts | None
    arrivals: tuple[Arrival, ...]
    reverts: tuple[str, ...]
    reverted_by: str | None
    same_patch: tuple[str, ...]


def passport(commit: CommitFacts, history: History) -> Result[Passport]:
    """Put the passport of a commit together. n counts the commits known."""
    parents: Parents = {one.hash: one.parents for one in history.commits}
    brought = pull_request_of(commit.hash, history.pull_requests)
    value = Passport(
        commit=commit.hash,
        pull_request=brought,
        builds=_latest(commit.hash, history.builds),
        first_tag=_first_tag(commit.hash, history.tags, parents),
        arrivals=_arrivals(commit.hash, history.deployments, parents),
        reverts=reverted_hashes(commit.message),
        reverted_by=reverted_by([*history.commits, commit]).get(commit.hash),
        same_patch=_same_patch(commit, history.commits),
    )
    members = () if brought is None else (brought,)
    return Result(definition=DEFINITION.id, n=len(history.commits), value=value, members=members)


def no_passport() -> Result[Passport]:
    """Return the answer for a commit that is not known."""
    return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NOT_KNOWN)


def pull_request_of(commit: str, pull_requests: Iterable[PullRequestFacts]) -> int | None:
    """Return the pull request that brought a commit: one that was merged by it, else with it; merged before open."""
    candidates = [
        (facts.merge_commit != commit, facts.state is not PullRequestState.MERGED, facts.created_at, facts.id)
        for facts in pull_requests
        if commit in {facts.merge_commit, facts.head, *facts.commits}
    ]
    return min(candidates)[-1] if candidates else None


def _latest(commit: str, builds: Iterable[BuildFacts]) -> Mapping[str, BuildState]:
    """Return the last word of each build key on a commit."""
    own = sorted((build for build in builds if build.commit == commit), key=lambda build: build.at)
    return {build.key: build.state for build in own}


def _first_tag(commit: str, tags: Iterable[TagFacts], parents: Parents) -> TagFacts | None:
    ordered = sorted(tags, key=lambda tag: (tag.at, tag.name))
    return first_containing(((tag.commit, tag) for tag in ordered), parents).get(commit)


def _arrivals(commit: str, deployments: Iterable[DeploymentFacts], parents: Parents) -> tuple[Arrival, ...]:
    by_environment: dict[str, list[DeploymentFacts]] = {}
    for deployment in sorted(deployments, key=lambda one: (one.completed_at, one.uuid)):
        if deployment.was_successful:
            by_environment.setdefault(deployment.environment, []).append(deployment)
    found = (
        Arrival(environment, first)
        for environment, ordered in by_environment.items()
        if (first := first_containing(((one.commit, one) for one in ordered), parents).get(commit)) is not None
    )
    return tuple(sorted(found, key=lambda arrival: (arrival.deployment.completed_at, arrival.environment)))


def _same_patch(commit: CommitFacts, commits: Iterable[CommitFacts]) -> tuple[str, ...]:
    if commit.patch_id is None:
        return ()
    return tuple(sorted(one.hash for one in commits if one.patch_id == commit.patch_id and one.hash != commit.hash))
