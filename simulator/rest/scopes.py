"""What one scope implies of others.

Source: the description's chapter "authentication": `X:write` grants `X`, pullrequest grants repository, pullrequest:write
grants repository:write, project grants repository; repository:admin grants nothing else (connect-protocol.md 1.2).
"""

from collections.abc import Collection

_IMPLIED = {
    "repository:write": ("repository",),
    "pullrequest": ("repository",),
    "pullrequest:write": ("pullrequest", "repository:write"),
    "project": ("repository",),
    "issue:write": ("issue",),
    "account:write": ("account",),
    "account": ("email",),
    "team:write": ("team",),
    "snippet:write": ("snippet",),
    "pipeline:write": ("pipeline",),
    "pipeline:variable": ("pipeline",),
    "runner:write": ("runner",),
}

ALL = frozenset(
    {*_IMPLIED, "repository", "repository:admin", "repository:delete", "project:write", "project:admin", "issue"}
    | {"wiki", "webhook", "snippet", "email", "team", "pipeline", "runner"}
)
"""Every scope that Bitbucket knows."""


def closure(scopes: Collection[str]) -> frozenset[str]:
    """`scopes` and all that they imply."""
    found: set[str] = set()
    waiting = list(scopes)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(_IMPLIED.get(one, ()))
    return frozenset(found)
