"""The order of attention: which open pull requests have waited longest for somebody, and for how long."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights.live.facts import OpenPullRequest
from insights.live.people import is_human
from insights.live.turn import Stage, Turn, turn_of
from insights.result import DefinitionId, Exclusion, Result

DEFINITION = DefinitionId("live-attention", 1)


@dataclass(frozen=True, slots=True)
class Wait:
    """A pull request, whose turn it is, and how long it has waited for them (wall-clock time)."""

    pull_request: OpenPullRequest
    turn: Turn
    waited: timedelta


def wait_of(pull_request: OpenPullRequest, *, now: datetime, required_approvals: int = 1) -> Wait:
    """Return how long one pull request has been in its present turn; a clock that runs behind Bitbucket's gives zero."""
    turn = turn_of(pull_request, required_approvals=required_approvals)
    return Wait(pull_request, turn, max(now - turn.since, timedelta(0)))


def order_of_attention(
    pull_requests: Iterable[OpenPullRequest], *, now: datetime, required_approvals: int = 1
) -> Result[tuple[Wait, ...]]:
    """Return every wait that deserves attention, longest first (the lower number first among equals).

    Drafts ask nothing of anybody and bots do not mind waiting: both are left out and counted, by reason.
    """
    waits: list[Wait] = []
    left_out: Counter[Exclusion] = Counter()
    for pull_request in pull_requests:
        wait = wait_of(pull_request, now=now, required_approvals=required_approvals)
        if reason := _why_left_out(wait):
            left_out[reason] += 1
        else:
            waits.append(wait)
    waits.sort(key=lambda wait: (-wait.waited, wait.pull_request.id))
    return Result(
        definition=DEFINITION,
        n=len(waits),
        value=tuple(waits),
        exclusions=dict(left_out),
        members=tuple(wait.pull_request.id for wait in waits),
    )


def _why_left_out(wait: Wait) -> Exclusion | None:
    if not is_human(wait.pull_request.author):
        return Exclusion.BOT_AUTHOR
    return Exclusion.DRAFT if wait.turn.stage is Stage.DRAFT else None
