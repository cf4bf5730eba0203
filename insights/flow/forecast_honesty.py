"""How often the likely merge window was right. It is shown beside the forecasts, whatever it says.

Source: panels.md 5.3, section 12: target one in two, for a window from the 25th to the 75th percentile, last 90 days.

Every pull request merged in the window is forecast again at each stage it entered (ready, first answered, approved), with the
rule of pull_requests/merge_window.py and with nothing that was not known at that moment: those merged by then within 52
weeks, and those then open, as far as they had come. Only the size bucket is the one of today.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import BASELINE_DAYS, YEAR_DAYS, last_days
from insights.pull_requests.cohorts import EVERYTHING, Cohort, Filter, merged_in, population, with_known_activity
from insights.pull_requests.measurement import Measurement
from insights.pull_requests.merge_window import HIGH, LEAST_COMPARABLE, LOW, MergeWindow
from insights.pull_requests.size import SizeBucket
from insights.pull_requests.stages import OPEN_STAGES, Stage, entered_at, time_since
from insights.result import Definition, Exclusion, Result, Unit, WhyNot
from insights.statistics.kaplan_meier import survival_quantiles

DEFINITION = Definition(
    name="forecast_honesty",
    version=1,
    title="Forecast honesty",
    text=(
        "How often the likely merge window would have been right for pull requests merged in the last 90 days, asked "
        "when each became ready, was first answered and was approved, knowing only what was known then. Half the time "
        "is what such a window promises."
    ),
    unit=Unit.SHARE,
    source="panels.md 5.3",
)

TARGET = HIGH - LOW


class Honesty(Struct, frozen=True):
    """How many forecasts, how many were right, their share, and the same by stage."""

    forecasts: int
    hits: int
    share: float
    by_stage: Mapping[Stage, float]


class _Entry(Struct, frozen=True, gc=False):
    """One pull request entering one stage: when, and what remained of it then if it was merged."""

    at: datetime
    item: Measurement
    remaining: timedelta | None


def forecast_honesty(
    measurements: Iterable[Measurement], look: Look, *, chosen: Filter = EVERYTHING
) -> Result[Honesty]:
    """Ask the past again. n counts the forecasts; NO_FORECAST those for which too few were comparable then.

    Give those merged in the last 90 days and a year before that, and the open ones. This is work for the night.
    """
    window = look.last_days(BASELINE_DAYS)
    known_since = window.start - timedelta(days=YEAR_DAYS)
    recent = (item for item in measurements if item.stamps.closed is None or item.stamps.closed >= known_since)
    everyone = with_known_activity(population(recent, chosen=chosen))
    asked = frozenset(item.id for item in merged_in(everyone, window, chosen=chosen))
    outcomes: dict[Stage, list[bool]] = {stage: [] for stage in OPEN_STAGES}
    silent = 0
    for stage in OPEN_STAGES:
        for entries in _by_bucket(everyone, stage, look).values():
            found, unanswered = _replay(entries, asked, look)
            outcomes[stage] += found
            silent += unanswered
    hits = [hit for found in outcomes.values() for hit in found]
    return Result(
        definition=DEFINITION.id,
        n=len(hits),
        value=_value(hits, outcomes) if hits else None,
        why_not=None if hits else WhyNot.TOO_FEW if asked else WhyNot.NO_DATA,
        window=window,
        exclusions={Exclusion.NO_FORECAST: silent} if silent else {},
        members=tuple(sorted(asked)),
    )


def _value(hits: list[bool], outcomes: Mapping[Stage, list[bool]]) -> Honesty:
    by_stage = {stage: sum(found) / len(found) for stage, found in outcomes.items() if found}
    return Honesty(len(hits), sum(hits), sum(hits) / len(hits), by_stage)


def _by_bucket(everyone: Cohort, stage: Stage, look: Look) -> Mapping[SizeBucket, list[_Entry]]:
    """Return who entered a stage, by size bucket, in the order of entering."""
    groups: dict[SizeBucket, list[_Entry]] = defaultdict(list)
    for item in everyone:
        at = entered_at(item.stamps, stage)
        if at is not None and item.bucket is not None:
            remaining = item.times(look).from_stage_on(stage) if item.merged_at is not None else None
            groups[item.bucket].append(_Entry(at, item, remaining))
    for entries in groups.values():
        entries.sort(key=lambda entry: (entry.at, entry.item.id))
    return groups


class _Past:
    """What was known of one bucket and stage as time goes by."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._closings = deque(
            sorted(
                (entry for entry in entries if entry.item.stamps.closed is not None),
                key=lambda entry: (entry.item.stamps.closed, entry.item.id),
            )
        )
        self._kept: deque[tuple[datetime, timedelta]] = deque()
        self.done: list[timedelta] = []
        self.waiting: dict[int, _Entry] = {}

    def move_to(self, now: datetime, look: Look) -> None:
        """Take in what was closed by a moment, and forget what was merged more than a year before it."""
        while self._closings and (closed := self._closings[0].item.stamps.closed) is not None and closed <= now:
            entry = self._closings.popleft()
            self.waiting.pop(entry.item.id, None)
            if entry.remaining is not None:
                insort(self.done, entry.remaining)
                self._kept.append((closed, entry.remaining))
        year = last_days(YEAR_DAYS, now=now, clock=look.clock)
        while self._kept and self._kept[0][0] < year.start:
            del self.done[bisect_left(self.done, self._kept.popleft()[1])]

    def forecast(self, now: datetime, look: Look) -> MergeWindow | None:
        """Return the window that would have been shown to one that enters the stage now."""
        if len(self.done) + len(self.waiting) < LEAST_COMPARABLE:
            return None
        censored = sorted(
            time_since(entry.item.stamps, entry.at, until=now, look=look) for entry in self.waiting.values()
        )
        low, high = survival_quantiles(self.done, censored, (LOW, HIGH))
        return None if low is None else MergeWindow(low, high)


def _replay(entries: list[_Entry], asked: frozenset[int], look: Look) -> tuple[list[bool], int]:
    """Forecast those that are asked for as they enter; return whether each was right, and how many had no forecast."""
    past = _Past(entries)
    hits: list[bool] = []
    silent = 0
    for entry in entries:
        past.move_to(entry.at, look)
        if entry.item.id in asked and entry.remaining is not None:
            window = past.forecast(entry.at, look)
            if window is None:
                silent += 1
            else:
                hits.append(window.holds(entry.remaining))
        if entry.item.stamps.closed is None or entry.item.stamps.closed > entry.at:
            past.waiting[entry.item.id] = entry
    return hits, silent
