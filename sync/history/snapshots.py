"""What one telling says of a pull request as a whole: an event's body, or an answer of the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import Struct

from bitbucket.resources import Participant, PullRequest, PullRequestEnd, User
from insights.facts.pull_requests import PullRequestState, ReviewState
from models.history.columns import BRANCH_LENGTH, HASH_LENGTH, kept
from models.history.people import Account
from models.history.pull_requests import TITLE_LENGTH, ClosingSource
from sync.history.accounts import account_of
from sync.history.moments import plausible

_LARGEST_COUNT: Final = 2**31 - 1


class Part(Struct, frozen=True, kw_only=True):
    """Somebody's part in it."""

    account: Account
    is_reviewer: bool = False
    state: ReviewState | None = None
    participated_at: datetime | None = None


class Closing(Struct, frozen=True):
    """When it was closed, and who says so."""

    at: datetime
    source: ClosingSource

    @property
    def rank(self) -> tuple[int, float]:
        """Which of two counts: the better source, then the earlier time."""
        return (self.source.rank, -self.at.timestamp())


class Snapshot(Struct, frozen=True, kw_only=True):
    """One pull request as it was told. None is not told, and overwrites nothing.

    `is_read`: we have asked, so this was true at `as_of` whatever was told of earlier moments. `actor` made the change that
    led here, where the telling is about a change; `is_opening`: it is about the opening.
    """

    number: int
    as_of: datetime
    updated_at: datetime
    is_read: bool = False
    title: str | None = None
    state: PullRequestState | None = None
    is_draft: bool | None = None
    author: Account | None = None
    created_at: datetime | None = None
    source_branch: str | None = None
    is_from_fork: bool | None = None
    destination_branch: str | None = None
    head: str | None = None
    merge_commit: str | None = None
    closing: Closing | None = None
    closed_by: Account | None = None
    comment_count: int | None = None
    task_count: int | None = None
    participants: tuple[Part, ...] | None = None
    actor: Account | None = None
    is_opening: bool = False

    def accounts(self) -> list[Account | None]:
        """Everybody who is mentioned."""
        return [self.author, self.closed_by, self.actor, *(part.account for part in self.participants or ())]


def snapshot_of(  # noqa: PLR0913 - when it was told, and what is known of the telling
    told: PullRequest,
    *,
    as_of: datetime,
    is_read: bool,
    actor: User | None = None,
    is_opening: bool = False,
    ended_as: PullRequestState | None = None,
) -> Snapshot:
    """What a resource says. `ended_as`: the event was its end, so this is how it ended, and now is when."""
    updated_at = as_of if told.updated_on is None else plausible(told.updated_on, as_of=as_of)
    state = ended_as or _state(told.state)
    return Snapshot(
        number=told.id,
        as_of=as_of,
        updated_at=updated_at,
        is_read=is_read,
        title=None if told.title is None else kept(told.title, length=TITLE_LENGTH),
        state=state,
        is_draft=told.draft,
        author=account_of(told.author),
        created_at=None if told.created_on is None else plausible(told.created_on, as_of=as_of),
        source_branch=_branch(told.source),
        is_from_fork=_is_from_fork(told.source, told.destination),
        destination_branch=_branch(told.destination),
        head=_commit(told.source),
        merge_commit=None if told.merge_commit is None else kept(told.merge_commit.hash, length=HASH_LENGTH),
        closing=_closing(told, state, ended_at=updated_at if ended_as else None, as_of=as_of),
        closed_by=account_of(told.closed_by) or (account_of(actor) if ended_as else None),
        comment_count=_count(told.comment_count),
        task_count=_count(told.task_count),
        participants=_parts(told, as_of=as_of),
        actor=account_of(actor),
        is_opening=is_opening,
    )


def _state(text: str | None) -> PullRequestState | None:
    """The state; None for what is none, such as the `OPEN|MERGED|DECLINED` of the documentation's examples."""
    return PullRequestState(text) if text in set(PullRequestState) else None


def _branch(end: PullRequestEnd | None) -> str | None:
    if end is None or end.branch is None or end.branch.name is None:
        return None
    return kept(end.branch.name, length=BRANCH_LENGTH)


def _commit(end: PullRequestEnd | None) -> str | None:
    return None if end is None or end.commit is None else kept(end.commit.hash, length=HASH_LENGTH)


def _is_from_fork(source: PullRequestEnd | None, destination: PullRequestEnd | None) -> bool | None:
    """Whether it comes from another repository, also from one that was deleted; None where the ends were not told."""
    if source is None or destination is None or destination.repository is None:
        return None
    return source.repository is None or source.repository.uuid != destination.repository.uuid


def _closing(
    told: PullRequest, state: PullRequestState | None, *, ended_at: datetime | None, as_of: datetime
) -> Closing | None:
    """The closing time. Never the time of the last update, unless that update was the end: late comments move it."""
    if state in {None, PullRequestState.OPEN}:
        return None
    if told.closed_on is not None:
        return Closing(plausible(told.closed_on, as_of=as_of), ClosingSource.RESOURCE)
    if ended_at is not None:
        return Closing(ended_at, ClosingSource.EVENT)
    if told.merge_commit is not None and told.merge_commit.date is not None:
        return Closing(plausible(told.merge_commit.date, as_of=as_of), ClosingSource.MERGE_COMMIT)
    return None


def _count(told: int | None) -> int | None:
    return None if told is None else max(0, min(told, _LARGEST_COUNT))


def _parts(told: PullRequest, *, as_of: datetime) -> tuple[Part, ...] | None:
    """Everybody who takes part, once; None where it was not told."""
    if told.participants is None:
        return None
    parts = {part.account.uuid: part for one in told.participants if (part := _part(one, as_of=as_of)) is not None}
    for account in _accounts(told.reviewers or ()):
        known = parts.get(account.uuid)
        parts[account.uuid] = Part(
            account=account,
            is_reviewer=True,
            state=known.state if known else None,
            participated_at=known.participated_at if known else None,
        )
    return tuple(parts[uuid] for uuid in sorted(parts))


def _part(told: Participant, *, as_of: datetime) -> Part | None:
    account = account_of(told.user)
    if account is None:
        return None
    # Bodies from before there were requests for changes know `approved` only.
    state = told.state or (ReviewState.APPROVED if told.approved else None)
    return Part(
        account=account,
        is_reviewer=told.role == "REVIEWER",
        state=ReviewState(state) if state in set(ReviewState) else None,
        participated_at=None if told.participated_on is None else plausible(told.participated_on, as_of=as_of),
    )


def _accounts(users: Iterable[User]) -> Iterable[Account]:
    return (account for user in users if (account := account_of(user)) is not None)
