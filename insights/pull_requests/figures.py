"""The figures of one pull request, each as a Result with its definition: life, size, rounds, review depth.

Source: panels.md section 4 and 5.2. They are read from its measurement; the formulas stand in the modules of their names.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import YEAR_DAYS
from insights.pull_requests.cohorts import EVERYTHING, merged_in
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.review_depth import ReviewDepth, review_depth
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stages import StageTimes
from insights.pull_requests.stamps import Flag
from insights.result import Definition, Result, Unit, WhyNot
from insights.statistics.percentiles import percentile_rank

LIFE = Definition(
    name="life",
    version=1,
    title="Cycle and stages",
    text=(
        "From the first commit to the merge, or to now. Coding until it was opened, draft until it was ready, pickup "
        "until the first answer by another person, review until the required approvals were there for good, merge wait "
        "after that. The stages add up to the cycle exactly. Where deployments are known, deploy runs from the merge "
        "to the first successful deployment to production that contains it."
    ),
    unit=Unit.DURATION,
    source="panels.md section 4; compare LinearB, DevLake and CHAOSS in section 3 there",
)
SIZE = Definition(
    name="size",
    version=1,
    title="Size",
    text=(
        "Lines added plus lines removed, generated files left out, and the part of the pull requests merged here in "
        "the last 52 weeks that were smaller (equals counted half)."
    ),
    unit=Unit.LINES,
    source="panels.md 5.2",
)
ROUNDS = Definition(
    name="rounds",
    version=1,
    title="Rounds",
    text="How often another person answered and the author pushed after that, from the first answer to the approval.",
    unit=Unit.COUNT,
    source="Middleware's rework cycles; panels.md 5.2",
)
DEPTH = Definition(
    name="review_depth",
    version=1,
    title="Review depth",
    text="Comments by people other than the author, and the same for every 100 changed lines. No target.",
    unit=Unit.COUNT,
    source="panels.md 5.2",
)


T = TypeVar("T")


class Life(Struct, frozen=True, kw_only=True):
    """How long everything took; ``deploy`` is None where it is not known to be deployed."""

    stages: StageTimes
    cycle: timedelta
    open_to_merge: timedelta
    deploy: timedelta | None


class Size(Struct, frozen=True, kw_only=True):
    """How large it is. ``rank`` is 0 to 1, None where nothing was merged to compare it with."""

    lines: int
    files: int
    bucket: SizeBucket
    rank: float | None


def life(item: Measurement, look: Look, *, deployed: datetime | None = None) -> Result[Life]:
    """Return the stages of one pull request, up to now while it is open."""
    if item.stages is None and item.stamps.closed is not None:
        return Result(definition=LIFE.id, n=0, why_not=WhyNot.NOT_KNOWN, members=(item.id,))
    times = item.times(look)
    merged = item.merged_at
    value = Life(
        stages=times,
        cycle=times.cycle,
        open_to_merge=times.open_to_merge,
        deploy=look.between(merged, max(deployed, merged)) if deployed is not None and merged is not None else None,
    )
    flags = {flag.value: 1 for flag in sorted(item.stamps.flags)}
    return Result(definition=LIFE.id, n=1, value=value, flags=flags, members=(item.id,))


def size(item: Measurement, past: Iterable[Measurement], look: Look) -> Result[Size]:
    """Return the size of one pull request and its rank among those merged in 52 weeks; n counts these."""
    return size_among(item, merged_lines((other for other in past if other.id != item.id), look), look)


def merged_lines(past: Iterable[Measurement], look: Look) -> tuple[int, ...]:
    """Return the changed lines of each pull request merged in 52 weeks, in ascending order: what sizes are ranked among."""
    merged = merged_in(past, look.last_days(YEAR_DAYS), chosen=EVERYTHING)
    return tuple(sorted(other.lines for other in merged if other.lines is not None))


def size_among(item: Measurement, lines: Sequence[int], look: Look, *, is_among_them: bool = False) -> Result[Size]:
    """Return what ``size`` does, from ``merged_lines``; ``is_among_them``: its own lines are, and are taken out."""
    window = look.last_days(YEAR_DAYS)
    if item.lines is None or item.bucket is None:
        return Result(definition=SIZE.id, n=0, why_not=WhyNot.NOT_KNOWN, window=window, members=(item.id,))
    own = bisect_left(lines, item.lines)
    is_found = is_among_them and own < len(lines) and lines[own] == item.lines
    others = (*lines[:own], *lines[own + 1 :]) if is_found else lines
    value = Size(
        lines=item.lines,
        files=item.files or 0,
        bucket=item.bucket,
        rank=percentile_rank(others, item.lines) if others else None,
    )
    return Result(definition=SIZE.id, n=len(others), value=value, window=window, members=(item.id,))


def rounds(item: Measurement) -> Result[int]:
    """Return the rounds of one pull request."""
    return _of_activity(ROUNDS, item, item.rounds)


def depth(item: Measurement) -> Result[ReviewDepth]:
    """Return how much was said about one pull request."""
    return _of_activity(DEPTH, item, review_depth(item.comments, item.lines))


def _of_activity(definition: Definition, item: Measurement, value: T) -> Result[T]:
    """Return a figure that rests on the activity log, or say that the log has not been read yet."""
    is_known = not item.has(Flag.ACTIVITY_UNKNOWN)
    return Result(
        definition=definition.id,
        n=int(is_known),
        value=value if is_known else None,
        why_not=None if is_known else WhyNot.NOT_KNOWN,
        members=(item.id,),
    )
