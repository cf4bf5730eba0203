"""Whose turn a pull request is, and since when: plain rules that a user can read, the first that matches wins.

1. *draft*: it is a draft, so it is its author's.
2. *author*: a reviewer has asked for changes.
3. *reviewer*: fewer than the required number of current human approvals.
4. *merge*: approved, and waiting to be merged.

These are the rules that need no history. Builds, open tasks and comments join them once a repository's history is held.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from insights.live.facts import Account, OpenPullRequest, Participant, ReviewState
from insights.live.people import is_human


class Stage(StrEnum):
    """Where a pull request stands; each stage is somebody's turn."""

    DRAFT = "draft"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: the stage, since when, and for whom the pull request waits.

    ``waits_for`` is empty where nobody is named: a pull request without reviewers waits for a reviewer all the same.
    """

    stage: Stage
    since: datetime
    waits_for: tuple[Account, ...]


def turn_of(pull_request: OpenPullRequest, *, required_approvals: int = 1) -> Turn:
    """Judge one open pull request.

    ``since`` is the time of the event that made the rule true: the opening for a draft or a missing review, the last
    word of those who asked for changes, the approval that completed the required number.
    """
    author = (pull_request.author,) if pull_request.author else ()
    if pull_request.is_draft:
        return Turn(Stage.DRAFT, pull_request.created_at, author)
    if objectors := objections(pull_request):
        return Turn(Stage.AUTHOR, max(_times(objectors, pull_request)), author)
    approvers = approvals(pull_request)
    if len(approvers) < required_approvals:
        return Turn(Stage.REVIEWER, pull_request.created_at, outstanding_reviewers(pull_request))
    return Turn(Stage.MERGE, _completed(approvers, required_approvals, pull_request), author)


def outstanding_reviewers(pull_request: OpenPullRequest) -> tuple[Account, ...]:
    """Return the people whose review is outstanding: reviewers who neither approved nor asked for changes."""
    return tuple(
        participant.account
        for participant in pull_request.participants
        if participant.is_reviewer and participant.state is None and _may_judge(participant, pull_request)
    )


def approvals(pull_request: OpenPullRequest) -> tuple[Participant, ...]:
    """Return the human approvals that count: the author's own never does."""
    return _said(pull_request, ReviewState.APPROVED)


def objections(pull_request: OpenPullRequest) -> tuple[Participant, ...]:
    """Return the people who asked for changes and have not withdrawn that."""
    return _said(pull_request, ReviewState.CHANGES_REQUESTED)


def _said(pull_request: OpenPullRequest, state: ReviewState) -> tuple[Participant, ...]:
    return tuple(
        participant
        for participant in pull_request.participants
        if participant.state is state and _may_judge(participant, pull_request)
    )


def _may_judge(participant: Participant, pull_request: OpenPullRequest) -> bool:
    is_author = pull_request.author is not None and participant.account.uuid == pull_request.author.uuid
    return is_human(participant.account) and not is_author


def _completed(approvers: tuple[Participant, ...], required: int, pull_request: OpenPullRequest) -> datetime:
    """Return when the required number was reached: the time of the k-th approval, in their order."""
    if required < 1:
        return pull_request.created_at
    return sorted(_times(approvers, pull_request))[required - 1]


def _times(participants: tuple[Participant, ...], pull_request: OpenPullRequest) -> list[datetime]:
    # A participant's time may be missing in old pull requests; the opening is the latest moment that is certain.
    return [participant.participated_at or pull_request.created_at for participant in participants]
