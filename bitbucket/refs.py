"""Branches and tags."""

from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.commits import COMMIT_FIELDS
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, only, under
from bitbucket.paths import Exact, path
from bitbucket.resources import Branch, Page
from bitbucket.scopes import needs
from bitbucket.users import USER_FIELDS

BRANCH_FIELDS: Final = ("name", "type", "links.html.href", *under("target", *COMMIT_FIELDS))
REF_FIELDS: Final = (*BRANCH_FIELDS, "date", "tagger.raw", *under("tagger.user", *USER_FIELDS))


@needs("repository")
def newest_branches(
    client: BitbucketClient, workspace: str, repository_uuid: str, *, pagelen: int = 10
) -> Page[Branch]:
    """The branches whose newest commit is the latest, newest first; `size` counts all branches of the repository."""
    return client.page(
        path("repositories", workspace, repository_uuid, "refs", "branches"),
        Branch,
        params={"sort": "-target.date", "pagelen": pagelen},
        fields=collection(*BRANCH_FIELDS),
    )


@needs("repository")
def page_of_refs(client: BitbucketClient, workspace: str, repository_uuid: str) -> Page[Branch]:
    """One page of branches and tags together, by `type`; go on with `client.page_at(page.next, Branch)`.

    Their commits tell how the repository is called now.
    """
    return client.page(
        path("repositories", workspace, repository_uuid, "refs"),
        Branch,
        params={"pagelen": MOST_PER_PAGE},
        fields=collection(*REF_FIELDS, *under("target.repository", "uuid", "name", "full_name")),
    )


@needs("repository")
def tag(client: BitbucketClient, workspace: str, repository_uuid: str, name: str) -> Branch:
    """One tag. Raises NotFound where there is none of that name."""
    address = path("repositories", workspace, repository_uuid, "refs", "tags", Exact(name))
    return client.get(address, Branch, fields=only(*REF_FIELDS))


@needs("repository")
def branch(client: BitbucketClient, workspace: str, repository_uuid: str, name: str) -> Branch:
    """One branch with its newest commit. Raises NotFound where the repository is empty or has no such branch."""
    address = path("repositories", workspace, repository_uuid, "refs", "branches", Exact(name))
    return client.get(address, Branch, fields=only(*BRANCH_FIELDS))
