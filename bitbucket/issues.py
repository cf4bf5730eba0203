"""The issue tracker of a repository. Bitbucket took its own away in August 2026; Gone and NotFound are to be expected."""

# ruff: noqa: PLR0913 - an address has up to four parts, and each is passed by its name or in the order of the address

from collections.abc import Iterator, Mapping
from typing import Final

from bitbucket.client import BitbucketClient, Payload
from bitbucket.comments import Comment, Content, as_content
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, under
from bitbucket.paths import path
from bitbucket.query_language import Condition
from bitbucket.resources import Links, Moment, Page, Resource, User
from bitbucket.scopes import needs
from bitbucket.users import USER_FIELDS

STATES: Final = ("submitted", "new", "open", "resolved", "on hold", "invalid", "duplicate", "wontfix", "closed")
KINDS: Final = ("bug", "enhancement", "proposal", "task")
PRIORITIES: Final = ("trivial", "minor", "major", "critical", "blocker")

ISSUE_FIELDS: Final = (
    *("id", "title", "state", "kind", "priority", "votes", "created_on", "updated_on", "links.html.href"),
    *under("assignee", *USER_FIELDS),
    *under("reporter", *USER_FIELDS),
)


class Issue(Resource, frozen=True, kw_only=True):
    """An issue; its `state`, `kind` and `priority` are among STATES, KINDS and PRIORITIES."""

    id: int
    title: str | None = None
    content: Content | None = None
    state: str | None = None
    kind: str | None = None
    priority: str | None = None
    reporter: User | None = None
    assignee: User | None = None
    votes: int | None = None
    watches: int | None = None
    created_on: Moment | None = None
    updated_on: Moment | None = None
    links: Links | None = None


@needs("issue")
def issues(
    client: BitbucketClient,
    workspace: str,
    repository: str,
    *,
    where: Condition | None = None,
    sort: str = "-created_on",
    most_pages: int = 50,
) -> Iterator[Issue]:
    """The issues for which `where` holds, the newest first unless said. Raises TooManyPages past `most_pages` of 100."""
    params = {"sort": sort, "pagelen": MOST_PER_PAGE, **_filter(where)}
    address = path("repositories", workspace, repository, "issues")
    return client.iterate(address, Issue, params=params, fields=collection(*ISSUE_FIELDS), most_pages=most_pages)


@needs("issue")
def some_issues(
    client: BitbucketClient,
    workspace: str,
    repository: str,
    *,
    where: Condition | None = None,
    sort: str = "-created_on",
    pagelen: int = 10,
) -> Page[Issue]:
    """One page of the issues for which `where` holds; `size` counts all of them. One call."""
    params = {"sort": sort, "pagelen": pagelen, **_filter(where)}
    address = path("repositories", workspace, repository, "issues")
    return client.page(address, Issue, params=params, fields=collection(*ISSUE_FIELDS))


@needs("issue")
def issue(client: BitbucketClient, workspace: str, repository: str, issue_id: int) -> Issue:
    """One issue, with its text."""
    return client.get(path("repositories", workspace, repository, "issues", issue_id), Issue)


@needs("issue:write")
def create_issue(client: BitbucketClient, workspace: str, repository: str, members: Mapping[str, object]) -> Issue:
    """A new issue; `title` is the one member that it needs."""
    address = path("repositories", workspace, repository, "issues")
    return client.post(address, Issue, payload=Payload.as_json(members))


@needs("issue:write")
def update_issue(
    client: BitbucketClient, workspace: str, repository: str, issue_id: int, members: Mapping[str, object]
) -> Issue:
    """Change the given members of an issue."""
    address = path("repositories", workspace, repository, "issues", issue_id)
    return client.put(address, Issue, payload=Payload.as_json(members))


@needs("issue:write")
def delete_issue(client: BitbucketClient, workspace: str, repository: str, issue_id: int) -> None:
    """Delete an issue."""
    client.delete(path("repositories", workspace, repository, "issues", issue_id))


@needs("issue")
def comments(client: BitbucketClient, workspace: str, repository: str, issue_id: int) -> Iterator[Comment]:
    """The comments of an issue, the oldest first."""
    address = path("repositories", workspace, repository, "issues", issue_id, "comments")
    return client.iterate(address, Comment, params={"pagelen": MOST_PER_PAGE})


@needs("issue:write")
def add_comment(client: BitbucketClient, workspace: str, repository: str, issue_id: int, text: str) -> Comment:
    """Comment on an issue as the caller."""
    address = path("repositories", workspace, repository, "issues", issue_id, "comments")
    return client.post(address, Comment, payload=Payload.as_json(as_content(text)))


@needs("issue:write")
def edit_comment(
    client: BitbucketClient, workspace: str, repository: str, issue_id: int, comment_id: int, *, text: str
) -> Comment:
    """Replace the text of a comment."""
    address = path("repositories", workspace, repository, "issues", issue_id, "comments", comment_id)
    return client.put(address, Comment, payload=Payload.as_json(as_content(text)))


@needs("issue:write")
def delete_comment(client: BitbucketClient, workspace: str, repository: str, issue_id: int, comment_id: int) -> None:
    """Delete a comment."""
    client.delete(path("repositories", workspace, repository, "issues", issue_id, "comments", comment_id))


def _filter(where: Condition | None) -> dict[str, str | int]:
    return {} if where is None else {"q": str(where)}
