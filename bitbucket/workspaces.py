"""Workspaces: what used to be teams, and what every repository belongs to."""

from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.partial_response import only
from bitbucket.paths import canonical_uuid, is_other_uuid, path
from bitbucket.resources import Workspace
from bitbucket.scopes import needs

WORKSPACE_FIELDS: Final = only(
    "uuid", "slug", "name", "is_private", "created_on", "links.html.href", "links.avatar.href"
)


@needs("account")
def workspace(client: BitbucketClient, workspace_uuid: str) -> Workspace:
    """A workspace by UUID. Raises ForeignObject when the answer is about another one."""
    found = client.get(path("workspaces", canonical_uuid(workspace_uuid)), Workspace, fields=WORKSPACE_FIELDS)
    if is_other_uuid(found.uuid, workspace_uuid):
        raise ForeignObject("The answer is about another workspace.")
    return found
