"""What to look at first.

Source: panels.md 5.1, "Attention list": ordered by the wait so far as a multiple of the repository's 85th percentile of that stage, the
largest first. This is a list for people and no measure: pull requests to any branch are on it, drafts and bots' are not.
"""

from collections import Counter
from collections.abc import Iterable

from insights.pull_requests.standing import Standing
from insights.pull_requests.turn import TurnKind
from insights.result import Definition, Exclusion, Result, Unit

DEFINITION = Definition(
    name="attention",
    version=1,
    title="Needs attention",
    text=(
        "Open pull requests by people that wait for somebody, the most overdue first: the time waited divided by what "
        "85 of 100 here stay under in the same stage. Where too little is known of the past, the longest wait first."
    ),
    unit=Unit.LIST,
    source="panels.md 5.1",
)

ROWS = 5


def attention(standings: Iterable[Standing], *, rows: int = ROWS) -> Result[tuple[Standing, ...]]:
    """Return the first rows of the list; n counts all that could be on it."""
    exclusions: Counter[Exclusion] = Counter()
    waiting = []
    for standing in standings:
        if standing.measurement.is_bot:
            exclusions[Exclusion.BOT_AUTHOR] += 1
        elif standing.turn.kind is TurnKind.DRAFT:
            exclusions[Exclusion.DRAFT] += 1
        else:
            waiting.append(standing)
    waiting.sort(key=urgency)
    return Result(
        definition=DEFINITION.id,
        n=len(waiting),
        value=tuple(waiting[:rows]),
        exclusions=dict(sorted(exclusions.items())),
        members=tuple(standing.id for standing in waiting),
    )


def urgency(standing: Standing) -> tuple[bool, float, float, int]:
    """Return a key that sorts the most urgent first: by multiple of the usual, then, and without one, by wait."""
    ratio = standing.ratio
    return ratio is None, -(ratio or 0.0), -standing.waited.total_seconds(), standing.id
