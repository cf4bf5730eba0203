"""The operations that the service calls as an installation, and so the scopes that its descriptor has to ask for.

A new call in `sync/`, `jobs/`, `web/` or `cli/` is entered here; a test compares.
"""

from collections.abc import Callable
from typing import Any, Final

from bitbucket import addon, commits, pull_requests, refs, repositories, users, workspaces
from bitbucket.scopes import scopes_of

INSTALLATION_OPERATIONS: Final[tuple[Callable[..., Any], ...]] = (
    addon.delete_addon,
    addon.update_addon,
    commits.build_statuses,
    commits.newest_commit,
    pull_requests.open_pull_requests,
    refs.branch,
    refs.newest_branches,
    repositories.repository,
    users.user,
    workspaces.workspace,
)


def scopes_used() -> frozenset[str]:
    """The scopes that the descriptor must hold, and no others."""
    return scopes_of(INSTALLATION_OPERATIONS)
