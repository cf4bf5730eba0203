"""The moments in a pull request's life that all durations are measured between.

Source: panels.md section 4, "Time stamps". Unit: aware UTC. They are in order: first <= opened <= ready <= responded <=
approved <= closed, as far as they exist.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from insights.facts.pull_requests import EventFacts, EventKind, PullRequestFacts, PullRequestState
from insights.people.bots import Directory
from insights.pull_requests.approvals import approved_at
from insights.pull_requests.drafts import Drafts, DraftSpan, drafts_of
from insights.pull_requests.events import ANSWERS, Verdicts, ordered_events

LONGEST_CODING = timedelta(days=30)


class Flag(StrEnum):
    """A footnote to one pull request."""

    FIRST_COMMIT_ASSUMED = "first_commit_assumed"
    CODING_CAPPED = "coding_capped"
    READY_ASSUMED = "ready_assumed"
    ACTIVITY_UNKNOWN = "activity_unknown"
    UNANSWERED = "unanswered"
    UNREVIEWED = "unreviewed"
    NEVER_APPROVED = "never_approved"
    SELF_MERGED = "self_merged"
    REWRITTEN_AFTER_REVIEW = "rewritten_after_review"


class Stamps(Struct, frozen=True, kw_only=True):
    """The moments. ``later_drafts`` are the times as a draft after ``ready``, for which every clock stands still.

    ``first_ai_response`` is when an AI reviewer first spoke; it stops no clock. ``responder`` is who answered first.
    """

    first: datetime
    opened: datetime
    ready: datetime | None = None
    responded: datetime | None = None
    responder: str | None = None
    approved: datetime | None = None
    closed: datetime | None = None
    first_ai_response: datetime | None = None
    later_drafts: tuple[DraftSpan, ...] = ()
    flags: frozenset[Flag] = frozenset()


def stamps_of(
    facts: PullRequestFacts,
    *,
    directory: Directory,
    required_approvals: int = 1,
    until: datetime | None = None,
) -> Stamps:
    """Read the moments from the facts. What happened after the closing, or after ``until``, is not looked at.

    The first commit's author date counts (it survives a rebase), no later than the opening and at most 30 days before it.
    A verdict that was given to the draft and stands when it becomes ready answers it at that moment; a comment on the draft
    does not. Nothing asked for (no required approvals): approved as soon as it is answered.
    """
    events = ordered_events(facts, until=until)
    drafts = drafts_of(facts, events)
    life = _Life(facts, events, drafts, directory)
    answer = life.first_answer()
    approved = life.approved(answer, required=required_approvals)
    return Stamps(
        first=life.first_commit(),
        opened=facts.created_at,
        ready=drafts.ready_at,
        responded=answer.at if answer else None,
        responder=answer.actor if answer else None,
        approved=approved,
        closed=facts.closed_at if until is None or (facts.closed_at and facts.closed_at <= until) else None,
        first_ai_response=life.first_ai_response(),
        later_drafts=drafts.later,
        flags=frozenset(life.flags(answer, approved)),
    )


class _Life(Struct, frozen=True):
    """The facts of one pull request as they are read here, events in order."""

    facts: PullRequestFacts
    events: tuple[EventFacts, ...]
    drafts: Drafts
    directory: Directory

    def first_commit(self) -> datetime:
        opened = self.facts.created_at
        return max(min(self.facts.first_commit_at or opened, opened), opened - LONGEST_CODING)

    def first_answer(self) -> EventFacts | None:
        """Return the verdict that stood when it became ready, or the first answer of another person after that."""
        ready = self.drafts.ready_at
        if ready is None:
            return None
        return self._standing_at(ready) or next(
            (event for event in self.events if event.at >= ready and self._is_answer(event)), None
        )

    def _standing_at(self, ready: datetime) -> EventFacts | None:
        verdicts = Verdicts()
        for event in self.events:
            if event.at >= ready:
                break
            verdicts.take(event)
        others = [account for account in verdicts.standing if self._is_other_person(account)]
        return EventFacts(EventKind.APPROVED, ready, min(others, key=str)) if others else None

    def approved(self, answer: EventFacts | None, *, required: int) -> datetime | None:
        if answer is None or required == 0:
            return answer.at if answer else None
        at = approved_at(self.events, required=required, author=self.facts.author, directory=self.directory)
        return max(at, answer.at) if at else None

    def first_ai_response(self) -> datetime | None:
        words = (event for event in self.events if event.kind in ANSWERS)
        return next((event.at for event in words if self.directory.is_ai_reviewer(event.actor)), None)

    def flags(self, answer: EventFacts | None, approved: datetime | None) -> Iterable[Flag]:
        facts, first = self.facts, self.facts.first_commit_at
        is_merged = facts.state is PullRequestState.MERGED
        truths = (
            (Flag.FIRST_COMMIT_ASSUMED, first is None),
            (Flag.CODING_CAPPED, first is not None and first < facts.created_at - LONGEST_CODING),
            (Flag.READY_ASSUMED, self.drafts.is_assumed),
            (Flag.ACTIVITY_UNKNOWN, not facts.is_activity_known),
            (Flag.UNANSWERED, answer is None),
            (Flag.UNREVIEWED, is_merged and facts.is_activity_known and not any(map(self._is_answer, self.events))),
            (Flag.NEVER_APPROVED, approved is None),
            (Flag.SELF_MERGED, is_merged and facts.author is not None and facts.closed_by == facts.author),
            (Flag.REWRITTEN_AFTER_REVIEW, answer is not None and self._is_rewritten_after(answer.at)),
        )
        return (flag for flag, is_true in truths if is_true)

    def _is_rewritten_after(self, at: datetime) -> bool:
        return any(event.kind is EventKind.FORCE_PUSHED and event.at > at for event in self.events)

    def _is_answer(self, event: EventFacts) -> bool:
        return event.kind in ANSWERS and self._is_other_person(event.actor)

    def _is_other_person(self, account: str | None) -> bool:
        return self.directory.is_other_person(account, author=self.facts.author)
