"""Where one open pull request stands now: whose turn, for how long, and whether that is usual here."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from insights.clock.look import Look
from insights.facts.pull_requests import PullRequestFacts
from insights.pull_requests.context import Context
from insights.pull_requests.measurement import Measurement, measure
from insights.pull_requests.pace import UNKNOWN, Pace, Yardstick, pace_of
from insights.pull_requests.stages import Stage, stage_now
from insights.pull_requests.turn import Turn, turn_of


class Standing(Struct, frozen=True, kw_only=True):
    """One open pull request now. ``waited`` is the time in this turn; ``yardstick`` the repository's for its stage."""

    measurement: Measurement
    turn: Turn
    stage: Stage
    waited: timedelta
    yardstick: Yardstick
    pace: Pace | None

    @property
    def id(self) -> int:
        """The pull request."""
        return self.measurement.id

    @property
    def ratio(self) -> float | None:
        """The wait as a multiple of the usual (the 85th percentile of its stage); None where nobody knows the usual."""
        usual = self.yardstick.p85
        if usual is None:
            return None
        return self.waited / usual if usual else float("inf") if self.waited else 0.0


class Judgement(Struct, frozen=True, kw_only=True):
    """What a pull request's facts say of it whatever time it is: worth keeping until one of them changes."""

    measurement: Measurement
    turn: Turn
    stage: Stage

    def standing(self, look: Look, *, usual: Mapping[Stage, Yardstick]) -> Standing:
        """Return where it stands at the time of the look; ``usual`` is ``pace.yardsticks`` of the last 90 days."""
        waited = look.since(self.turn.since)
        yardstick = usual.get(self.stage, UNKNOWN)
        return Standing(
            measurement=self.measurement,
            turn=self.turn,
            stage=self.stage,
            waited=waited,
            yardstick=yardstick,
            pace=pace_of(waited, yardstick),
        )


def judge(facts: PullRequestFacts, context: Context, *, now: datetime) -> Judgement:
    """Judge one open pull request by what has happened up to ``now``."""
    measurement = measure(facts, context)
    required = context.settings.required_approvals
    turn = turn_of(facts, directory=context.directory, required_approvals=required, now=now)
    return Judgement(measurement=measurement, turn=turn, stage=stage_now(measurement.stamps))


def standings(
    open_pull_requests: Iterable[PullRequestFacts],
    look: Look,
    context: Context,
    *,
    usual: Mapping[Stage, Yardstick],
) -> tuple[Standing, ...]:
    """Judge every open pull request, in the order of their ids; ``usual`` is ``pace.yardsticks`` of the last 90 days."""
    judged = (judge(facts, context, now=look.now).standing(look, usual=usual) for facts in open_pull_requests)
    return tuple(sorted(judged, key=lambda standing: standing.id))
