"""How much waits for a review, how long the longest has, and what of it is the viewer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from insights.live.attention import Wait
from insights.live.turn import Stage
from insights.result import DefinitionId, Result, WhyNot

WAITING = DefinitionId("live-waiting-for-review", 1)
LONGEST = DefinitionId("live-longest-wait", 1)


def waiting_for_review(waits: Sequence[Wait]) -> Result[int]:
    """Return how many pull requests wait for a reviewer, out of those that wait for anybody."""
    waiting = [wait for wait in waits if wait.turn.stage is Stage.REVIEWER]
    members = tuple(wait.pull_request.id for wait in waiting)
    return Result(definition=WAITING, n=len(waits), value=len(waiting), members=members)


def longest_wait(waits: Sequence[Wait], *, stage: Stage = Stage.REVIEWER) -> Result[timedelta]:
    """Return the longest wait of one stage; silent (no data) where nothing is in that stage."""
    waited = [wait.waited for wait in waits if wait.turn.stage is stage]
    if not waited:
        return Result(definition=LONGEST, n=0, why_not=WhyNot.NO_DATA)
    return Result(definition=LONGEST, n=len(waited), value=max(waited))


@dataclass(frozen=True, slots=True)
class Yours:
    """What concerns one viewer, each part in the order of attention.

    ``to_review`` waits for them, ``to_finish`` is theirs to answer or merge, ``with_others`` is theirs and waits for
    somebody else.
    """

    to_review: tuple[Wait, ...] = ()
    to_finish: tuple[Wait, ...] = ()
    with_others: tuple[Wait, ...] = ()


def yours(waits: Sequence[Wait], *, viewer_uuid: str | None) -> Yours:
    """Return the viewer's share of the waits; nobody's share for a viewer who is not signed in."""
    if viewer_uuid is None:
        return Yours()
    own = [wait for wait in waits if wait.pull_request.author and wait.pull_request.author.uuid == viewer_uuid]
    return Yours(
        to_review=tuple(
            wait
            for wait in waits
            if wait.turn.stage is Stage.REVIEWER and any(person.uuid == viewer_uuid for person in wait.turn.waits_for)
        ),
        to_finish=tuple(wait for wait in own if wait.turn.stage is not Stage.REVIEWER),
        with_others=tuple(wait for wait in own if wait.turn.stage is Stage.REVIEWER),
    )
