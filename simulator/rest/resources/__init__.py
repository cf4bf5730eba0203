"""The resources of REST 2.0, one file a family; `ROUTES` is all that is served.

Addresses, scopes and status codes are those of the description (../shared/bitbucket/openapi.json).
"""

from simulator.rest.resources import (
    branch_writes,
    branches,
    branching,
    build_writes,
    builds,
    commits,
    conversations,
    default_reviewers,
    deployments,
    diffs,
    group_permissions,
    hooks,
    issues,
    permissions,
    projects,
    properties,
    pull_request_writes,
    pull_requests,
    removed,
    repositories,
    repository_writes,
    reviews,
    sources,
    users,
    workspaces,
)

_FAMILIES = (
    users,
    workspaces,
    projects,
    repositories,
    repository_writes,
    branches,
    branch_writes,
    branching,
    commits,
    builds,
    build_writes,
    diffs,
    sources,
    pull_requests,
    pull_request_writes,
    reviews,
    conversations,
    default_reviewers,
    deployments,
    permissions,
    group_permissions,
    hooks,
    issues,
    properties,
    removed,
)

ROUTES = [route for family in _FAMILIES for route in family.routes.entries]
