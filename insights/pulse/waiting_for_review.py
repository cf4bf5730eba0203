"""How many pull requests wait for a reviewer, and how many of them longer than is usual here.

Source: panels.md 5.1: open, human, not a draft, with the reviewers' turn; and those whose wait is above the repository's own 85th
percentile of pickup. Unit: pull requests.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from insights.pull_requests.pace import UNKNOWN, Yardstick
from insights.pull_requests.stages import Stage
from insights.pull_requests.standing import Standing
from insights.pull_requests.turn import TurnKind
from insights.result import Definition, Exclusion, Result, Unit

DEFINITION = Definition(
    name="waiting_for_review",
    version=1,
    title="Waiting for review",
    text=(
        "Open pull requests by people, no drafts, where it is the reviewers' turn; and how many of them have waited "
        "longer than 85 of 100 here waited to be picked up in the last 90 days."
    ),
    unit=Unit.COUNT,
    source="panels.md 5.1",
)


class WaitingForReview(Struct, frozen=True):
    """How many wait; ``longer_than_usual`` is None where fewer than 20 past pull requests say what is usual."""

    waiting: int
    longer_than_usual: int | None


def waiting_for_review(standings: Iterable[Standing], usual: Mapping[Stage, Yardstick]) -> Result[WaitingForReview]:
    """Count those that wait. n counts all open ones that could; a repository with none has none waiting."""
    exclusions: Counter[Exclusion] = Counter()
    candidates = []
    for standing in standings:
        if reason := _why_left_out(standing):
            exclusions[reason] += 1
        else:
            candidates.append(standing)
    waiting = [standing for standing in candidates if standing.turn.kind is TurnKind.REVIEWER]
    p85 = usual.get(Stage.PICKUP, UNKNOWN).p85
    late = None if p85 is None else sum(standing.waited > p85 for standing in waiting)
    return Result(
        definition=DEFINITION.id,
        n=len(candidates),
        value=WaitingForReview(len(waiting), late),
        exclusions=dict(sorted(exclusions.items())),
        members=tuple(standing.id for standing in waiting),
    )


def _why_left_out(standing: Standing) -> Exclusion | None:
    return standing.measurement.exclusion or (Exclusion.DRAFT if standing.turn.kind is TurnKind.DRAFT else None)
