"""Files and folders of a repository at a commit."""

# ruff: noqa: PLR0913 - an address has up to four parts, and each is passed by its name or in the order of the address

from collections.abc import Callable, Iterator

from bitbucket.client import BitbucketClient
from bitbucket.commits import COMMIT_FIELDS
from bitbucket.messages import Response
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, under
from bitbucket.paths import Exact, FilePath, path
from bitbucket.resources import Commit, Page, Resource
from bitbucket.scopes import needs


class SourceEntry(Resource, frozen=True, kw_only=True):
    """A file (`type` commit_file, with a size in bytes) or a folder (commit_directory)."""

    path: str
    type: str
    size: int | None = None
    mimetype: str | None = None
    attributes: tuple[str, ...] = ()
    commit: Commit | None = None


@needs("repository")
def read_file(
    client: BitbucketClient,
    workspace: str,
    repository: str,
    *,
    commit: str,
    file_path: str,
    sink: Callable[[bytes], None],
) -> Response:
    """Stream the raw bytes of a file into `sink`, within the client's size cap; the answer's headers come back.

    A file of git LFS is a ForeignRedirect with the address of the media service.
    """
    return client.request(
        "GET", _address(workspace, repository, commit, file_path), headers={"Accept": "*/*"}, sink=sink
    )


@needs("repository")
def file_facts(client: BitbucketClient, workspace: str, repository: str, *, commit: str, file_path: str) -> SourceEntry:
    """What is known of a file or folder, without its content."""
    return client.get(_address(workspace, repository, commit, file_path), SourceEntry, params={"format": "meta"})


@needs("repository")
def listing(
    client: BitbucketClient, workspace: str, repository: str, *, commit: str, folder: str = "", depth: int = 1
) -> Iterator[SourceEntry]:
    """The entries of a folder, and of those below it down to `depth`. Raises TimedOutThere where that is too deep."""
    params: dict[str, str | int | bool] = {"pagelen": MOST_PER_PAGE, "max_depth": depth}
    return client.iterate(_address(workspace, repository, commit, folder), SourceEntry, params=params)


@needs("repository")
def file_history(
    client: BitbucketClient, workspace: str, repository: str, *, commit: str, file_path: str
) -> Page[SourceEntry]:
    """The commits that changed a file, from a commit on back and through renames: the first page, the newest first.

    Each entry has the path that the file had then. Raises NotFound where the commit has no such file.
    """
    root = path("repositories", workspace, repository, "filehistory", Exact(commit))
    return client.page(
        path(FilePath(file_path), root=root),
        SourceEntry,
        params={"pagelen": MOST_PER_PAGE, "renames": True},
        fields=collection("path", "type", *under("commit", *COMMIT_FIELDS)),
    )


def _address(workspace: str, repository: str, commit: str, file_path: str) -> str:
    root = path("repositories", workspace, repository, "src", Exact(commit))
    # The root folder is the one with an empty name, and its slash is not left out.
    return f"{root}/" if not file_path.strip("/") else path(FilePath(file_path), root=root)
