"""How evenly the first answers are spread over a team. It compares nobody with anybody.

Source: panels.md 5.3, section 8. Units: shares; the Gini coefficient over all who were asked for a review or answered first, so that
someone who is always asked and never first counts. Names only where the workspace turned them on; the viewer sees the
own number always.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, population
from insights.pull_requests.measurement import Measurement
from insights.result import Definition, Result, Unit, Window
from insights.statistics.concentration import gini, share_of_busiest

DEFINITION = Definition(
    name="review_load",
    version=1,
    title="Review load",
    text=(
        "Of the first answers given in the window, the share of the one, two and three people who gave most of them. "
        "The Gini coefficient is 0 where all who were asked or answered gave equally many, and nears 1 where one "
        "person gave all."
    ),
    unit=Unit.SHARE,
    source="panels.md 5.3; Gini 1912",
)


class Audience(Struct, frozen=True):
    """Who looks, and whether the workspace shows names."""

    viewer: str | None = None
    are_names_shown: bool = False


NOBODY_IN_PARTICULAR = Audience()


class Load(Struct, frozen=True):
    """Somebody's first answers."""

    account: str
    answers: int


class ReviewLoad(Struct, frozen=True, kw_only=True):
    """The shares of the busiest one, two and three; ``named`` is empty unless names are shown."""

    shares: tuple[float, float, float]
    gini: float
    people: int
    yours: int | None
    named: tuple[Load, ...]


def review_load(
    measurements: Iterable[Measurement],
    look: Look,
    audience: Audience = NOBODY_IN_PARTICULAR,
    *,
    window: Window | None = None,
    chosen: Filter = EVERYTHING,
) -> Result[ReviewLoad]:
    """Spread the first answers of a window, by default the last 28 days. n counts the answers."""
    span = window or look.last_days(RECENT_DAYS)
    cohort = population((item for item in measurements if span.holds(item.stamps.responded)), chosen=chosen).over(span)
    counts = _counts(cohort)
    if not counts.total():
        return cohort.answer(DEFINITION, None)
    busiest = [share_of_busiest(counts.values(), number) for number in (1, 2, 3)]
    return cohort.answer(
        DEFINITION,
        ReviewLoad(
            shares=(busiest[0], busiest[1], busiest[2]),
            gini=gini(counts.values()),
            people=len(counts),
            yours=None if audience.viewer is None else counts[audience.viewer],
            named=_named(counts) if audience.are_names_shown else (),
        ),
    )


def _counts(cohort: Cohort) -> Counter[str]:
    """Count the first answers of everybody who was asked or answered; one whose account is gone is one person."""
    counts: Counter[str] = Counter()
    for item in cohort:
        counts.update(dict.fromkeys(item.reviewers, 0))
        counts[item.stamps.responder or ""] += 1
    return counts


def _named(counts: Counter[str]) -> tuple[Load, ...]:
    # In the order of the accounts: an order by number would be a leaderboard.
    return tuple(Load(account, counts[account]) for account in sorted(counts))
