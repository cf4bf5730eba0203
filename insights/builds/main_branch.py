"""Whether the main branch is green, for how much of the time it was red, and how long red lasts.

Source: panels.md 5.1, "Main branch": the state is that of the newest commit of the default branch on which every build key has a final
status: red if any of them FAILED. Red time is the red share of the window; time to green the median length of the red
intervals that ended in it. A commit whose builds were all stopped says nothing. Units: state, share of the window, duration.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import BuildFacts, BuildState
from insights.result import Definition, Result, Unit, WhyNot, Window
from insights.statistics.percentiles import Spread, spread

DEFINITION = Definition(
    name="main_branch",
    version=1,
    title="Main branch",
    text=(
        "Red or green by the newest commit of the main branch on which every build has ended: red if any of them "
        "failed. Red time is the share of the window that it was red, by the wall clock; time to green is the median "
        "length of the red times that ended in it."
    ),
    unit=Unit.STATE,
    source="panels.md 5.1",
)


class Light(StrEnum):
    """The state of the branch."""

    GREEN = "green"
    RED = "red"


class LightSpan(Struct, frozen=True):
    """A time during which the branch had one state; ``end`` is None while it lasts."""

    light: Light
    start: datetime
    end: datetime | None
    commit: str


class MainBranch(Struct, frozen=True, kw_only=True):
    """The state now, since when and by which commit; what the window saw of red."""

    light: Light
    since: datetime
    commit: str
    red_share: float
    red_times: int
    time_to_green: Spread | None


def main_branch(
    builds: Iterable[BuildFacts], commits: Sequence[str], look: Look, *, window: Window | None = None
) -> Result[MainBranch]:
    """Judge the main branch. ``commits`` are its commits, oldest first; builds of others are not looked at.

    Give also the builds of the last commit before the window: it says how the window began. n counts the commits that
    said something. Red time is measured on the wall clock whatever the look asks for, as builds run at weekends too.
    """
    seen = window or look.last_days(RECENT_DAYS)
    spans = light_spans(builds, commits, until=look.now)
    n = len({span.commit for span in spans})
    if not spans:
        return Result(definition=DEFINITION.id, n=0, why_not=WhyNot.NO_DATA, window=seen)
    last = spans[-1]
    return Result(
        definition=DEFINITION.id,
        n=n,
        value=MainBranch(
            light=last.light,
            since=_since(spans),
            commit=last.commit,
            red_share=_red_share(spans, seen),
            red_times=len(_red_intervals(spans, seen)),
            time_to_green=spread(_red_intervals(spans, seen)),
        ),
        window=seen,
    )


def light_spans(builds: Iterable[BuildFacts], commits: Sequence[str], *, until: datetime) -> tuple[LightSpan, ...]:
    """Return how the state went from the first final build on, one span for each commit that decided it."""
    place = {commit: index for index, commit in enumerate(commits)}
    reports = [build for build in builds if build.commit in place and build.at <= until]
    board = _Board(place)
    spans: list[LightSpan] = []
    for at, commit, key, state in sorted(_changes(reports)):
        board.report(commit, key, state)
        decided = board.newest()
        if decided is None:
            continue
        light = board.light(decided)
        if spans and (spans[-1].light, spans[-1].commit) == (light, decided):
            continue
        if spans:
            spans[-1] = LightSpan(spans[-1].light, spans[-1].start, at, spans[-1].commit)
        spans.append(LightSpan(light, at, None, decided))
    return tuple(span for span in spans if span.end is None or span.start < span.end)


class _Board:
    """The latest word of every build key on every commit, and which commit is the newest to have decided."""

    def __init__(self, place: dict[str, int]) -> None:
        self._place = place
        self._states: dict[str, dict[str, BuildState]] = {}
        self._decided: list[tuple[int, str]] = []

    def report(self, commit: str, key: str, state: BuildState) -> None:
        self._states.setdefault(commit, {})[key] = state
        if self._is_decided(commit):
            heappush(self._decided, (-self._place[commit], commit))

    def newest(self) -> str | None:
        """Return the newest commit that is decided; one whose build runs again is so no more, until it ends."""
        while self._decided and not self._is_decided(self._decided[0][1]):
            heappop(self._decided)
        return self._decided[0][1] if self._decided else None

    def light(self, commit: str) -> Light:
        return Light.RED if BuildState.FAILED in self._states[commit].values() else Light.GREEN

    def _is_decided(self, commit: str) -> bool:
        states = set(self._states[commit].values())
        return all(state.is_final for state in states) and states != {BuildState.STOPPED}


def _changes(reports: Iterable[BuildFacts]) -> Iterator[tuple[datetime, str, str, BuildState]]:
    for build in reports:
        if build.was_seen_running and build.created_at < build.at:
            yield build.created_at, build.commit, build.key, BuildState.INPROGRESS
        yield build.at, build.commit, build.key, build.state


def _since(spans: Sequence[LightSpan]) -> datetime:
    """Return when the present colour began, whichever commits have carried it since."""
    since = spans[-1].start
    for span in reversed(spans):
        if span.light is not spans[-1].light:
            break
        since = span.start
    return since


def _red_share(spans: Sequence[LightSpan], window: Window) -> float:
    red = timedelta(0)
    for span in spans:
        start, end = max(span.start, window.start), min(span.end or window.end, window.end)
        if span.light is Light.RED and start < end:
            red += end - start
    return red / (window.end - window.start)


def _red_intervals(spans: Sequence[LightSpan], window: Window) -> list[timedelta]:
    """Return the lengths of the red times that ended in the window; neighbouring red commits are one."""
    lengths: list[timedelta] = []
    start: datetime | None = None
    for span in spans:
        if span.light is Light.RED:
            start = start or span.start
        elif start is not None:
            if window.holds(span.start):
                lengths.append(span.start - start)
            start = None
    return lengths
