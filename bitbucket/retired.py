"""What became of addresses that are gone, so that an error can say where to go instead."""

import re
from typing import Final
from urllib.parse import urlsplit

_SUCCESSORS: Final = (
    (r"/2\.0/teams(/.*)?", "Teams became workspaces: use /2.0/workspaces{0}."),
    (r"/2\.0/repositories/?", "Repositories are listed by workspace: use /2.0/repositories/{{workspace}}."),
    (r"/2\.0/user/repositories/?", "Use /2.0/user/workspaces, then /2.0/repositories/{{workspace}}?role=member."),
    (r"/2\.0/user/permissions/repositories/?", "Use /2.0/user/workspaces/{{workspace}}/permissions/repositories."),
    (r"/2\.0/(?:user/permissions/)?workspaces/?", "Use /2.0/user/workspaces."),
    (r"/2\.0/snippets/?", "Snippets are listed by workspace: use /2.0/snippets/{{workspace}}."),
    (r"/2\.0/repositories/[^/]+/[^/]+/(?:issues|components|milestones|versions)(?:/.*)?",
     "Bitbucket removed its issue tracker in August 2026."),
    (r"/1\.0/(?!groups|group-privileges|invitations|users/[^/]+/invitations).*", "REST 1.0 ended in 2019: use /2.0."),
)  # fmt: skip


def successor_of(url: str) -> str:
    """A sentence that says where what was at `url` is now; empty where nothing is known of it."""
    path = urlsplit(url).path
    for pattern, sentence in _SUCCESSORS:
        match = re.fullmatch(pattern, path)
        if match is not None:
            return sentence.format(*((group or "") for group in match.groups()))
    return ""
