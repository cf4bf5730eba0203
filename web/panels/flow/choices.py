"""What a reader chose to look at: read from the address, so that an address shows to everybody what it showed to one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from insights.clock.windows import TREND_WEEKS
from insights.pull_requests.cohorts import Filter
from insights.pull_requests.population import Series
from insights.pull_requests.size import SizeBucket
from insights.settings import ClockKind
from web.language import _

WINDOW: Final = "window"
BRANCH: Final = "branch"
SIZE: Final = "size"
SERIES: Final = "series"
CLOCK: Final = "clock"
PATH: Final = "path"
SHOW: Final = "show"
PARAMETERS: Final = (WINDOW, BRANCH, SIZE, SERIES, CLOCK, PATH, SHOW)

WINDOWS: Final = (28, 90, 182, 364)
"""Days, in whole weeks but for the baseline's ninety."""

YEAR_WEEKS: Final = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The filters. None is each figure's own window, every branch, every size, the whole repository."""

    window_days: int | None = None
    branch: str | None = None
    bucket: SizeBucket | None = None
    series: Series = Series.HUMAN
    clock: ClockKind = ClockKind.WORK
    path: str | None = None

    @property
    def weeks(self) -> int:
        """How many weeks a trend shows: half a year, or a whole one where that is asked for."""
        return YEAR_WEEKS if self.window_days == WINDOWS[-1] else TREND_WEEKS

    @property
    def are_pull_requests_chosen(self) -> bool:
        """Whether some pull requests are hidden: then what was worked out at night of all of them does not apply."""
        return self.filter() != Filter() or self.path is not None

    def filter(self, ids: frozenset[int] | None = None) -> Filter:
        """Return the filter for the figures; ``ids`` are those that touch the path."""
        return Filter(
            series=self.series,
            destination=self.branch,
            buckets=None if self.bucket is None else frozenset({self.bucket}),
            ids=ids,
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One choice in a list."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One list of the form."""

    name: str
    label: str
    options: tuple[Option, ...]


def read(query: Mapping[str, str]) -> Choices:
    """Return the choices of an address; what does not make sense is as if it were not there."""
    days = query.get(WINDOW, "")
    return Choices(
        window_days=int(days) if days in map(str, WINDOWS) else None,
        branch=query.get(BRANCH) or None,
        bucket=next((one for one in SizeBucket if one.value == query.get(SIZE)), None),
        series=Series.BOT if query.get(SERIES) == Series.BOT else Series.HUMAN,
        clock=ClockKind.WALL if query.get(CLOCK) == ClockKind.WALL else ClockKind.WORK,
        path=_path(query.get(PATH, "")),
    )


def lists(choices: Choices, branches: Iterable[str]) -> tuple[Choice, ...]:
    """Return the lists of the form, with what is chosen."""
    known = sorted({*branches, *([choices.branch] if choices.branch else [])})
    days = choices.window_days
    return (
        _choice(WINDOW, _("Window"), "" if days is None else str(days), _windows()),
        _choice(BRANCH, _("Target branch"), choices.branch or "", {"": _("all"), **{name: name for name in known}}),
        _choice(
            SIZE,
            _("Size"),
            choices.bucket.value if choices.bucket else "",
            {"": _("all"), **{one.value: one.value for one in SizeBucket}},
        ),
        _choice(
            SERIES,
            _("Opened by"),
            "" if choices.series is Series.HUMAN else choices.series.value,
            {"": _("people"), Series.BOT.value: _("bots")},
        ),
        _choice(
            CLOCK,
            _("Clock"),
            "" if choices.clock is ClockKind.WORK else choices.clock.value,
            {"": _("workdays"), ClockKind.WALL.value: _("every hour")},
        ),
    )


def _windows() -> dict[str, str]:
    return {
        "": _("as defined"),
        "28": _("28 days"),
        "90": _("90 days"),
        "182": _("26 weeks"),
        "364": _("52 weeks"),
    }


def _choice(name: str, label: str, chosen: str, options: Mapping[str, str]) -> Choice:
    return Choice(name, label, tuple(Option(value, text, value == chosen) for value, text in options.items()))


def _path(text: str) -> str | None:
    """Return a path prefix as paths are stored: no slash before it, as people may write one."""
    return text.strip().lstrip("/") or None
