"""The events of a pull request, in one order whatever order they came in, and completed from its participants.

Before the activity log has been read we know only what Bitbucket says of each participant now. That is turned into the
events it must have come from, so that every rule after this one reads events alone.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from insights.facts.pull_requests import EventFacts, EventKind, ParticipantFacts, PullRequestFacts, ReviewState

VERDICTS = {EventKind.APPROVED: ReviewState.APPROVED, EventKind.CHANGES_REQUESTED: ReviewState.CHANGES_REQUESTED}
ANSWERS = frozenset({EventKind.COMMENTED, EventKind.APPROVED, EventKind.CHANGES_REQUESTED})
PUSHES = frozenset({EventKind.PUSHED, EventKind.FORCE_PUSHED})

_INSTANT = timedelta(microseconds=1)
_RANK = {kind: rank for rank, kind in enumerate(EventKind)}


class Verdicts:
    """What each account's last word is, as events pass by in order. Mutable, for the length of one walk."""

    def __init__(self) -> None:
        self.standing: dict[str | None, ReviewState] = {}

    def take(self, event: EventFacts) -> None:
        """Take one event into account; events that are no verdict change nothing."""
        match event.kind:
            case EventKind.APPROVED | EventKind.CHANGES_REQUESTED:
                self.standing[event.actor] = VERDICTS[event.kind]
            case EventKind.UNAPPROVED:
                self._drop(ReviewState.APPROVED, event.actor)
            case EventKind.CHANGES_REQUEST_REMOVED:
                self._drop(ReviewState.CHANGES_REQUESTED, event.actor)
            case EventKind.APPROVALS_RESET:
                self._drop(ReviewState.APPROVED, *self.standing)
            case EventKind.CHANGES_REQUESTS_RESET:
                self._drop(ReviewState.CHANGES_REQUESTED, *self.standing)

    def _drop(self, state: ReviewState, *accounts: str | None) -> None:
        for account in accounts:
            if self.standing.get(account) is state:
                del self.standing[account]


def ordered_events(facts: PullRequestFacts, *, until: datetime | None = None) -> tuple[EventFacts, ...]:
    """Return the events up to and with ``until``, or the closing, oldest first; what came later is not looked at.

    Events at one time stand in the order of EventKind, then by actor: any order of the input gives the same order.
    """
    end = min((at for at in (facts.closed_at, until) if at is not None), default=None)
    events = _sorted(event for event in facts.events if end is None or event.at <= end)
    missing = [event for event in _implied(facts, events) if end is None or event.at <= end]
    return tuple(_sorted([*events, *missing])) if missing else tuple(events)


def _implied(facts: PullRequestFacts, events: list[EventFacts]) -> Iterable[EventFacts]:
    """Yield the events that the participants' present states prove and that we have not seen."""
    verdicts = Verdicts()
    for event in events:
        verdicts.take(event)
    for participant in facts.participants:
        known = verdicts.standing.get(participant.account)
        if participant.state is known:
            continue
        if participant.state is not None:
            yield _said(participant, facts)
        elif facts.is_open:
            # Gone without an event: Bitbucket drops approvals when the source changes, so the last push is the likely time.
            # After the closing a state may change as well; what stood at the closing is then known from events alone.
            yield _withdrawn(participant, known, events)


def _said(participant: ParticipantFacts, facts: PullRequestFacts) -> EventFacts:
    kind = next(kind for kind, state in VERDICTS.items() if state is participant.state)
    return EventFacts(kind, participant.participated_at or facts.created_at, participant.account)


def _withdrawn(participant: ParticipantFacts, known: ReviewState | None, events: list[EventFacts]) -> EventFacts:
    kind = EventKind.UNAPPROVED if known is ReviewState.APPROVED else EventKind.CHANGES_REQUEST_REMOVED
    last_word = next(
        event.at for event in reversed(events) if event.actor == participant.account and event.kind in VERDICTS
    )
    pushes = [event.at for event in events if event.kind in PUSHES and event.at > last_word]
    # An instant after the word itself, where nothing tells more: at one time a withdrawal comes first.
    return EventFacts(kind, max(pushes, default=last_word + _INSTANT), participant.account)


def _sorted(events: Iterable[EventFacts]) -> list[EventFacts]:
    return sorted(events, key=lambda event: (event.at, _RANK[event.kind], event.actor or "", event.commit or ""))
