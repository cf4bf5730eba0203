"""Invitations by e-mail, to a repository and to groups of a workspace: REST 1.0.

Addresses are personal data: they are shown to whoever may see them, and not kept.
"""

from bitbucket.client import BitbucketClient, Payload
from bitbucket.groups import PRIVILEGES, ROOT, Account, NamedRepository
from bitbucket.paths import Exact, path
from bitbucket.resources import Resource
from bitbucket.scopes import needs


class RepositoryInvitation(Resource, frozen=True, kw_only=True):
    """An invitation to one repository. `sent_on` has no offset, so it stays text."""

    email: str
    permission: str | None = None
    sent_on: str | None = None
    invited_by: Account | None = None
    repository: NamedRepository | None = None


class GroupInvitation(Resource, frozen=True, kw_only=True):
    """A pending invitation to groups, each written as workspace/group. `utc_sent_on` is text, in UTC."""

    email: str
    groups: tuple[str, ...] = ()
    utc_sent_on: str | None = None
    invited_by: Account | None = None


@needs("repository:admin")
def invitations_to_repository(
    client: BitbucketClient, workspace: str, repository: str
) -> tuple[RepositoryInvitation, ...]:
    """The pending invitations to a repository."""
    address = path("invitations", workspace, repository, root=ROOT)
    return client.get(address, tuple[RepositoryInvitation, ...])


@needs("repository:admin")
def invite_to_repository(
    client: BitbucketClient, workspace: str, repository: str, *, email: str, permission: str
) -> RepositoryInvitation:
    """Invite somebody to a repository. Raises ValueError for an unknown permission."""
    if permission not in PRIVILEGES:
        raise ValueError(f"{permission!r} is not one of {', '.join(PRIVILEGES)}.")
    address = path("invitations", workspace, repository, Exact(email), root=ROOT)
    return client.post(address, RepositoryInvitation, payload=Payload.as_form({"permission": permission}))


@needs("account")
def invitations_to_groups(client: BitbucketClient, workspace: str) -> tuple[GroupInvitation, ...]:
    """The pending invitations to groups of a workspace."""
    return client.get(path("users", workspace, "invitations", root=ROOT), tuple[GroupInvitation, ...])


@needs("account:write")
def invite_to_group(client: BitbucketClient, workspace: str, *, email: str, group_slug: str) -> None:
    """Invite somebody to a group of a workspace."""
    address = path("users", workspace, "invitations", root=ROOT)
    client.request("PUT", address, payload=Payload.as_json({"email": email, "group_slug": group_slug}))


@needs("account:write")
def withdraw_invitation(client: BitbucketClient, workspace: str, *, email: str) -> None:
    """Withdraw every pending invitation of an address to groups of a workspace."""
    client.delete(path("users", workspace, "invitations", Exact(email), root=ROOT))
