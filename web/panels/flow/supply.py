"""From the past of a repository to what Flow's figures are worked out from; and the figures, kept while nothing changes.

Kept for a moment only, since windows move on with the clock, and by version, which moves with every change. Who looks does not
matter to any of them; what does is worked out apart.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, TypeVar

from flask import Flask, current_app
from msgspec import Struct

from insights.clock.windows import RECENT_DAYS
from insights.pull_requests.measurement import Measurement
from models.history import files, main_line, nights, repository_facts
from models.history.nights import Night
from web.panels.flow.choices import Choices
from web.panels.flow.figures import Builds, Figures, Supply, builds_of, work_out
from web.panels.past import Past

T = TypeVar("T")

CACHE: Final = "bittern.flow_figures"
LASTS: Final = timedelta(minutes=10)
MOST_KEPT: Final = 128

# Some days more than the window, so that a commit of its first day that was built later is known to be one of the branch.
MARGIN: Final = timedelta(days=7)


class Known(Struct, frozen=True, kw_only=True):
    """What a look at Flow shows: the figures of now, and those of the last night where there are any."""

    figures: Figures
    night: Night | None
    made_at: datetime
    branches: tuple[str, ...]
    """Where pull requests went, for the list of the filter."""
    drawn: Mapping[int, Measurement]
    """Those that stand in a chart or a table by themselves."""


class FiguresCache:
    """The figures of one process. Safe to share between threads."""

    def __init__(self, *, most_kept: int = MOST_KEPT) -> None:
        self._kept: OrderedDict[object, Known] = OrderedDict()
        self._lock = threading.Lock()
        self._most = most_kept

    def find(self, key: object, *, now: datetime) -> Known | None:
        """Return what was worked out a moment ago."""
        with self._lock:
            kept = self._kept.get(key)
        return kept if kept is not None and timedelta(0) <= now - kept.made_at < LASTS else None

    def keep(self, key: object, known: Known) -> Known:
        """Keep what was worked out now; what nobody has asked for longest makes room."""
        with self._lock:
            self._kept[key] = known
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return known


def install(app: Flask) -> None:
    """Give the application its cache of figures."""
    app.extensions[CACHE] = FiguresCache()


def known_of(past: Past, choices: Choices) -> Known:
    """Return what there is to show of these choices, worked out now or a moment ago."""
    cache: FiguresCache = current_app.extensions[CACHE]
    repository = past.repository
    # As for the shelves: a row id alone might be another tenant's one day.
    key = (repository.installation_id, repository.uuid, repository.first_seen_at, past.version, choices)
    found = cache.find(key, now=past.now)
    return found or cache.keep(key, _known(past, choices))


def supply_of(past: Past, choices: Choices, night: Night | None = None) -> Supply:
    """Return what the figures of these choices are worked out from."""
    ids = None
    if choices.path is not None:
        ids = files.pull_requests_below(past.session, past.repository, choices.path)
    is_whole = not choices.are_pull_requests_chosen
    return Supply(
        measurements=past.measurements,
        recent=past.recent,
        open=past.open_measurements,
        look=past.look(choices.clock),
        choices=choices,
        chosen=choices.filter(ids),
        target=past.settings.pickup_target,
        changes=night.clocks[choices.clock].changes if night and is_whole else None,
    )


def _known(past: Past, choices: Choices) -> Known:
    night = nights.read(past.session, past.repository, settings_version=past.stored_settings.version)
    branches = past.yardstick_of_year("flow branches", lambda: _branches(past))
    keep = _Kept(past, choices, branches)
    figures = work_out(supply_of(past, choices, night), _builds(past, choices), keep)
    return Known(
        figures=figures,
        night=night,
        made_at=past.now,
        branches=branches,
        drawn=keep.trend("drawn", lambda: _drawn(past, figures)) | {one.id: one for one in past.open_measurements},
    )


def _drawn(past: Past, figures: Figures) -> dict[int, Measurement]:
    """Return the closed ones that stand in a chart by themselves."""
    drawn = {point.id for point in figures.scatter.value or ()}
    return {item.id: item for item in past.closed_in_year if item.id in drawn}


def _branches(past: Past) -> tuple[str, ...]:
    return tuple(sorted({item.destination_branch for item in past.measurements}))


class _Kept:
    """What keeps figures for as long as they are true. What people may type without end is worked out each time.

    Where much is closed, one more changes no trend that could be seen, and trends are kept for some minutes whatever is closed
    meanwhile; where very much is, so is the head.
    """

    def __init__(self, past: Past, choices: Choices, branches: tuple[str, ...]) -> None:
        self._past = past
        self._choices = choices
        self._is_one_of_few = choices.path is None and choices.branch in {None, *branches}

    def trend(self, name: str, make: Callable[[], T], /) -> T:
        """See `Keeper`."""
        if not self._is_one_of_few:
            return make()
        return self._past.yardstick_of_year(("flow", name, self._choices), make)

    def head(self, name: str, make: Callable[[], T], /) -> T:
        """See `Keeper`."""
        if not self._is_one_of_few:
            return make()
        if self._past.closes_very_much:
            return self.trend(name, make)
        return self._past.figure_of_year(("flow", name, self._choices, self._moments), make)

    @cached_property
    def _moments(self) -> int:
        """Names everything of the open ones that goes into a figure: an approval or a push leaves it as it is."""
        return hash(tuple(map(_moments, self._past.open_measurements)))


def _moments(item: Measurement) -> tuple[object, ...]:
    stamps = item.stamps
    told = (stamps.opened, stamps.ready, stamps.responded, stamps.later_drafts, stamps.flags)
    return (item.id, item.is_bot, item.destination_branch, item.bucket, item.exclusion, *told)


def _builds(past: Past, choices: Choices) -> Builds:
    """Return what the builds of the main branch came to in the window; kept until one of them says more."""
    look = past.look(choices.clock)
    window = look.last_days(choices.window_days or RECENT_DAYS)
    start = window.start - MARGIN
    said = main_line.signature(past.session, past.repository, start)

    def make() -> Builds:
        line = main_line.commits_since(past.session, past.repository, said[0], start)
        return builds_of(repository_facts.builds_of(past.session, past.repository, line), line, look, window)

    return past.yardstick_of_year(("flow builds", choices.window_days, said), make)
