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
    segments = line.segments
    if not segments:
        return None
    start, whole = segments[0].start, segments[-1].end - segments[0].start
    if not whole:
        return None
    times: dict[Stage, timedelta] = {}
    spans = []
    for segment in segments:
        time = look.between(segment.start, segment.end)
        times[segment.stage] = times.get(segment.stage, timedelta(0)) + time
        x = _share(segment.start - start, whole)
        width = max(_share(segment.end - segment.start, whole), _LEAST_SHARE)
        tip = _("%(stage)s, %(time)s", stage=stage_word(segment.stage), time=formatting.duration(time))
        spans.append(Span(min(x, 100 - _LEAST_SHARE), width, segment.stage.value, tip))
    keys = tuple(Key(stage.value, stage_word(stage), formatting.duration(time)) for stage, time in times.items())
    return Strip(
        title=_("Where the time went"),
        finding=", ".join(_("%(stage)s %(time)s", stage=key.label, time=key.time) for key in keys),
        spans=tuple(spans),
        marks=tuple(
            Mark(_share(tick.at - start, whole), tick.kind.value, tick_word(tick.kind))
            for tick in line.ticks[-MOST_TICKS:]
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


def _share(part: timedelta, whole: timedelta) -> float:
    return round(100 * (part / whole), 2)
