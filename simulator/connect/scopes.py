"""Bitbucket's scopes: names, what includes what, and the words of the consent page (connect-protocol.md 1.2)."""

from collections.abc import Collection

SCOPE_TEXT = {
    "account": "Read your account information",
    "account:write": "Read and modify your account information",
    "email": "Read your account's primary email address",
    "issue": "Read your repositories' issues",
    "issue:write": "Read and modify your repositories' issues",
    "pipeline": "Access your repositories' build pipelines",
    "pipeline:variable": "Access your repositories' build pipelines and configure their variables",
    "pipeline:write": "Access and rerun your repositories' build pipelines",
    "project": "Read your workspace's project settings and read repositories contained within your workspace's projects",
    "project:admin": "Administer your workspace's projects",
    "project:write": "Read and modify your workspace's project settings and repositories",
    "pullrequest": "Read your repositories and their pull requests",
    "pullrequest:write": "Read and modify your repositories and their pull requests",
    "repository": "Read your repositories",
    "repository:admin": "Administer your repositories",
    "repository:delete": "Delete your repositories",
    "repository:write": "Read and modify your repositories",
    "runner": "Access your workspaces' and repositories' runners",
    "runner:write": "Access and edit your workspaces' and repositories' runners",
    "snippet": "Read your snippets",
    "snippet:write": "Read and modify your snippets",
    "team": "Read your team membership information",
    "team:write": "Read and modify your team membership information",
    "webhook": "Read and modify your repositories' webhooks",
    "wiki": "Read and modify your repositories' wikis",
}
SCOPES = frozenset(SCOPE_TEXT)

_INCLUDES = {
    "account:write": ("account",),
    "issue:write": ("issue",),
    "pipeline:variable": ("pipeline:write",),
    "pipeline:write": ("pipeline",),
    "project": ("repository",),
    "project:write": ("project", "repository:write"),
    "pullrequest": ("repository",),
    "pullrequest:write": ("pullrequest", "repository:write"),
    "repository:write": ("repository",),
    "runner:write": ("runner",),
    "snippet:write": ("snippet",),
    "team:write": ("team",),
}


def with_included(scopes: Collection[str]) -> frozenset[str]:
    """`scopes` and all that they bring with them; `repository:admin` brings nothing."""
    found: set[str] = set()
    pending = list(scopes)
    while pending:
        scope = pending.pop()
        if scope not in found:
            found.add(scope)
            pending.extend(_INCLUDES.get(scope, ()))
    return frozenset(found)
