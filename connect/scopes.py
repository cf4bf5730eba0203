"""Bitbucket's scopes: their names, which imply which, and what of a descriptor needs which."""

# https://developer.atlassian.com/cloud/bitbucket/bitbucket-cloud-rest-api-scopes/

from collections.abc import Iterable
from typing import Final

KNOWN_SCOPES: Final = frozenset(
    {
        "account",
        "account:write",
        "email",
        "issue",
        "issue:write",
        "pipeline",
        "pipeline:variable",
        "pipeline:write",
        "project",
        "project:admin",
        "project:write",
        "pullrequest",
        "pullrequest:write",
        "repository",
        "repository:admin",
        "repository:delete",
        "repository:write",
        "runner",
        "runner:write",
        "snippet",
        "snippet:write",
        "team",
        "team:write",
        "test",
        "test:write",
        "webhook",
        "wiki",
    }
)
"""Every scope that Bitbucket documents. One unknown name makes the whole descriptor invalid."""

# `…:write` implies the scope without it; `repository:admin` and `repository:delete` imply nothing, on purpose.
_IMPLIED = {scope: {scope.removesuffix(":write")} for scope in KNOWN_SCOPES if scope.endswith(":write")} | {
    "project": {"repository"},
    "pullrequest": {"repository"},
    "pullrequest:write": {"pullrequest", "repository:write"},
}

SCOPE_OF_CONTEXT: Final = {
    "user": "account",
    "target_user": "account",
    "workspace": "account",
    "principal": "account",
    "repository": "repository",
    "branch": "repository",
    "commit": "repository",
    "file": "repository",
    "directory": "repository",
    "pullrequest": "pullrequest",
    "snippet": "snippet",
    "issue": "issue",
}
"""The scope without which Bitbucket leaves a `{placeholder}` of that object as it is (since 17 May 2021)."""

SCOPE_OF_CONDITION: Final = {
    "has_account_permission": "account",
    "has_workspace_permission": "account",
    "meets_access_requirements": "account",
    "user_has_premium": "account",
    "has_addon": "account",
    "flag_is_active": "account",
    "has_feature": "account",
    "has_permission": "repository",
    "has_issue_permission": "repository",
    "property_exists": "repository",
    "has_file": "repository",
    "scm": "repository",
    "is_repo_private": None,
    "contains": None,
    "equals": None,
    "user_is_logged_in": None,
    "is_binary": None,
}
"""Every condition that Bitbucket documents, with the scope without which it is false; None where it needs none."""

_SCOPE_OF_EVENTS = {
    "repo": "repository",
    "pullrequest": "pullrequest",
    "issue": "issue",
    "project": "project",
    "pipeline": "pipeline",
}


def implied_by(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes themselves and everything that holding them grants as well."""
    granted, new = set[str](), set(scopes)
    while new:
        granted |= new
        new = {implied for scope in new for implied in _IMPLIED.get(scope, ())} - granted
    return frozenset(granted)


def scope_of_event(event_key: str) -> str | None:
    """The scope without which Bitbucket filters a webhook's event out (since 1 July 2020). None for `*`."""
    return _SCOPE_OF_EVENTS.get(event_key.partition(":")[0])
