"""Whose turn an open pull request is, since when, and why: plain rules, the first that matches wins.

Source: panels.md 5.1, "Turn state machine".

1. *draft*: it is a draft.
2. *author*: changes are requested, or a build on the head failed, or tasks are unresolved, or the newest thing that a person
   did is a comment by somebody else.
3. *build*: a build runs on the head, and rule 5 would hold without it.
4. *reviewer*: fewer than the required number of people approve.
5. *ready to merge*: the turn of its author, or of whoever merges.

``since`` is when the rule came true and stayed true: the rules are asked again at every event from the opening on. A second
comment while it is already the author's turn does not start the wait again, nor does a push while a review is due.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from msgspec import Struct

from insights.facts.pull_requests import (
    BuildState,
    EventFacts,
    EventKind,
    PullRequestFacts,
    ReviewState,
)
from insights.people.bots import Directory
from insights.pull_requests.approvals import approvals_standing
from insights.pull_requests.drafts import drafts_of
from insights.pull_requests.events import Verdicts, ordered_events
from insights.result import Definition, Unit

DEFINITION = Definition(
    name="turn",
    version=1,
    title="Whose turn",
    text=(
        "The first of these that holds: a draft waits for its author. Requested changes, a failed build on the newest "
        "commit, an unresolved task or an unanswered comment make it the author's turn. With fewer approvals by "
        "people than required it is the reviewers' turn. A running build is waited for where nothing else is missing. "
        "Otherwise it is ready to merge. The wait counts from the moment this came true."
    ),
    unit=Unit.STATE,
    source="the actor identification of Nudge (Maddila et al. 2022), as plain rules; panels.md 5.1",
)

# What Bitbucket does by itself when the source branch changes is nobody's act.
_AUTOMATIC = frozenset({EventKind.APPROVALS_RESET, EventKind.CHANGES_REQUESTS_RESET})


class TurnKind(StrEnum):
    """Who or what is waited for."""

    DRAFT = "draft"
    AUTHOR = "author"
    BUILD = "build"
    REVIEWER = "reviewer"
    READY_TO_MERGE = "ready_to_merge"


class Cause(StrEnum):
    """Why it is the author's turn; several may hold at once."""

    CHANGES_REQUESTED = "changes_requested"
    BUILD_FAILED = "build_failed"
    TASKS_UNRESOLVED = "tasks_unresolved"
    COMMENT_UNANSWERED = "comment_unanswered"


class Turn(Struct, frozen=True, kw_only=True):
    """Whose turn it is. ``waits_for`` are accounts; it is empty where nobody in particular is waited for."""

    kind: TurnKind
    since: datetime
    waits_for: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


class _Desk:
    """What lies on the table at one moment of the life; changed by each event, for the length of one walk."""

    def __init__(self, facts: PullRequestFacts, directory: Directory, required: int) -> None:
        self.facts = facts
        self.directory = directory
        self.required = required
        self.verdicts = Verdicts()
        self.open_tasks = 0
        self.builds: dict[str, BuildState] = {}
        self.last_act: EventFacts | None = None

    def take(self, event: EventFacts) -> None:
        self.verdicts.take(event)
        if event.kind not in _AUTOMATIC and not self.directory.is_bot(event.actor):
            self.last_act = event

    def causes(self) -> tuple[Cause, ...]:
        truths = (
            (Cause.CHANGES_REQUESTED, ReviewState.CHANGES_REQUESTED in self.verdicts.standing.values()),
            (Cause.BUILD_FAILED, BuildState.FAILED in self.builds.values()),
            (Cause.TASKS_UNRESOLVED, self.open_tasks > 0),
            (Cause.COMMENT_UNANSWERED, self._is_comment_unanswered()),
        )
        return tuple(cause for cause, is_true in truths if is_true)

    def kind(self) -> TurnKind:
        """Apply rules 2 to 5."""
        if self.causes():
            return TurnKind.AUTHOR
        if approvals_standing(self.verdicts, author=self.facts.author, directory=self.directory) < self.required:
            return TurnKind.REVIEWER
        return TurnKind.BUILD if BuildState.INPROGRESS in self.builds.values() else TurnKind.READY_TO_MERGE

    def _is_comment_unanswered(self) -> bool:
        act = self.last_act
        return (
            act is not None
            and act.kind is EventKind.COMMENTED
            and self.directory.is_other_person(act.actor, author=self.facts.author)
        )

    def reviewers_waited_for(self) -> tuple[str, ...]:
        """Return the people who were asked and whose approval does not stand."""
        return tuple(
            sorted(
                participant.account
                for participant in self.facts.participants
                if participant.is_reviewer
                and self.verdicts.standing.get(participant.account) is not ReviewState.APPROVED
                and self.directory.is_other_person(participant.account, author=self.facts.author)
            )
        )


