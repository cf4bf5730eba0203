"""The operations that the service calls as an installation, and so the scopes that its descriptor has to ask for.

A new call in `sync/`, `jobs/`, `web/` or `cli/` is entered here; a test compares.
"""

from collections.abc import Callable
from typing import Any, Final

from bitbucket import (
    addon,
    commits,
    deployments,
    diffs,
    groups,
    invitations,
    issues,
    pull_request_activity,
    pull_request_reviews,
    pull_requests,
    refs,
    repositories,
    source,
    users,
    workspaces,
)
from bitbucket.scopes import scopes_of

INSTALLATION_OPERATIONS: Final[tuple[Callable[..., Any], ...]] = (
    addon.delete_addon,
    addon.update_addon,
    commits.build_statuses,
    commits.commit,
    commits.commits_of_pull_request,
    commits.page_of_commits,
    commits.statuses_of_pull_request,
    deployments.environments,
    deployments.page_of_deployments,
    diffs.changed_files,
    diffs.files_of_pull_request,
    diffs.files_since_parting,
    groups.groups,
    invitations.invitations_to_groups,
    issues.some_issues,
    pull_request_activity.activity,
    pull_request_reviews.comments,
    pull_request_reviews.tasks,
    pull_requests.open_pull_requests,
    pull_requests.page_of_pull_requests,
    pull_requests.pull_request,
    refs.branch,
    refs.newest_branches,
    refs.page_of_refs,
    refs.tag,
    repositories.page_of_repositories,
    repositories.repository,
    source.file_history,
    source.read_file,
    users.user,
    workspaces.permission_of,
    workspaces.workspace,
)

ACCESS_OPERATIONS: Final[tuple[Callable[..., Any], ...]] = (
    groups.privileges_of_repository,
    invitations.invitations_to_repository,
)
"""What the Access tab calls besides. It is for administrators, and needs a scope that nothing else does."""


def scopes_used(*, has_access_page: bool = True) -> frozenset[str]:
    """The scopes that the descriptor must hold, and no others."""
    return scopes_of(INSTALLATION_OPERATIONS + (ACCESS_OPERATIONS if has_access_page else ()))
