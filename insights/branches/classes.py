"""What kind of branch one is.

Source: panels.md 5.4. The first that applies: *long-lived* (main, the branching model, or settings); *merged leftover*: its tip is
contained in the branch that it was merged into, or is the commit at which its pull request was merged, which finds those
merged by squash; with a pull request open, or by age: *active* under 7 days, *quiet* to 30, *idle* to 90, *stale* after
that unless a pull request is open. A branch that was just made has no commit of its own and is contained in its base as
well: without a merged pull request it is left over only once it is no longer active.

Unit: age since the newest commit, or since we first saw it, by the wall clock.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from insights.branches.owners import owner_of
from insights.branches.pull_requests_of_branch import NO_PULL_REQUEST, PullRequestsOfBranch
from insights.facts.repository import BranchFacts
from insights.pull_requests.context import Context
from insights.pull_requests.population import long_lived_branch
from insights.result import Definition, Result, Unit, WhyNot
from insights.settings import WorkspaceSettings

DEFINITION = Definition(
    name="branch_classes",
    version=1,
    title="Branches by class",
    text=(
        "Long-lived: the main branch and those of the branching model or the settings. Merged: everything on it has "
        "arrived, also by squash. Active: a commit in the last 7 days; quiet: in the last 30; idle: older, or with a "
        "pull request open; stale: no commit in the number of days set (90), and no pull request open."
    ),
    unit=Unit.STATE,
    source="panels.md 5.4; GitHub and GitLab call a branch stale after three months",
)


class BranchClass(StrEnum):
    """The classes, in the order in which they are asked."""

    LONG_LIVED = "long_lived"
    MERGED_LEFTOVER = "merged_leftover"
    ACTIVE = "active"
    QUIET = "quiet"
    IDLE = "idle"
    STALE = "stale"


class Branch(Struct, frozen=True, kw_only=True):
    """A branch and its class. ``owner`` is who to ask; ``age`` is since its last sign of life."""

    name: str
    tip: str
    branch_class: BranchClass
    owner: str | None
    age: timedelta
    open_pull_request: int | None


def branch_classes(
    branches: Iterable[BranchFacts],
    *,
    arrived: Collection[str],
    pull_requests: Mapping[str, PullRequestsOfBranch],
    context: Context,
    now: datetime,
) -> Result[tuple[Branch, ...]]:
    """Class every branch, the longest without a sign of life first.

    ``arrived`` holds the commits that long-lived branches contain (``ancestry.ancestors_of`` of their tips, or of those
    branch tips that are asked about); ``pull_requests`` is ``pull_requests_of_branch.by_branch``.
    """
    found = []
    for facts in branches:
        known = pull_requests.get(facts.name, NO_PULL_REQUEST)
        age = max(now - max(facts.tip_at, facts.first_seen_at or facts.tip_at), timedelta(0))
        found.append(
            Branch(
                name=facts.name,
                tip=facts.tip,
                branch_class=_class_of(facts, known, age, arrived=arrived, settings=context.settings),
                owner=owner_of(facts, known, context.directory),
                age=age,
                open_pull_request=known.open,
            )
        )
    ordered = tuple(sorted(found, key=lambda branch: (-branch.age, branch.name)))
    return Result(
        definition=DEFINITION.id,
        n=len(ordered),
        value=ordered or None,
        why_not=None if ordered else WhyNot.NO_DATA,
    )


def _class_of(
    facts: BranchFacts,
    known: PullRequestsOfBranch,
    age: timedelta,
    *,
    arrived: Collection[str],
    settings: WorkspaceSettings,
) -> BranchClass:
    is_active = age < timedelta(days=settings.active_days)
    if long_lived_branch(facts.name, settings):
        return BranchClass.LONG_LIVED
    if known.open is None:
        if facts.tip in known.merged_heads:
            return BranchClass.MERGED_LEFTOVER
        if facts.tip in arrived and (known.merged_heads or not is_active):
            return BranchClass.MERGED_LEFTOVER
    if is_active:
        return BranchClass.ACTIVE
    if age < timedelta(days=settings.quiet_days):
        return BranchClass.QUIET
    is_old = age > timedelta(days=settings.stale_days)
    return BranchClass.STALE if is_old and known.open is None else BranchClass.IDLE
