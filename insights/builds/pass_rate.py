"""How builds of the main branch end, which of them flicker, and how long they run.

Source: panels.md 5.3, section 10. Pass rate: SUCCESSFUL over SUCCESSFUL and FAILED, by the last state of each (commit, key). Flaky: the same key
said both of the same commit. Duration: ``updated_on - created_on``, only of runs that we first saw INPROGRESS, as others may
have been reported when they were over. Units: shares; wall-clock durations.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from insights.clock.look import Look
from insights.clock.windows import RECENT_DAYS
from insights.facts.pull_requests import BuildFacts, BuildState
from insights.result import Definition, Exclusion, Result, Unit, WhyNot, Window
from insights.statistics.percentiles import Spread, spread

PASS_RATE = Definition(
    name="pass_rate",
    version=1,
    title="Pass rate",
    text=(
        "Of the builds of the main branch's commits that ended as successful or failed in the window, the successful "
        "part, by the last word of each build on each commit. A build is flaky where it said both of the same commit."
    ),
    unit=Unit.SHARE,
    source="panels.md 5.3",
)
DURATION = Definition(
    name="build_duration",
    version=1,
    title="Build duration",
    text="From the first report of a build to its last, of builds that were first seen running, by the wall clock.",
    unit=Unit.DURATION,
    source="panels.md 5.3",
)

_VERDICTS = frozenset({BuildState.SUCCESSFUL, BuildState.FAILED})


class KeyRate(Struct, frozen=True):
    """One build key: how many commits it judged, the share that passed, and on how many it said both."""

    key: str
    n: int
    share: float
    flaky: int


class PassRate(Struct, frozen=True):
    """All keys together and each by itself, the one that fails most first. ``flaky`` counts (commit, key) pairs."""

    share: float
    flaky: int
    by_key: tuple[KeyRate, ...]


def pass_rate(
    builds: Iterable[BuildFacts], commits: Collection[str], look: Look, *, window: Window | None = None
) -> Result[PassRate]:
    """Return the pass rate of the main branch's ``commits``, by default over 28 days. n counts (commit, key) pairs."""
    span = window or look.last_days(RECENT_DAYS)
    said = _verdicts(build for build in builds if build.commit in commits and span.holds(build.at))
    if not said:
        return Result(definition=PASS_RATE.id, n=0, why_not=WhyNot.NO_DATA, window=span)
    keys = sorted({key for _, key in said})
    rates = [_rate(key, [states for (_, other), states in said.items() if other == key]) for key in keys]
    value = PassRate(
        share=sum(states[-1] is BuildState.SUCCESSFUL for states in said.values()) / len(said),
        flaky=sum(rate.flaky for rate in rates),
        by_key=tuple(sorted(rates, key=lambda rate: (rate.share, rate.key))),
    )
    return Result(definition=PASS_RATE.id, n=len(said), value=value, window=span)


def build_duration(
    builds: Iterable[BuildFacts], commits: Collection[str], look: Look, *, window: Window | None = None
) -> Result[Spread]:
    """Return how long builds ran, by default over 28 days. n counts the runs that were seen from their start."""
    span = window or look.last_days(RECENT_DAYS)
    ended = [build for build in builds if build.commit in commits and span.holds(build.at) and build.state in _VERDICTS]
    seen = [build for build in ended if build.was_seen_running and build.created_at <= build.at]
    value = spread(build.at - build.created_at for build in seen)
    missed = len(ended) - len(seen)
    return Result(
        definition=DURATION.id,
        n=len(seen),
        value=value,
        why_not=(WhyNot.TOO_FEW if seen else WhyNot.NO_DATA) if value is None else None,
        window=span,
        exclusions={Exclusion.NEVER_SEEN_RUNNING: missed} if missed else {},
    )


def _verdicts(builds: Iterable[BuildFacts]) -> Mapping[tuple[str, str], list[BuildState]]:
    """Return the verdicts of each key on each commit, in order. A stopped build is none."""
    said: dict[tuple[str, str], list[BuildState]] = defaultdict(list)
    for build in sorted(builds, key=lambda build: (build.at, build.state)):
        if build.state in _VERDICTS:
            said[build.commit, build.key].append(build.state)
    return said


def _rate(key: str, verdicts: list[list[BuildState]]) -> KeyRate:
    passed = sum(states[-1] is BuildState.SUCCESSFUL for states in verdicts)
    return KeyRate(key, len(verdicts), passed / len(verdicts), sum(len(set(states)) > 1 for states in verdicts))
