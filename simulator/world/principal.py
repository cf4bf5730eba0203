"""On whose behalf a call is made: nobody's, a person's, an app's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simulator.world.groups import privilege_through_groups

if TYPE_CHECKING:
    from simulator.world.model import Project, Repository, User, Workspace

CredentialKind = Literal["anonymous", "apitoken", "oauth2", "jwt"]

# Rising rights; an owner of the workspace administers every repository in it.
_RANK = {None: 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `home` fences an app or an access token in: outside it only what is public is seen.

    `scopes` None means no limit (an API token made without scopes); `repositories` narrows further, to these UUIDs.
    """

    kind: CredentialKind = "anonymous"
    user: User | None = None
    home: Workspace | None = None
    scopes: frozenset[str] | None = None
    repositories: frozenset[str] | None = None
    quota_key: str = ""
    app_key: str | None = None
    """the key in an app's descriptor; its properties are its own (rest-api.md 10)"""

    @classmethod
    def app(  # noqa: PLR0913 - keyword-only, and each is a fact of its own
        cls,
        *,
        user: User,
        workspace: Workspace,
        scopes: frozenset[str],
        kind: CredentialKind = "jwt",
        repositories: frozenset[str] | None = None,
        app_key: str | None = None,
        quota_key: str = "",
    ) -> Principal:
        """An installed Connect app: acts as its own user, administers the workspace within `scopes`."""
        return cls(kind, user, workspace, scopes, repositories, quota_key or f"app:{user.uuid}", app_key)

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is known to be calling."""
        return self.user is None

    def permission_on(self, repository: Repository) -> str | None:
        """`admin`, `write`, `read`, or None: what the caller may do, scopes aside."""
        public = None if repository.is_private else "read"
        if self.user is None:
            return public
        if self.repositories is not None and repository.uuid not in self.repositories:
            return public
        if self.home is not None:
            return "admin" if repository.workspace is self.home else public
        return max(self._member_permission(self.user, repository), public, key=lambda one: _RANK[one])

    def _member_permission(self, user: User, repository: Repository) -> str | None:
        if repository.workspace.personal_of is user or repository.workspace.members.get(user.uuid) == "owner":
            return "admin"
        own, through_groups = repository.permissions.get(user.uuid), privilege_through_groups(repository, user)
        return max(own, through_groups, key=lambda one: _RANK[one])

    def may(self, needed: str, repository: Repository) -> bool:
        """Whether the caller has at least `needed` on `repository`, scopes aside."""
        return _RANK[self.permission_on(repository)] >= _RANK[needed]

    def role_in(self, workspace: Workspace) -> str | None:
        """The caller's role in a workspace; an app counts as an owner of its own."""
        if self.user is None or self.repositories is not None:
            return None
        if self.home is not None:
            return "owner" if self.home is workspace else None
        if workspace.personal_of is self.user:
            return "owner"
        return workspace.members.get(self.user.uuid)

    def sees_project(self, workspace: Workspace, project: Project) -> bool:
        """Whether the caller may know of `project`."""
        return not project.is_private or self.role_in(workspace) is not None


ANONYMOUS = Principal()
