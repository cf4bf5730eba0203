"""What happened on a pull request, as its activity log tells it. Tasks are not in it."""

from collections.abc import Iterator
from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.comments import Comment
from bitbucket.page_sizes import MOST_PULL_REQUESTS_PER_PAGE
from bitbucket.paths import path
from bitbucket.resources import Moment, PullRequest, PullRequestEnd, Resource, User
from bitbucket.scopes import needs

ENTRIES_PER_PAGE: Final = MOST_PULL_REQUESTS_PER_PAGE


class Mark(Resource, frozen=True, kw_only=True):
    """Somebody approved, or asked for changes."""

    date: Moment | None = None
    user: User | None = None


class Update(Resource, frozen=True, kw_only=True):
    """The pull request as it stood after a change: opened, pushed to, edited, merged, declined."""

    state: str | None = None
    draft: bool | None = None
    title: str | None = None
    reason: str | None = None
    author: User | None = None
    date: Moment | None = None
    reviewers: tuple[User, ...] | None = None
    source: PullRequestEnd | None = None
    destination: PullRequestEnd | None = None


class Activity(Resource, frozen=True, kw_only=True):
    """One entry. Exactly one of the four is set, or none: entries of kinds that we do not know exist."""

    pull_request: PullRequest | None = None
    update: Update | None = None
    comment: Comment | None = None
    approval: Mark | None = None
    changes_requested: Mark | None = None


@needs("pullrequest")
def activity(client: BitbucketClient, workspace: str, repository_uuid: str, pull_request_id: int) -> Iterator[Activity]:
    """Every entry of one pull request's log, the newest first."""
    return client.iterate(
        path("repositories", workspace, repository_uuid, "pullrequests", pull_request_id, "activity"),
        Activity,
        params={"pagelen": ENTRIES_PER_PAGE},
    )
