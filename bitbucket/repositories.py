"""One repository. Addressed by UUIDs it stays the same one after a rename or a transfer."""

from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.partial_response import only, under
from bitbucket.paths import canonical_uuid, is_other_uuid, path
from bitbucket.resources import Repository
from bitbucket.scopes import needs

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
