"""When an open pull request is likely to be merged, from those here that had come as far and waited as long.

Source: panels.md 5.2, "Likely merge window": the 25th to the 75th percentile of the remaining time among pull requests of the same size
bucket and stage that had waited at least as long in it. Being conditional on the wait so far, it grows with the wait where
waits here drag on. Open ones count as "at least this long" (Kaplan-Meier). Hidden with fewer than 30 to compare.

Whether it is right is published: see flow/forecast_honesty.py, target one in two.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import YEAR_DAYS
from insights.facts.pull_requests import PullRequestState
from insights.pull_requests.cohorts import Cohort
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.stages import OPEN_STAGES, Stage, entered_at, stage_now
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Result, Unit, WhyNot, Window
from insights.statistics.kaplan_meier import Wait, survival_quantiles

DEFINITION = Definition(
    name="merge_window",
    version=1,
    title="Likely merge window",
    text=(
        "How much longer it usually takes from here: the middle half of the remaining times of pull requests of this "
        "size that were in this stage and had waited in it at least as long, over the last 52 weeks. Open ones count "
        "as at least as long as they have taken; declined ones are left out. Hidden where fewer than 30 compare. The "
        "Flow page says how often such windows were right; half the time is what to expect."
    ),
    unit=Unit.DURATION,
    source="panels.md 5.2; Kaplan and Meier 1958",
)

LEAST_COMPARABLE = 30
LOW, HIGH = 0.25, 0.75


class MergeWindow(Struct, frozen=True):
    """The remaining time: at least ``low``, at most ``high``; no ``high`` where too many are still open to say."""

    low: timedelta
    high: timedelta | None

    def holds(self, remaining: timedelta) -> bool:
        """Return whether a remaining time fell into the window, its ends included."""
        return self.low <= remaining and (self.high is None or remaining <= self.high)


class Course(Struct, frozen=True, gc=False):
    """How long another took in a stage, and from its beginning on; ``is_over`` is False where it is still open."""

    id: int
    in_stage: timedelta
    from_stage_on: timedelta
    is_over: bool


def merge_window(item: Measurement, past: Cohort, look: Look) -> Result[MergeWindow]:
    """Forecast one open pull request from the population of its repository (``cohorts.population``)."""
    stage = stage_now(item.stamps)
    if stage not in OPEN_STAGES or item.bucket is None:
        return merge_window_among(item, (), look)
    comparable = (other for other in past if other.bucket is item.bucket)
    return merge_window_among(item, courses(comparable, stage, look), look)


def courses(others: Iterable[Measurement], stage: Stage, look: Look) -> tuple[Course, ...]:
    """Return how others went on from a stage: those merged within the year or open; a declined one tells nothing."""
    window = look.last_days(YEAR_DAYS)
    return tuple(
        Course(other.id, times.of(stage), times.from_stage_on(stage), other.state is PullRequestState.MERGED)
        for other in others
        if _tells(other, stage, window)
        for times in (other.times(look),)
    )


def merge_window_among(item: Measurement, known: Iterable[Course], look: Look) -> Result[MergeWindow]:
    """Return what ``merge_window`` does, from the ``courses`` of those of its size from the stage that it is in."""
    stage = stage_now(item.stamps)
    if stage not in OPEN_STAGES:
        return _silent(WhyNot.NOT_READY)
    if item.bucket is None or item.has(Flag.ACTIVITY_UNKNOWN):
        return _silent(WhyNot.NOT_KNOWN)
    waited = item.times(look).of(stage)
    found = [other for other in known if other.in_stage >= waited and other.id != item.id]
    waits = [Wait(other.from_stage_on - waited, is_over=other.is_over) for other in found]
    return _answer(waits, look.last_days(YEAR_DAYS), tuple(other.id for other in found))


def _tells(other: Measurement, stage: Stage, window: Window) -> bool:
    """Return whether another was merged in the window or is open, has come to the stage, and is known well enough."""
    is_timely = other.state is PullRequestState.OPEN or window.holds(other.merged_at)
    return is_timely and entered_at(other.stamps, stage) is not None and not other.has(Flag.ACTIVITY_UNKNOWN)


def _answer(waits: Sequence[Wait], window: Window, members: tuple[int, ...]) -> Result[MergeWindow]:
    if len(members) < LEAST_COMPARABLE:
        return _silent(WhyNot.TOO_FEW, n=len(members), window=window)
    over, going_on = (sorted(wait.duration for wait in waits if wait.is_over is ended) for ended in (True, False))
    low, high = survival_quantiles(over, going_on, (LOW, HIGH))
    return Result(
        definition=DEFINITION.id,
        n=len(members),
        value=None if low is None else MergeWindow(low, high),
        why_not=WhyNot.NOT_REACHED if low is None else None,
        window=window,
        members=members,
    )


def _silent(why_not: WhyNot, *, n: int = 0, window: Window | None = None) -> Result[MergeWindow]:
    return Result(definition=DEFINITION.id, n=n, why_not=why_not, window=window)
