"""Pull requests of one repository."""

from dataclasses import dataclass
from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.page_sizes import MOST_PULL_REQUESTS_PER_PAGE
from bitbucket.partial_response import collection, only, under
from bitbucket.paths import is_other_uuid, path
from bitbucket.query_language import Condition
from bitbucket.resources import Page, PullRequest
from bitbucket.scopes import needs
from bitbucket.users import USER_FIELDS

_END_FIELDS: Final = ("branch.name", "commit.hash", "repository.uuid", "repository.full_name")
PULL_REQUEST_FIELDS: Final = (
    *("id", "title", "state", "draft", "queued", "created_on", "updated_on", "comment_count", "task_count"),
    "links.html.href",
    *under("author", *USER_FIELDS),
    *under("reviewers", *USER_FIELDS),
    *under("participants", "role", "approved", "state", "participated_on"),
    *under("participants.user", *USER_FIELDS),
    *under("source", *_END_FIELDS),
    *under("destination", *_END_FIELDS),
)
# `closed_on` is recorded and not in the description of the API.
CLOSING_FIELDS: Final = (
    *("reason", "closed_on", "merge_commit.hash", "merge_commit.date"),
    *under("closed_by", *USER_FIELDS),
)
ALL_STATES: Final = ("OPEN", "MERGED", "DECLINED", "SUPERSEDED")


@dataclass(frozen=True, slots=True)
class OpenPullRequests:
    """Some open pull requests of a repository.

    `total` counts all open ones; `foreign_count` those that the answer held but that go to another repository, and that
    were dropped.
    """

    pull_requests: tuple[PullRequest, ...]
    total: int | None
    has_more: bool
    foreign_count: int


@needs("pullrequest")
def open_pull_requests(
    client: BitbucketClient, workspace: str, repository_uuid: str, *, sort: str = "created_on"
) -> OpenPullRequests:
    """The open pull requests, with reviewers and participants: the first 50 in the order of `sort`, oldest first unless said."""
    page = client.page(
        path("repositories", workspace, repository_uuid, "pullrequests"),
        PullRequest,
        params={"state": "OPEN", "sort": sort, "pagelen": MOST_PULL_REQUESTS_PER_PAGE},
        fields=collection(*PULL_REQUEST_FIELDS),
    )
    ours = tuple(pull_request for pull_request in page.values if not _is_foreign(pull_request, repository_uuid))
    return OpenPullRequests(ours, page.size, page.next is not None, len(page.values) - len(ours))


def _is_foreign(pull_request: PullRequest, repository_uuid: str) -> bool:
    """True when the pull request says that it goes to another repository. Saying nothing is no offence."""
    end = pull_request.destination
    return end is not None and end.repository is not None and is_other_uuid(end.repository.uuid, repository_uuid)


@needs("pullrequest")
def pull_request(client: BitbucketClient, workspace: str, repository_uuid: str, pull_request_id: int) -> PullRequest:
    """One pull request. Raises ForeignObject when the answer is about another repository's."""
    address = path("repositories", workspace, repository_uuid, "pullrequests", pull_request_id)
    found = client.get(address, PullRequest, fields=only(*PULL_REQUEST_FIELDS, *CLOSING_FIELDS))
    if _is_foreign(found, repository_uuid):
        raise ForeignObject("The answer is about another repository's pull request.")
    return found


@needs("pullrequest")
def page_of_pull_requests(  # noqa: PLR0913 - address, filter and order
    client: BitbucketClient,
    workspace: str,
    repository_uuid: str,
    *,
    states: tuple[str, ...] = ALL_STATES,
    where: Condition | None = None,
    sort: str = "-updated_on",
) -> Page[PullRequest]:
    """One page of the pull requests in some states; go on with `client.page_at(page.next, PullRequest)`."""
    params: dict[str, int | str | tuple[str, ...]] = {
        "state": states,
        "sort": sort,
        "pagelen": MOST_PULL_REQUESTS_PER_PAGE,
    }
    if where is not None:
        params["q"] = str(where)
    return client.page(
        path("repositories", workspace, repository_uuid, "pullrequests"),
        PullRequest,
        params=params,
        fields=collection(*PULL_REQUEST_FIELDS, *CLOSING_FIELDS),
    )