class _Change(Struct, frozen=True):
    """Something that changes the desk at a moment."""

    at: datetime
    make: Callable[[_Desk], None]


def turn_of(facts: PullRequestFacts, *, directory: Directory, required_approvals: int = 1, now: datetime) -> Turn:
    """Judge one open pull request as of ``now``; what happened later is not looked at."""
    events = ordered_events(facts, until=now)
    drafts = drafts_of(facts, events)
    desk = _Desk(facts, directory, required_approvals)
    kind: TurnKind | None = None
    since = facts.created_at
    for at, changes in _moments(facts, events, now):
        for change in changes:
            change.make(desk)
        held = TurnKind.DRAFT if drafts.is_draft_at(at) else desk.kind()
        if held is not kind:
            kind, since = held, at
    kind = kind or TurnKind.DRAFT
    return Turn(kind=kind, since=since, waits_for=_waits_for(kind, desk), causes=_causes(kind, desk))


def _waits_for(kind: TurnKind, desk: _Desk) -> tuple[str, ...]:
    if kind is TurnKind.BUILD:
        return ()
    if kind is TurnKind.REVIEWER:
        return desk.reviewers_waited_for()
    return (desk.facts.author,) if desk.facts.author else ()


def _causes(kind: TurnKind, desk: _Desk) -> tuple[Cause, ...]:
    return desk.causes() if kind is TurnKind.AUTHOR else ()


def _moments(
    facts: PullRequestFacts, events: Iterable[EventFacts], now: datetime
) -> Iterator[tuple[datetime, list[_Change]]]:
    """Yield each moment from the opening on, with all that changed at it; what was before it belongs to the opening."""
    changes = [
        _Change(facts.created_at, lambda _: None),
        *map(_of_event, events),
        *_of_builds(facts),
        *_of_tasks(facts),
    ]
    timely = [_Change(max(change.at, facts.created_at), change.make) for change in changes if change.at <= now]
    # Sorting keeps events, builds and tasks of one time in the order they stand here.
    timely.sort(key=lambda change: change.at)
    return ((at, list(group)) for at, group in groupby(timely, key=lambda change: change.at))


def _of_event(event: EventFacts) -> _Change:
    return _Change(event.at, lambda desk: desk.take(event))


def _of_builds(facts: PullRequestFacts) -> Iterator[_Change]:
    """Yield when each build on the head began and what it said in the end, in the order of its reports."""
    for build in sorted(facts.builds, key=lambda build: (build.at, build.created_at, build.key, build.state)):
        if build.was_seen_running:
            yield _Change(build.created_at, _build_says(build.key, BuildState.INPROGRESS))
        yield _Change(build.at, _build_says(build.key, build.state))


def _build_says(key: str, state: BuildState) -> Callable[[_Desk], None]:
    def make(desk: _Desk) -> None:
        desk.builds[key] = state

    return make


def _of_tasks(facts: PullRequestFacts) -> Iterator[_Change]:
    for task in facts.tasks:
        yield _Change(task.created_at, _add_tasks(1))
        if task.resolved_at is not None:
            yield _Change(max(task.resolved_at, task.created_at), _add_tasks(-1))


def _add_tasks(number: int) -> Callable[[_Desk], None]:
    def make(desk: _Desk) -> None:
        desk.open_tasks += number

    return make
