"""Repositories. Addressed by UUIDs one stays the same after a rename or a transfer."""

from collections.abc import Iterator
from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, only, under
from bitbucket.paths import Exact, canonical_uuid, is_other_uuid, path
from bitbucket.resources import Page, Repository
from bitbucket.scopes import needs
from bitbucket.workspaces import my_workspaces

REPOSITORY_FIELDS: Final = only(
    *("uuid", "slug", "name", "full_name", "description", "is_private", "has_issues", "language", "size"),
    *("created_on", "updated_on", "mainbranch.name", "links.html.href", "links.avatar.href"),
    *under("workspace", "uuid", "slug", "name"),
    *under("project", "key", "uuid", "name"),
)


@needs("repository")
def repository(client: BitbucketClient, workspace: str, repository_uuid: str) -> Repository:
    """A repository by UUID. `workspace` is a UUID, a slug, or `{}` for wherever the repository is now.

    Raises ForeignObject when the answer is about another repository, NotFound where there is none for this credential.
    """
    found = client.get(
        path("repositories", workspace, canonical_uuid(repository_uuid)), Repository, fields=REPOSITORY_FIELDS
    )
    if is_other_uuid(found.uuid, repository_uuid):
        raise ForeignObject("The answer is about another repository.")
    return found


@needs("repository")
def repository_named(client: BitbucketClient, workspace: str, slug: str) -> Repository:
    """A repository by the name that it has today: what a person types. Whoever keeps an address keeps its UUID.

    An old name leads to where the repository is now, so the answer may have another slug.
    """
    return client.get(path("repositories", workspace, Exact(slug)), Repository, fields=REPOSITORY_FIELDS)


@needs("repository")
def repositories_of(client: BitbucketClient, workspace: str, *, role: str | None = None) -> Iterator[Repository]:
    """The repositories of a workspace that the caller may see; `role` narrows to admin, contributor, member or owner."""
    params: dict[str, str | int] = {"pagelen": MOST_PER_PAGE, "sort": "-updated_on"}
    if role is not None:
        params["role"] = role
    return client.iterate(
        path("repositories", workspace), Repository, params=params, fields=collection(*REPOSITORY_FIELDS.split(","))
    )


@needs("repository")
def page_of_repositories(client: BitbucketClient, workspace: str) -> Page[Repository]:
    """One page of the repositories of a workspace, the last changed first; go on with `client.page_at(page.next, Repository)`."""
    return client.page(
        path("repositories", workspace),
        Repository,
        params={"pagelen": MOST_PER_PAGE, "sort": "-updated_on"},
        fields=collection(*REPOSITORY_FIELDS.split(",")),
    )


@needs("account", "repository")
def my_repositories(client: BitbucketClient) -> Iterator[Repository]:
    """The repositories that the caller is a member of, workspace by workspace: the list of them all is gone."""
    for membership in my_workspaces(client):
        if membership.workspace is not None and membership.workspace.uuid is not None:
            yield from repositories_of(client, membership.workspace.uuid, role="member")
