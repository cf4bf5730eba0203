"""How often, how fast and how safely changes reach production.

Source: panels.md section 4 (``t_deploy``) and 5.3, section 11; the DORA measures, of which the last is here a proxy and is labelled so.
Deployments are those to environments of the type Production. Units: deployments a week; durations from the first commit to the first
successful deployment whose commit contains the merge; a share.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS, TREND_WEEKS, Week
from insights.commits.ancestry import Parents, first_containing
from insights.commits.reverts import reverted_by
from insights.facts.pull_requests import PullRequestFacts
from insights.facts.repository import CommitFacts, DeploymentFacts, EnvironmentType
from insights.pull_requests.cohorts import EVERYTHING, Filter, merged_in
from insights.pull_requests.measurement import Measurement
from insights.result import Definition, Exclusion, Result, Unit, WhyNot, Window
from insights.statistics.percentiles import Spread, spread

FREQUENCY = Definition(
    name="deployment_frequency",
    version=1,
    title="Deployments to production",
    text="Successful deployments to environments of the type Production in each week.",
    unit=Unit.COUNT,
    source="DORA; panels.md 5.3",
)
LEAD = Definition(
    name="lead_time",
    version=1,
    title="Lead time",
    text=(
        "From the first commit of a pull request to the first successful deployment to production that contains its "
        "merge, of those merged in the window. Those not deployed yet are left out and counted."
    ),
    unit=Unit.DURATION,
    source="DORA; panels.md section 4",
)
FAILURES = Definition(
    name="change_failures",
    version=1,
    title="Change failures (a proxy)",
    text=(
        "The part of the successful deployments to production that were followed within 24 hours by another that went "
        "back to an earlier commit, brought a revert of something they had brought, or brought a hotfix branch. Nobody "
        "tells us of failures: this only shows their traces."
    ),
    unit=Unit.SHARE,
    source="DORA's change fail rate, approximated; panels.md 5.3",
)

FOLLOWED_WITHIN = timedelta(hours=24)


class WeekOfDeployments(Struct, frozen=True):
    """One week."""

    week: Week
    count: int


class Failures(Struct, frozen=True):
    """How many deployments were followed by a trace of failure, their share, and which."""

    count: int
    share: float
    deployments: tuple[str, ...]


def deployment_frequency(
    deployments: Iterable[DeploymentFacts], look: Look, *, weeks: int = TREND_WEEKS
) -> Result[tuple[WeekOfDeployments, ...]]:
    """Count each week, oldest first. Silent where there never was one: the repository does not deploy here."""
    ordered = to_production(deployments)
    spans = look.last_weeks(weeks)
    window = Window(spans[0].window.start, spans[-1].window.end)
    times = [one.completed_at for one in ordered]
    counts = tuple(
        WeekOfDeployments(week, bisect_left(times, week.window.end) - bisect_left(times, week.window.start))
        for week in spans
    )
    return Result(
        definition=FREQUENCY.id,
        n=sum(week.count for week in counts),
        value=counts if ordered else None,
        why_not=None if ordered else WhyNot.NO_DATA,
        window=window,
    )


def deployed_at(
    merge_commits: Mapping[int, str], deployments: Iterable[DeploymentFacts], parents: Parents
) -> Mapping[int, datetime]:
    """Return when each pull request's merge commit first was in production: ``t_deploy``."""
    first = first_containing(((one.commit, one.completed_at) for one in to_production(deployments)), parents)
    return {number: first[commit] for number, commit in merge_commits.items() if commit in first}


def lead_time(
    measurements: Iterable[Measurement],
    deployed: Mapping[int, datetime],
    look: Look,
    *,
    window: Window | None = None,
    chosen: Filter = EVERYTHING,
) -> Result[Spread]:
    """Return the lead time of those merged in the window, by default the last 90 days; ``deployed`` is as above."""
    cohort = merged_in(measurements, window or look.last_days(BASELINE_DAYS), chosen=chosen)
    arrived = cohort.without(Exclusion.NOT_DEPLOYED, lambda item: item.id not in deployed)
    times = [look.between(item.stamps.first, max(deployed[item.id], item.stamps.first)) for item in arrived]
    return arrived.answer(LEAD, spread(times))


