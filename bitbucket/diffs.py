"""What changed: diffs as they are, and their statistics by file."""

from collections.abc import Callable, Iterator

from bitbucket.client import BitbucketClient
from bitbucket.messages import Response
from bitbucket.page_sizes import most_per_page
from bitbucket.paths import Exact, path
from bitbucket.resources import Resource
from bitbucket.scopes import needs


class FileName(Resource, frozen=True, kw_only=True):
    """A file as one side of a diff has it."""

    path: str


class FileChange(Resource, frozen=True, kw_only=True):
    """One file of a diff: `status` is added, removed, modified, renamed or a kind of conflict."""

    status: str
    lines_added: int | None = None
    lines_removed: int | None = None
    old: FileName | None = None
    new: FileName | None = None


@needs("repository")
def changed_files(client: BitbucketClient, workspace: str, repository: str, spec: str) -> Iterator[FileChange]:
    """The files that a commit, or `A..B`, changes. A is the side with the changes: the other way round than in git."""
    return _changes(client, path("repositories", workspace, repository, "diffstat", Exact(spec)))


@needs("repository")
def files_since_parting(
    client: BitbucketClient, workspace: str, repository: str, *, source: str, destination: str
) -> Iterator[FileChange]:
    """The files that `source` has changed since it parted from `destination`: what a pull request between the two shows.

    One call where `files_of_pull_request` costs two, since nothing is redirected; both commits must be this repository's.
    """
    address = path("repositories", workspace, repository, "diffstat", Exact(f"{source}..{destination}"))
    return _changes(client, address, topic=True)


@needs("pullrequest")
def files_of_pull_request(
    client: BitbucketClient, workspace: str, repository: str, pull_request_id: int
) -> Iterator[FileChange]:
    """The files that a pull request changes. Bitbucket redirects to the commits of the two sides."""
    return _changes(client, path("repositories", workspace, repository, "pullrequests", pull_request_id, "diffstat"))


@needs("repository")
def diff(
    client: BitbucketClient, workspace: str, repository: str, spec: str, *, sink: Callable[[bytes], None]
) -> Response:
    """Stream a diff into `sink`, in whatever encodings its files have. Raises TimedOutThere where it is too large."""
    address = path("repositories", workspace, repository, "diff", Exact(spec))
    return client.request("GET", address, headers={"Accept": "text/plain"}, sink=sink)


@needs("pullrequest")
def diff_of_pull_request(
    client: BitbucketClient, workspace: str, repository: str, pull_request_id: int, *, sink: Callable[[bytes], None]
) -> Response:
    """Stream a pull request's diff into `sink`. Bitbucket redirects to the commits of the two sides."""
    address = path("repositories", workspace, repository, "pullrequests", pull_request_id, "diff")
    return client.request("GET", address, headers={"Accept": "text/plain"}, sink=sink)


def _changes(client: BitbucketClient, address: str, **params: bool) -> Iterator[FileChange]:
    return client.iterate(address, FileChange, params={"pagelen": most_per_page(address), **params})
