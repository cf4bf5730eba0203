"""What kind of branch one is, by its newest commit and by whether a pull request is open from it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from insights.live.facts import BranchTip

ACTIVE_FOR = timedelta(days=7)
QUIET_UNTIL = timedelta(days=30)
STALE_AFTER = timedelta(days=90)


class BranchKind(StrEnum):
    """The class of a branch. ``IDLE`` is what lies between quiet and stale, and an old branch with an open pull request."""

    MAIN = "main"
    ACTIVE = "active"
    QUIET = "quiet"
    IDLE = "idle"
    STALE = "stale"
    UNKNOWN = "unknown"


def kind_of(branch: BranchTip, *, main_branch: str | None, in_review: Collection[str], now: datetime) -> BranchKind:
    """Return the class of one branch.

    ``in_review`` holds the names of the branches with an open pull request: such a branch is never stale, however
    old its newest commit.
    """
    if branch.name == main_branch:
        return BranchKind.MAIN
    if branch.committed_at is None:
        return BranchKind.UNKNOWN
    age = now - branch.committed_at
    if age < ACTIVE_FOR:
        return BranchKind.ACTIVE
    if age < QUIET_UNTIL:
        return BranchKind.QUIET
    return BranchKind.STALE if age > STALE_AFTER and branch.name not in in_review else BranchKind.IDLE