def change_failures(
    deployments: Iterable[DeploymentFacts],
    *,
    commits: Iterable[CommitFacts],
    hotfixes: Iterable[str],
    look: Look,
    window: Window | None = None,
) -> Result[Failures]:
    """Look for traces of failure after the deployments of the window, by default the last 90 days.

    ``hotfixes`` are merge commits of pull requests from hotfix branches (``hotfix_merges``). A deployment younger than 24
    hours is not judged yet. n counts those judged.
    """
    span = window or look.last_days(BASELINE_DAYS)
    in_window = [one for one in to_production(deployments) if span.holds(one.completed_at)]
    judged = [one.uuid for one in in_window if one.completed_at + FOLLOWED_WITHIN <= look.now]
    if not judged:
        return Result(definition=FAILURES.id, n=0, why_not=WhyNot.NO_DATA, window=span)
    traced = _traced(to_production(deployments), list(commits), frozenset(hotfixes))
    failed = tuple(uuid for uuid in judged if uuid in traced)
    young = len(in_window) - len(judged)
    return Result(
        definition=FAILURES.id,
        n=len(judged),
        value=Failures(len(failed), len(failed) / len(judged), failed),
        window=span,
        exclusions={Exclusion.TOO_YOUNG: young} if young else {},
    )


def _traced(
    ordered: Iterable[DeploymentFacts], commits: Sequence[CommitFacts], hotfixes: frozenset[str]
) -> frozenset[str]:
    """Return the deployments after which a trace of failure follows in the same environment."""
    environments: dict[str, list[DeploymentFacts]] = defaultdict(list)
    for one in ordered:
        environments[one.environment].append(one)
    return frozenset(
        one.uuid
        for deployments in environments.values()
        for traces in [_Traces(deployments, commits, hotfixes)]
        for index, one in enumerate(deployments)
        if traces.follow(index)
    )


def hotfix_merges(pull_requests: Iterable[PullRequestFacts], hotfix_prefix: str | None) -> frozenset[str]:
    """Return the merge commits of pull requests from branches with the branching model's hotfix prefix."""
    return frozenset(
        facts.merge_commit
        for facts in pull_requests
        if hotfix_prefix and facts.merge_commit is not None and facts.source_branch.startswith(hotfix_prefix)
    )


def to_production(deployments: Iterable[DeploymentFacts]) -> tuple[DeploymentFacts, ...]:
    """Return the successful deployments to production, oldest first."""
    return tuple(
        sorted(
            (one for one in deployments if one.was_successful and one.environment_type is EnvironmentType.PRODUCTION),
            key=lambda one: (one.completed_at, one.uuid),
        )
    )


class _Traces:
    """What each deployment to one environment brought, and whether those after it take something back."""

    def __init__(
        self, ordered: Sequence[DeploymentFacts], commits: Sequence[CommitFacts], hotfixes: frozenset[str]
    ) -> None:
        self._ordered = ordered
        self._times = [one.completed_at for one in ordered]
        self._hotfixes = hotfixes
        self._reverts = {reverting: reverted for reverted, reverting in reverted_by(commits).items()}
        parents: Parents = {commit.hash: commit.parents for commit in commits}
        self._first = first_containing(((one.commit, index) for index, one in enumerate(ordered)), parents)
        self._brought: dict[int, list[str]] = defaultdict(list)
        for commit, index in self._first.items():
            self._brought[index].append(commit)

    def follow(self, index: int) -> bool:
        """Return whether a later deployment within 24 hours is a trace of this one's failure."""
        end = bisect_right(self._times, self._times[index] + FOLLOWED_WITHIN)
        return any(self._takes_back(later, index) for later in range(index + 1, end))

    def _takes_back(self, later: int, index: int) -> bool:
        went_back = self._ordered[later].commit != self._ordered[index].commit and not self._brought[later]
        return went_back or any(
            commit in self._hotfixes or self._first.get(self._reverts.get(commit, ""), -1) == index
            for commit in self._brought[later]
        )
