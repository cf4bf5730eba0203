"""Groups of a workspace and what they may do with a repository: REST 1.0, kept alive because 2.0 never got it.

Three of the four resources of 1.0 that are left; the fourth is in `invitations.py`. Nothing is paged, errors are often plain text,
and the caller has to administer the workspace (Forbidden otherwise). `workspace` is a UUID or a slug.
"""

from typing import Final

from bitbucket.client import BitbucketClient, Payload
from bitbucket.paths import Exact, path
from bitbucket.resources import Resource
from bitbucket.scopes import needs

ROOT: Final = "/1.0"
PRIVILEGES: Final = ("read", "write", "admin")


class Account(Resource, frozen=True, kw_only=True):
    """A person or a workspace as 1.0 tells it. Answers from before 2019 have `username` and two names instead of ids."""

    uuid: str | None = None
    account_id: str | None = None
    display_name: str | None = None
    nickname: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    avatar: str | None = None
    is_team: bool | None = None

    @property
    def name(self) -> str:
        """What to call them, whichever of the names is told."""
        full_name = f"{self.first_name or ''} {self.last_name or ''}".strip()
        return self.display_name or full_name or self.nickname or self.username or ""


class Group(Resource, frozen=True, kw_only=True):
    """A group; `permission` is what new repositories grant it."""

    slug: str
    name: str | None = None
    permission: str | None = None
    auto_add: bool | None = None
    owner: Account | None = None
    members: tuple[Account, ...] = ()


class NamedRepository(Resource, frozen=True, kw_only=True):
    """A repository as 1.0 tells it."""

    slug: str | None = None
    name: str | None = None
    owner: Account | str | None = None


class GroupPrivilege(Resource, frozen=True, kw_only=True):
    """That a group may `privilege` (read, write, admin) a repository; `repo` is workspace/slug."""

    repo: str
    privilege: str
    group: Group
    repository: NamedRepository | None = None


@needs("account")
def groups(client: BitbucketClient, workspace: str) -> tuple[Group, ...]:
    """Every group of a workspace, with its members."""
    return client.get(_groups(workspace), tuple[Group, ...])


@needs("account")
def members(client: BitbucketClient, workspace: str, group_slug: str) -> tuple[Account, ...]:
    """The members of a group."""
    return client.get(_group(workspace, group_slug, "members"), tuple[Account, ...])


@needs("account:write")
def create_group(client: BitbucketClient, workspace: str, name: str) -> Group:
    """A new group without members or permission."""
    return client.post(_groups(workspace), Group, payload=Payload.as_form({"name": name}))


@needs("account:write")
def update_group(  # noqa: PLR0913 - the members of a group, by name
    client: BitbucketClient, workspace: str, group_slug: str, *, name: str, permission: str | None, auto_add: bool
) -> Group:
    """Replace the name and the defaults of a group. Raises ValueError for an unknown permission."""
    body = {"name": name, "permission": permission and _checked(permission), "auto_add": auto_add}
    return client.put(_group(workspace, group_slug), Group, payload=Payload.as_json(body))


@needs("account:write")
def delete_group(client: BitbucketClient, workspace: str, group_slug: str) -> None:
    """Delete a group; its members stay members of the workspace."""
    client.delete(_group(workspace, group_slug))


@needs("account:write")
def add_member(client: BitbucketClient, workspace: str, group_slug: str, user: str) -> Account:
    """Put a user (UUID) into a group. The empty object is asked for: without a body the endpoint answers 415."""
    return client.put(_group(workspace, group_slug, "members", user), Account, payload=Payload.as_json({}))


@needs("account:write")
def remove_member(client: BitbucketClient, workspace: str, group_slug: str, user: str) -> None:
    """Take a user (UUID) out of a group."""
    client.delete(_group(workspace, group_slug, "members", user))


@needs("repository:admin")
def privileges_of_repository(client: BitbucketClient, workspace: str, repository: str) -> tuple[GroupPrivilege, ...]:
    """Which groups may do what with one repository."""
    return client.get(_privileges(workspace, repository), tuple[GroupPrivilege, ...])


@needs("repository:admin")
def privileges_of_workspace(client: BitbucketClient, workspace: str) -> tuple[GroupPrivilege, ...]:
    """Which groups may do what with any repository of a workspace."""
    return client.get(_privileges(workspace), tuple[GroupPrivilege, ...])


@needs("repository:admin")
def grant(
    client: BitbucketClient, workspace: str, repository: str, group_slug: str, *, privilege: str
) -> tuple[GroupPrivilege, ...]:
    """Let a group of the workspace `privilege` a repository. Raises ValueError for an unknown privilege.

    The body is the bare word: a form gets "privilege=admin is not a valid privilege".
    """
    body = Payload(_checked(privilege).encode(), "text/plain")
    address = _privileges(workspace, repository, workspace, Exact(group_slug))
    return client.put(address, tuple[GroupPrivilege, ...], payload=body)


@needs("repository:admin")
def revoke(client: BitbucketClient, workspace: str, repository: str, group_slug: str) -> None:
    """Take what a group of the workspace may do with a repository away."""
    client.delete(_privileges(workspace, repository, workspace, Exact(group_slug)))


def _checked(privilege: str) -> str:
    if privilege not in PRIVILEGES:
        raise ValueError(f"{privilege!r} is not one of {', '.join(PRIVILEGES)}.")
    return privilege


def _groups(workspace: str) -> str:
    return path("groups", workspace, root=ROOT, trailing_slash=True)


def _group(workspace: str, group_slug: str, *rest: str) -> str:
    return path("groups", workspace, Exact(group_slug), *rest, root=ROOT, trailing_slash=True)


def _privileges(*segments: str) -> str:
    return path("group-privileges", *segments, root=ROOT, trailing_slash=True)
