"""Branches and tags."""

from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.commits import COMMIT_FIELDS
from bitbucket.partial_response import collection, only, under
from bitbucket.paths import Exact, path
from bitbucket.resources import Branch, Page
from bitbucket.scopes import needs

BRANCH_FIELDS: Final = ("name", "type", "links.html.href", *under("target", *COMMIT_FIELDS))


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
def branch(client: BitbucketClient, workspace: str, repository_uuid: str, name: str) -> Branch:
    """One branch with its newest commit. Raises NotFound where the repository is empty or has no such branch."""
    address = path("repositories", workspace, repository_uuid, "refs", "branches", Exact(name))
    return client.get(address, Branch, fields=only(*BRANCH_FIELDS))
