"""Commits, and what builds say of them."""

from collections.abc import Iterator, Sequence
from typing import Final

from bitbucket.client import BitbucketClient, Payload
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, only, under
from bitbucket.paths import Exact, path
from bitbucket.resources import BuildStatus, Commit, Page
from bitbucket.scopes import needs
from bitbucket.users import USER_FIELDS

COMMIT_FIELDS: Final = (
    *("hash", "date", "message", "parents.hash", "links.html.href", "author.raw"),
    *under("author.user", *USER_FIELDS),
)
STATUS_FIELDS: Final = (
    "key",
    "state",
    "name",
    "url",
    "description",
    "refname",
    "created_on",
    "updated_on",
    "commit.hash",
)

BUILD_STATES: Final = frozenset({"SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED"})


@needs("repository")
def newest_commit(client: BitbucketClient, workspace: str, repository_uuid: str, revision: str) -> Commit | None:
    """The newest commit that a branch, tag or hash reaches; None where it reaches none.

    Raises NotFound where there is no such revision, as in a repository without commits.
    """
    page = client.page(
        path("repositories", workspace, repository_uuid, "commits", Exact(revision)),
        Commit,
        params={"pagelen": 1},
        fields=collection(*COMMIT_FIELDS),
    )
    return page.values[0] if page.values else None


@needs("repository")
def commit(client: BitbucketClient, workspace: str, repository_uuid: str, revision: str) -> Commit:
    """The commit that a hash, full or cut, a branch or a tag stands for; also one that no branch reaches any more.

    Raises NotFound where it stands for none.
    """
    address = path("repositories", workspace, repository_uuid, "commit", Exact(revision))
    return client.get(address, Commit, fields=only(*COMMIT_FIELDS))


@needs("repository")
def page_of_commits(
    client: BitbucketClient,
    workspace: str,
    repository_uuid: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
) -> Page[Commit]:
    """One page of the commits that `include` reaches (without any: all branches and tags) and `exclude` does not.

    Newest first; both name branches, tags or hashes. Go on with `client.page_at(page.next, Commit)`. Raises NotFound where a
    name means nothing.
    """
    ends = {name: tuple(ends) for name, ends in (("include", include), ("exclude", exclude)) if ends}
    return client.page(
        path("repositories", workspace, repository_uuid, "commits"),
        Commit,
        params={"pagelen": MOST_PER_PAGE, **ends},
        fields=collection(*COMMIT_FIELDS),
    )


@needs("pullrequest")
def commits_of_pull_request(
    client: BitbucketClient, workspace: str, repository_uuid: str, pull_request_id: int
) -> Iterator[Commit]:
    """The commits that a pull request brings, or brought, the newest first."""
    return client.iterate(
        path("repositories", workspace, repository_uuid, "pullrequests", pull_request_id, "commits"),
        Commit,
        params={"pagelen": MOST_PER_PAGE},
        fields=collection(*COMMIT_FIELDS),
    )


@needs("pullrequest")
def statuses_of_pull_request(
    client: BitbucketClient, workspace: str, repository_uuid: str, pull_request_id: int
) -> Iterator[BuildStatus]:
    """What builds say of all commits of a pull request; each status names its commit."""
    return client.iterate(
        path("repositories", workspace, repository_uuid, "pullrequests", pull_request_id, "statuses"),
        BuildStatus,
        params={"pagelen": MOST_PER_PAGE},
        fields=collection(*STATUS_FIELDS),
    )


@needs("repository")
def build_statuses(
    client: BitbucketClient, workspace: str, repository_uuid: str, commit: str, *, pagelen: int = MOST_PER_PAGE
) -> Page[BuildStatus]:
    """What builds say of a commit, the first page of it; one status for each key."""
    return client.page(
        path("repositories", workspace, repository_uuid, "commit", Exact(commit), "statuses"),
        BuildStatus,
        params={"pagelen": pagelen},
        fields=collection(*STATUS_FIELDS),
    )


@needs("repository")
def report_build(
    client: BitbucketClient, workspace: str, repository: str, commit: str, status: BuildStatus
) -> BuildStatus:
    """Say what a build thinks of a commit; a status with the same key is replaced. `state` is one of BUILD_STATES."""
    body = _told(status, "key", "state", "name", "url", "description", "refname")
    address = path("repositories", workspace, repository, "commit", Exact(commit), "statuses", "build")
    return client.post(address, BuildStatus, payload=body)


@needs("repository")
def update_build(
    client: BitbucketClient, workspace: str, repository: str, commit: str, status: BuildStatus
) -> BuildStatus:
    """Change the status with this key, which itself stays. `state` is one of BUILD_STATES."""
    body = _told(status, "state", "name", "url", "description", "refname")
    segments = ("commit", Exact(commit), "statuses", "build", Exact(status.key))
    return client.put(path("repositories", workspace, repository, *segments), BuildStatus, payload=body)


def _told(status: BuildStatus, *members: str) -> Payload:
    """The members of a status that say something. Raises ValueError for a state that Bitbucket does not know."""
    if status.state not in BUILD_STATES:
        raise ValueError(f"{status.state!r} is not a state of a build.")
    told = {name: getattr(status, name) for name in members}
    return Payload.as_json({name: value for name, value in told.items() if value is not None})
