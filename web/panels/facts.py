"""From Bitbucket's resources to the facts that insights judge. What an answer leaves out is filled with the plainest reading."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from bitbucket.resources import Author, Branch, BuildStatus, Participant, PullRequest, User
from insights.live import facts

REVIEWER: Final = "REVIEWER"
_BUILD_STATES: Final = frozenset(state.value for state in facts.BuildState)
_REVIEW_STATES: Final[dict[str | None, facts.ReviewState]] = {state.value: state for state in facts.ReviewState}


def account(user: User | None) -> facts.Account | None:
    """Return an account; nobody where Bitbucket names nobody, as for a deleted user."""
    if user is None or user.uuid is None:
        return None
    avatar = user.links.avatar.href if user.links and user.links.avatar else None
    return facts.Account(
        uuid=user.uuid,
        display_name=user.display_name or user.nickname or "",
        kind=user.type or "user",
        nickname=user.nickname or "",
        avatar_url=avatar,
    )


def pull_requests(resources: Iterable[PullRequest], *, now: datetime) -> tuple[facts.OpenPullRequest, ...]:
    """Return open pull requests as facts."""
    return tuple(_pull_request(resource, now=now) for resource in resources)


def branch_tip(branch: Branch) -> facts.BranchTip:
    """Return a branch with its newest commit."""
    commit = branch.target
    return facts.BranchTip(
        name=branch.name,
        commit_hash=commit.hash if commit else "",
        committed_at=commit.date if commit else None,
        author=author_name(commit.author) if commit else "",
        message=(commit.message or "") if commit else "",
    )


def builds(resources: Iterable[BuildStatus]) -> tuple[facts.Build, ...]:
    """Return commit statuses as facts; a state that Bitbucket did not have when this was written is not judged."""
    return tuple(
        facts.Build(
            key=status.key,
            state=facts.BuildState(status.state),
            updated_at=status.updated_on or status.created_on,
            name=status.name or "",
        )
        for status in resources
        if status.state in _BUILD_STATES
    )


def author_name(author: Author | None) -> str:
    """Return the name of who wrote a commit: Bitbucket's where it knows the person, else git's, never the e-mail address."""
    if author is None:
        return ""
    if author.user and author.user.display_name:
        return author.user.display_name
    return parseaddr(author.raw or "")[0]


def _pull_request(resource: PullRequest, *, now: datetime) -> facts.OpenPullRequest:
    opened = resource.created_on or resource.updated_on or now
    return facts.OpenPullRequest(
        id=resource.id,
        title=resource.title or "",
        created_at=opened,
        updated_at=resource.updated_on or opened,
        author=account(resource.author),
        is_draft=bool(resource.draft),
        source_branch=_branch_name(resource, "source"),
        destination_branch=_branch_name(resource, "destination"),
        comment_count=resource.comment_count or 0,
        participants=tuple(_participants(resource)),
    )


def _participants(resource: PullRequest) -> Iterable[facts.Participant]:
    """Reviewers are participants with that role; where an answer has only one of the two lists, it must do."""
    seen: set[str] = set()
    for participant in resource.participants or ():
        if (person := account(participant.user)) is not None:
            seen.add(person.uuid)
            yield facts.Participant(
                account=person,
                is_reviewer=participant.role == REVIEWER,
                state=_review_state(participant),
                participated_at=participant.participated_on,
            )
    for user in resource.reviewers or ():
        if (person := account(user)) is not None and person.uuid not in seen:
            yield facts.Participant(account=person, is_reviewer=True)


def _review_state(participant: Participant) -> facts.ReviewState | None:
    if participant.state in _REVIEW_STATES:
        return _REVIEW_STATES[participant.state]
    return facts.ReviewState.APPROVED if participant.approved else None


def _branch_name(resource: PullRequest, end: str) -> str:
    side = resource.source if end == "source" else resource.destination
    return (side.branch.name or "") if side and side.branch else ""
