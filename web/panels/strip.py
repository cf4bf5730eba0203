"""The strip that explains a pull request's time: its stages side by side, and ticks for what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from insights.clock.look import Look
from insights.pull_requests.stages import Stage
from insights.pull_requests.timeline import TickKind, Timeline
from web import formatting
from web.language import _

MOST_TICKS: Final = 60
_LEAST_SHARE: Final = 1.0
"""In per cent of the width: a stage that took no time to speak of is seen all the same."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stage's part of the strip, in per cent. ``look`` is a class of the style sheet."""

    x: float
    width: float
    look: str
    tip: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick on the strip."""

    x: float
    look: str
    tip: str


@dataclass(frozen=True, slots=True)
class Key:
    """A stage with its time, for the legend and for whoever cannot see the strip."""

    look: str
    label: str
    time: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The whole strip."""

    title: str
    finding: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    keys: tuple[Key, ...]
    ticks: tuple[tuple[str, str], ...]


def stage_word(stage: Stage) -> str:
    """Return the name of a stage."""
    return {
        Stage.CODING: _("Coding"),
        Stage.DRAFT: _("Draft"),
        Stage.PICKUP: _("Pickup"),
        Stage.REVIEW: _("Review"),
        Stage.MERGE_WAIT: _("Merge wait"),
    }[stage]


def strip(line: Timeline, look: Look) -> Strip | None:
    """Return the strip of a life; none where it has no length yet."""
    if not line.segments:
        return None
    start, end = line.segments[0].start, line.segments[-1].end
    if start == end:
        return None
    scale = _Scale.of(start, end, look)
    times: dict[Stage, timedelta] = {}
    spans = []
    for segment in line.segments:
        time = look.between(segment.start, segment.end)
        times[segment.stage] = times.get(segment.stage, timedelta(0)) + time
        x = scale.place(segment.start)
        width = max(round(scale.place(segment.end) - x, 2), _LEAST_SHARE)
        tip = _("%(stage)s, %(time)s", stage=stage_word(segment.stage), time=formatting.duration(time))
        spans.append(Span(min(x, 100 - _LEAST_SHARE), width, segment.stage.value, tip))
    keys = tuple(Key(stage.value, stage_word(stage), formatting.duration(time)) for stage, time in times.items())
    return Strip(
        title=_("Where the time went"),
        finding=", ".join(_("%(stage)s %(time)s", stage=key.label, time=key.time) for key in keys),
        spans=tuple(spans),
        marks=tuple(
            Mark(scale.place(tick.at), tick.kind.value, tick_word(tick.kind)) for tick in line.ticks[-MOST_TICKS:]
        ),
        keys=keys,
        ticks=_table(line, look),
    )


def tick_word(kind: TickKind) -> str:
    """Return what a tick stands for."""
    return {
        TickKind.PUSH: _("Push"),
        TickKind.FORCE_PUSH: _("Push by force"),
        TickKind.COMMENT: _("Comment"),
        TickKind.CHANGES_REQUEST: _("Changes requested"),
        TickKind.APPROVAL: _("Approval"),
    }[kind]


def _table(line: Timeline, look: Look) -> tuple[tuple[str, str], ...]:
    """Return stages and ticks in the order of time, for reading."""
    found: list[tuple[datetime, str]] = [
        *((segment.start, stage_word(segment.stage)) for segment in line.segments),
        *((tick.at, tick_word(tick.kind)) for tick in line.ticks[-MOST_TICKS:]),
    ]
    ordered = sorted(found, key=lambda entry: entry[0])
    return tuple((f"{look.clock.local(at):%a %d %b %Y, %H:%M}", words) for at, words in ordered)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a moment stands, by the clock that the times are told in: a weekend is no wider than the wait that it was."""

    start: datetime
    whole: timedelta
    look: Look | None

    @classmethod
    def of(cls, start: datetime, end: datetime, look: Look) -> "_Scale":
        whole = look.between(start, end)
        # A life of a weekend took no time on that clock, and is drawn by the other one.
        return cls(start, whole, look) if whole else cls(start, end - start, None)

    def place(self, at: datetime) -> float:
        part = at - self.start if self.look is None else self.look.between(self.start, at)
        return round(100 * (part / self.whole), 2)
