"""The resources of REST 2.0, one file a family; `ROUTES` is all that is served.

Addresses, scopes and status codes are those of the description (../shared/bitbucket/openapi.json).
"""

from simulator.rest.resources import (
    branches,
    builds,
    commits,
    pull_requests,
    removed,
    repositories,
    users,
    workspaces,
)

ROUTES = [
    route
    for module in (users, workspaces, repositories, branches, commits, builds, pull_requests, removed)
    for route in module.routes.entries
]
