"""Workspaces: what used to be teams, and what every repository belongs to; and what somebody may do in one."""

from collections.abc import Iterator
from typing import Final

from bitbucket.client import BitbucketClient
from bitbucket.errors import ForeignObject
from bitbucket.page_sizes import MOST_PER_PAGE
from bitbucket.partial_response import collection, only
from bitbucket.paths import UUID_PATTERN, canonical_uuid, is_other_uuid, path
from bitbucket.query_language import field
from bitbucket.resources import Resource, User, Workspace
from bitbucket.scopes import needs

WORKSPACE_FIELDS: Final = only(
    "uuid", "slug", "name", "is_private", "created_on", "links.html.href", "links.avatar.href"
)


class Membership(Resource, frozen=True, kw_only=True):
    """What somebody is in a workspace: `permission` is owner (an administrator), collaborator or member."""

    permission: str | None = None
    user: User | None = None
    workspace: Workspace | None = None


@needs("account")
def workspace(client: BitbucketClient, workspace: str) -> Workspace:
    """A workspace by UUID or slug. Raises ForeignObject when the answer is about another one."""
    found = client.get(path("workspaces", workspace), Workspace, fields=WORKSPACE_FIELDS)
    is_uuid = UUID_PATTERN.fullmatch(workspace) is not None
    if is_other_uuid(found.uuid, workspace) if is_uuid else _is_other_slug(found.slug, workspace):
        raise ForeignObject("The answer is about another workspace.")
    return found


@needs("account")
def permission_of(client: BitbucketClient, workspace: str, user_uuid: str) -> str | None:
    """What a user is in a workspace: owner, collaborator, member, or None for somebody from outside.

    An answer about somebody else counts as None: whoever asks before showing something fails closed.
    """
    wanted = canonical_uuid(user_uuid)
    page = client.page(
        path("workspaces", workspace, "permissions"),
        Membership,
        params={"q": str(field("user.uuid").equals(wanted)), "pagelen": 2},
        fields=collection("permission", "user.uuid"),
    )
    told = [
        one.permission for one in page.values if one.user and one.user.uuid and not is_other_uuid(one.user.uuid, wanted)
    ]
    return told[0] if len(told) == 1 else None


@needs("account")
def my_workspaces(client: BitbucketClient) -> Iterator[Membership]:
    """The workspaces of whoever is calling, with what they are in each."""
    return client.iterate(path("user", "workspaces"), Membership, params={"pagelen": MOST_PER_PAGE})


def _is_other_slug(told: str | None, expected: str) -> bool:
    return told is not None and told != expected.lower()
